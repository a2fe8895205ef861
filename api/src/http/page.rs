//! Lists by cursor: which page is asked for, and the reply with it.

use actix_web::HttpRequest;
use serde::Serialize;
use utoipa::openapi::path::Parameter;

use super::cursor::{After, Cursor, next_link};
use super::position::Position;
use super::problem::Problem;
use super::query::{Limit, Parameters, QueryField, parameter};
use super::reply::{self, Listed};

/// A page of a list that is ordered by `P`. As a field of [`query_params!`](crate::query_params) it takes the
/// parameters `limit` and `cursor`; the field's doc comment describes `limit`.
///
/// Read one item more than the page has, [`rows`](Self::rows): whether it is there tells whether there is a next page.
pub struct Page<P> {
    /// The position of the last item of the page before; `None` for the first page.
    pub after: Option<P>,
    /// How many items to read at most: one more than the page has.
    pub rows: i64,
    limit: Limit,
    request: HttpRequest,
}

impl<P: Position> Page<P> {
    /// The page with what was found from [`after`](Self::after) on, and where the next one is, if there is one.
    ///
    /// # Errors
    /// When an item cannot be written as JSON: a mistake in the program, a 500.
    pub fn reply<S, T: Serialize>(
        self,
        found: Vec<S>,
        position: impl Fn(&S) -> P,
        body: impl Fn(S) -> T,
    ) -> Result<Listed<T>, Problem> {
        self.reply_or_go_on(found, position, body, None)
    }

    /// The same of a list in which looking may have `stopped_at` a position before the page was full: the next page goes
    /// on after that.
    ///
    /// # Errors
    /// As [`Self::reply`].
    pub fn reply_or_go_on<S, T: Serialize>(
        self,
        mut found: Vec<S>,
        position: impl Fn(&S) -> P,
        body: impl Fn(S) -> T,
        stopped_at: Option<P>,
    ) -> Result<Listed<T>, Problem> {
        let more = found.len() > self.limit.get();
        found.truncate(self.limit.get());
        let last = if more { found.last().map(position) } else { stopped_at };
        let next = last.map(|last| {
            let cursor = Cursor::after(last.to_bytes());
            (next_link(&self.request, &cursor), cursor.encode())
        });
        reply::page_of(found.into_iter().map(body).collect(), next)
    }
}

impl<P: Position> QueryField for Page<P> {
    fn parameters(_: &str, doc_lines: &[&str]) -> Vec<Parameter> {
        let cursor = ["Where the page starts: `nextCursor` of the page before, or from its `Link`."];
        vec![parameter::<Limit>("limit", doc_lines), parameter::<Option<Cursor>>("cursor", &cursor)]
    }

    fn take(parameters: &mut Parameters, request: &HttpRequest, _: &str) -> Option<Self> {
        let limit = parameters.take::<Limit>("limit");
        let after = parameters.take::<Option<After<P>>>("cursor");
        let (limit, after) = (limit?, after?.map(|After(position)| position));
        Some(Self { after, rows: limit.with_one_more(), limit, request: request.clone() })
    }
}

/// The whole of a list that has no more than one page.
///
/// # Errors
/// As [`Page::reply`].
pub fn whole_list<T: Serialize>(items: impl Iterator<Item = T>) -> Result<Listed<T>, Problem> {
    reply::page_of(items.collect(), None)
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::test::TestRequest;

    use super::*;

    fn page(uri: &str) -> Page<i32> {
        let request = TestRequest::with_uri(uri).to_http_request();
        let mut parameters = Parameters::of(&request).ok().unwrap();
        Page::take(&mut parameters, &request, "page").unwrap()
    }

    #[test]
    fn a_page_leads_to_the_next_one_when_there_is_more() {
        let first = page("/v1/things?limit=2");
        assert_eq!((first.after, first.rows), (None, 3));
        let reply: HttpResponse = first.reply(vec![1, 2, 3], |item| *item, |item| item).ok().unwrap().into();
        let link = reply.headers().get("Link").unwrap().to_str().unwrap().to_owned();
        let next = link.trim_start_matches('<').split('>').next().unwrap();
        let second = page(next);
        assert_eq!((second.after, second.rows), (Some(2), 3));
        let reply: HttpResponse = second.reply(vec![3], |item| *item, |item| item).ok().unwrap().into();
        assert!(!reply.headers().contains_key("Link"));
    }
}

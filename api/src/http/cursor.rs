//! Paging: opaque cursors and the `Link` header that leads to the next page (RFC 8288).

use actix_web::HttpRequest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use groeilijn_domain::values::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use uuid::Uuid;

use super::described::Described;
use super::text_value::ParseText;

/// The first byte of a cursor, so that a later form can be told from this one.
const VERSION: u8 = 1;

/// The most bytes that a position has.
const MOST_BYTES: usize = 64;

/// Where a page starts: after the item at this position. Opaque to clients, which get it from `Link`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Vec<u8>);

impl Cursor {
    /// A cursor after this position: 1 to 64 bytes that mean something to the list that gave it.
    pub fn after(position: impl Into<Vec<u8>>) -> Self {
        Self(position.into())
    }

    /// The position.
    pub fn position(&self) -> &[u8] {
        &self.0
    }

    /// As it stands in a query.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len() + 1);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.0);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Where a page of a list that is ordered by id starts: after the item with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After<T>(pub T);

impl<T: From<Uuid>> ParseText for After<T> {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let cursor = Cursor::parse_text(text)?;
        Uuid::from_slice(cursor.position()).map(|id| Self(id.into())).map_err(|_| not_a_cursor())
    }
}

impl<T> Described for After<T> {
    fn schema() -> RefOr<Schema> {
        Cursor::schema()
    }
}

/// The refusal of a cursor that no list gave: also for lists that do not know the position in it.
pub fn not_a_cursor() -> Refusal {
    Refusal::new("not-a-cursor", "must be a cursor from the Link header of the page before")
}

impl ParseText for Cursor {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| not_a_cursor())?;
        match bytes.split_first() {
            Some((&VERSION, position)) if (1..=MOST_BYTES).contains(&position.len()) => {
                Ok(Self(position.to_vec()))
            }
            _ => Err(not_a_cursor()),
        }
    }
}

impl Described for Cursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(88))
            .pattern(Some("^[A-Za-z0-9_-]+$"))
            .into()
    }
}

/// One page of a list. Where it goes on is in the `Link` header; without that, this is the last page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page, in the order of the list.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
}

/// The `Link` to the next page: the request's own path and query with another cursor, as a relative reference,
/// which stays right behind any proxy.
pub fn next_link(request: &HttpRequest, next: &Cursor) -> String {
    let kept =
        request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let cursor = format!("cursor={}", next.encode());
    let query = kept.chain([cursor.as_str()]).collect::<Vec<_>>().join("&");
    format!("<{}?{query}>; rel=\"next\"", request.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = Cursor::after(*b"\x00\xffposition");
        assert_eq!(Cursor::parse_text(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn anything_else_is_refused() {
        let too_long = Cursor::after([7; 65]).encode();
        for text in ["", "AQ", "AgE", "AQ==", "!", &too_long] {
            assert_eq!(Cursor::parse_text(text).unwrap_err().code, "not-a-cursor", "{text}");
        }
    }

    #[test]
    fn the_link_keeps_the_rest_of_the_query() {
        let request = TestRequest::with_uri("/v1/pupils?limit=10&cursor=old&sort=a%20b").to_http_request();
        let link = next_link(&request, &Cursor::after([2]));
        assert_eq!(link, "</v1/pupils?limit=10&sort=a%20b&cursor=AQI>; rel=\"next\"");
        let request = TestRequest::with_uri("/v1/pupils").to_http_request();
        assert_eq!(next_link(&request, &Cursor::after([2])), "</v1/pupils?cursor=AQI>; rel=\"next\"");
    }
}

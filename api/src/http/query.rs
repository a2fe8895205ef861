//! Query parameters, read like bodies: every mistake together, unknown parameters refused.

use std::borrow::Cow;

use actix_web::{HttpRequest, web};
use groeilijn_domain::values::bsn::refuse_bsn;
use groeilijn_domain::values::refusal::Refusal;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, Required};

use super::described::{Described, camel_case, description, whole_number};
use super::problem::{FieldError, MOST_ERRORS, Problem};
use super::text_value::ParseText;

/// A type that a query parameter is read into.
pub trait FromQuery: Described + Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Why the text is refused.
    fn from_query(text: &str) -> Result<Self, Refusal>;

    /// What it is when the parameter is not there.
    ///
    /// # Errors
    /// `required`, unless the type says otherwise.
    fn absent() -> Result<Self, Refusal> {
        Err(Refusal::new("required", "is required"))
    }

    /// The schema of the parameter: a query has no null.
    fn parameter_schema() -> RefOr<Schema> {
        Self::schema()
    }
}

impl<T: ParseText + Described> FromQuery for T {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        T::parse_text(text)
    }
}

impl<T: FromQuery> FromQuery for Option<T> {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        T::from_query(text).map(Some)
    }

    fn absent() -> Result<Self, Refusal> {
        Ok(None)
    }

    fn parameter_schema() -> RefOr<Schema> {
        T::parameter_schema()
    }
}

impl FromQuery for bool {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| Refusal::new("not-a-boolean", "must be true or false"))
    }
}

/// A field of [`query_params!`](crate::query_params): one parameter, or several that belong together.
pub trait QueryField: Sized {
    /// The parameters it is read from, of which the first is described by these lines.
    fn parameters(rust_name: &str, doc_lines: &[&str]) -> Vec<Parameter>;

    /// Takes them. `None` when one of them is refused, which [`Parameters::finish`] then reports.
    fn take(parameters: &mut Parameters, request: &HttpRequest, rust_name: &str) -> Option<Self>;
}

impl<T: FromQuery> QueryField for T {
    fn parameters(rust_name: &str, doc_lines: &[&str]) -> Vec<Parameter> {
        vec![parameter::<T>(rust_name, doc_lines)]
    }

    fn take(parameters: &mut Parameters, _: &HttpRequest, rust_name: &str) -> Option<Self> {
        parameters.take(rust_name)
    }
}

/// How many items one page has: 1 to 100, and 25 when the client does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    const DEFAULT: u8 = 25;

    /// The most items that a page has.
    pub const MOST: u8 = 100;

    /// The number of items.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// One item more than the page has: whether it is there tells whether there is a next page.
    pub fn with_one_more(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Described for Limit {
    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        whole_number(1, Self::MOST.into()).default(Some(Self::DEFAULT.into())).into()
    }
}

impl FromQuery for Limit {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let number = text.parse().ok().filter(|number| (1..=Self::MOST).contains(number));
        number.map(Self).ok_or_else(|| {
            Refusal::new("out-of-range", format!("must be a whole number from 1 to {}", Self::MOST))
        })
    }

    fn absent() -> Result<Self, Refusal> {
        Ok(Self(Self::DEFAULT))
    }
}

/// The parameters of one query, taken one by one; what is not taken is unknown and refused.
pub struct Parameters {
    sent: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Parameters {
    /// The parameters of a request's query. None of them may hold a citizen service number (C030).
    ///
    /// # Errors
    /// 400 when the query is not percent-encoded UTF-8.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Self::parse(request.query_string())
    }

    fn parse(query: &str) -> Result<Self, Problem> {
        let sent = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|_| {
            FieldError::query("", Refusal::new("malformed-query", "must be percent-encoded UTF-8"))
        })?;
        let sent = sent.into_inner();
        let errors = sent.iter().filter_map(|(name, value)| {
            let refusal = refuse_bsn(name).and_then(|()| refuse_bsn(value)).err()?;
            Some(FieldError::query(name.clone(), refusal))
        });
        Ok(Self { errors: errors.take(MOST_ERRORS).collect(), sent })
    }

    /// The parameter for a Rust field of this name.
    pub fn take<T: FromQuery>(&mut self, rust_name: &str) -> Option<T> {
        let name = camel_case(rust_name);
        let mut values = self.sent.extract_if(.., |(sent, _)| *sent == name).map(|(_, value)| value);
        let value = match (values.next(), values.next()) {
            (None, _) => T::absent(),
            (Some(value), None) => T::from_query(&value),
            (Some(_), Some(_)) => Err(Refusal::new("repeated", "must not be given more than once")),
        };
        drop(values);
        value.map_err(|refusal| self.refuse(name, refusal)).ok()
    }

    /// The parameter of this name as often as it is given.
    pub fn take_each<T: FromQuery>(&mut self, name: &'static str) -> Vec<T> {
        let values: Vec<_> = self.sent.extract_if(.., |(sent, _)| sent == name).collect();
        let read = values.into_iter().filter_map(|(_, value)| {
            T::from_query(&value).map_err(|refusal| self.refuse(name, refusal)).ok()
        });
        read.collect()
    }

    /// Notes that a parameter is refused.
    pub fn refuse(&mut self, name: impl Into<Cow<'static, str>>, refusal: Refusal) {
        self.errors.push(FieldError::query(name, refusal));
    }

    /// Refuses the parameters that were not taken.
    ///
    /// # Errors
    /// 400 with everything that is wrong in the query.
    pub fn finish(mut self) -> Result<(), Problem> {
        let unknown = self.sent.into_iter().take(MOST_ERRORS).map(|(name, _)| {
            FieldError::query(name, Refusal::new("unknown-parameter", "there is no such parameter"))
        });
        self.errors.extend(unknown);
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }
}

/// The description of one query parameter.
pub fn parameter<T: FromQuery>(rust_name: &str, doc_lines: &[&str]) -> Parameter {
    ParameterBuilder::new()
        .name(camel_case(rust_name))
        .parameter_in(ParameterIn::Query)
        .description(Some(description(doc_lines)))
        .required(if T::REQUIRED { Required::True } else { Required::False })
        .schema(Some(T::parameter_schema()))
        .build()
}

/// Declares the query parameters of an operation, in the way of [`request_body!`](crate::request_body).
#[macro_export]
macro_rules! query_params {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $doc])*
        $vis struct $name {
            $($(#[doc = $field_doc])* $vis $field: $type,)*
        }

        impl $crate::http::input::Input for $name {
            const READS: $crate::http::input::Reads =
                $crate::http::input::Reads { query: true, ..$crate::http::input::Reads::NOTHING };

            fn parameters() -> Vec<::utoipa::openapi::path::Parameter> {
                let each: Vec<Vec<_>> = vec![$(
                    <$type as $crate::http::query::QueryField>::parameters(stringify!($field), &[$($field_doc),*])
                ),*];
                each.into_iter().flatten().collect()
            }

            async fn read(
                request: &::actix_web::HttpRequest,
                _: &mut ::actix_web::dev::Payload,
            ) -> Result<Self, $crate::http::problem::Problem> {
                let mut parameters = $crate::http::query::Parameters::of(request)?;
                $(let $field = <$type as $crate::http::query::QueryField>::take(
                    &mut parameters, request, stringify!($field),
                );)*
                parameters.finish()?;
                match ($($field,)*) {
                    ($(Some($field),)*) => Ok(Self { $($field,)* }),
                    _ => Err($crate::http::problem::Problem::internal("a parameter was lost")),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::input::Input;
    use actix_web::dev::Payload;
    use actix_web::test::TestRequest;
    use jiff::civil::Date;

    query_params! {
        /// What to list.
        struct ListThings {
            /// How many.
            limit: Limit,
            born_after: Option<Date>,
            active: bool,
        }
    }

    async fn read(query: &str) -> Result<ListThings, Problem> {
        let request = TestRequest::with_uri(&format!("/things?{query}")).to_http_request();
        ListThings::read(&request, &mut Payload::None).await
    }

    #[actix_web::test]
    async fn parameters_are_read() {
        let things = read("active=true&bornAfter=2024-01-01").await.ok().unwrap();
        assert_eq!((things.limit.get(), things.active), (25, true));
        assert!(things.born_after.is_some());
        assert_eq!(read("active=true&limit=100").await.ok().unwrap().limit.get(), 100);
    }

    #[actix_web::test]
    async fn every_mistake_is_reported_together() {
        let problem = read("limit=101&bornAfter=x&bornAfter=y&sort=name").await.err().unwrap();
        let codes: Vec<_> = problem.errors.iter().map(FieldError::code).collect();
        assert_eq!(codes, ["out-of-range", "repeated", "required", "unknown-parameter"]);
        for query in ["active=true&bornAfter=111222333", "active=true&x111222333=1"] {
            assert_eq!(read(query).await.err().unwrap().errors[0].code(), "bsn", "{query}");
        }
    }

    #[test]
    fn parameters_are_described() {
        let parameters = serde_json::to_value(ListThings::parameters()).unwrap();
        assert_eq!(parameters[0]["name"], "limit");
        assert_eq!(parameters[0]["required"], false);
        assert_eq!(parameters[0]["schema"]["maximum"], 100);
        assert_eq!(parameters[2]["required"], true);
    }
}

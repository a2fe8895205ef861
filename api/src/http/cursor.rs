//! Paging: opaque cursors and the `Link` header that leads to the next page (RFC 8288).

use actix_web::HttpRequest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use groeilijn_domain::values::refusal::Refusal;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::described::Described;
use super::position::Position;
use super::text_value::ParseText;

/// The first byte of a cursor, so that a later form can be told from this one.
const VERSION: u8 = 1;

/// The most bytes that a position has.
const MOST_BYTES: usize = 64;

/// Where a page starts: after the item at this position. Opaque to clients, which get it from the page before.
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

/// Where a page starts: after the item at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After<P>(pub P);

impl<P: Position> ParseText for After<P> {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        P::from_bytes(Cursor::parse_text(text)?.position()).map(Self).ok_or_else(not_a_cursor)
    }
}

impl<P> Described for After<P> {
    fn schema() -> RefOr<Schema> {
        Cursor::schema()
    }
}

/// The refusal of a cursor that no list gave, or another list.
fn not_a_cursor() -> Refusal {
    Refusal::new(
        "not-a-cursor",
        "must be the nextCursor of the page before, or the cursor in its Link header",
    )
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
    use groeilijn_domain::values::ids::PupilId;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = Cursor::after(*b"\x00\xffposition");
        assert_eq!(Cursor::parse_text(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn a_position_of_another_list_is_refused() {
        let version = Cursor::after(3_i32.to_bytes()).encode();
        assert_eq!(After::<i32>::parse_text(&version), Ok(After(3)));
        let pupil = Cursor::after([7; 16]).encode();
        assert_eq!(After::<i32>::parse_text(&pupil).unwrap_err().code, "not-a-cursor");
        assert!(After::<PupilId>::parse_text(&pupil).is_ok());
        assert!(After::<PupilId>::parse_text(&version).is_err());
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

//! The values of an operation in a batch.

use actix_web::http::{Method, Uri};
use groeilijn_domain::values::refusal::Refusal;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::http::described::{Described, one_of};
use crate::http::text_value::ParseText;

/// The method of an operation in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BatchMethod {
    Post,
    Patch,
    Delete,
}

/// The path of an operation in a batch, with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BatchPath(pub(super) Uri);

/// What stands in a header when an operation comes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeaderText(pub(super) String);

impl BatchMethod {
    const ALL: [Self; 3] = [Self::Post, Self::Patch, Self::Delete];

    fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(super) fn http(self) -> Method {
        match self {
            Self::Post => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}

impl ParseText for BatchMethod {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let found = Self::ALL.into_iter().find(|method| method.name() == text);
        found.ok_or_else(|| Refusal::new("not-in-list", "must be one of: POST, PATCH, DELETE"))
    }
}

impl Described for BatchMethod {
    fn schema() -> RefOr<Schema> {
        one_of(Self::ALL.map(Self::name)).into()
    }
}

impl BatchPath {
    const MOST_CHARACTERS: usize = 2000;
}

impl ParseText for BatchPath {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let is_ours = text.len() <= Self::MOST_CHARACTERS && text.starts_with("/v1/");
        let uri = Uri::try_from(text).ok().filter(|uri| is_ours && uri.scheme().is_none());
        uri.map(Self).ok_or_else(|| Refusal::new("not-a-path", "must be a path that begins with /v1/"))
    }
}

impl Described for BatchPath {
    fn schema() -> RefOr<Schema> {
        visible(Self::MOST_CHARACTERS, "^/v1/[!-~]+$").examples([EXAMPLE_PATH]).into()
    }
}

/// A path that nothing is at.
const EXAMPLE_PATH: &str = "/v1/registrations/01999999-0000-7000-8000-000000000001";

impl HeaderText {
    const MOST_CHARACTERS: usize = 128;
}

impl ParseText for HeaderText {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible && (1..=Self::MOST_CHARACTERS).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new("not-a-header", "must be 1 to 128 visible ASCII characters"))
    }
}

impl Described for HeaderText {
    fn schema() -> RefOr<Schema> {
        visible(Self::MOST_CHARACTERS, "^[!-~]+$").examples(["\"r7\""]).into()
    }
}

fn visible(most: usize, pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(most))
        .pattern(Some(pattern))
}

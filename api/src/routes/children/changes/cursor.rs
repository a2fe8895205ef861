//! Where a feed goes on.

use std::fmt::{self, Display, Formatter};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use groeilijn_domain::children::feed::not_a_cursor;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::Error;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, Required};

use crate::http::described::{Described, header};
use crate::http::input::{Input, Reads};
use crate::http::problem::{FieldError, Problem};
use crate::http::text_value::ParseText;

/// Where a feed goes on. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedCursor(pub(super) Vec<u8>);

impl FeedCursor {
    /// More than any has.
    const MOST_CHARACTERS: usize = 6_500;
}

impl Display for FeedCursor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl ParseText for FeedCursor {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| not_a_cursor())?;
        if bytes.is_empty() { Err(not_a_cursor()) } else { Ok(Self(bytes)) }
    }
}

impl Described for FeedCursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(Self::MOST_CHARACTERS))
            .pattern(Some("^[A-Za-z0-9_-]+$"))
            .into()
    }
}

impl serde::Serialize for FeedCursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The `Last-Event-ID` header, which clients of a stream of events send when they begin anew: the cursor of the last event that
/// they had (HTML Living Standard, section 9.2.4).
pub(super) struct LastEventId(pub(super) Option<FeedCursor>);

impl LastEventId {
    const NAME: &str = "Last-Event-ID";

    /// The problem of an error, where what is refused stands in the header.
    pub(super) fn refused(error: Error) -> Problem {
        match error {
            Error::Invalid(refusals) => {
                let refused =
                    refusals.into_iter().map(|(_, refusal)| FieldError::header(Self::NAME, refusal));
                Problem::invalid(refused.collect())
            }
            error => error.into(),
        }
    }
}

impl Input for LastEventId {
    const READS: Reads = Reads::NOTHING;

    fn parameters() -> Vec<Parameter> {
        let cursor =
            ObjectBuilder::new().schema_type(Type::String).max_length(Some(FeedCursor::MOST_CHARACTERS));
        let description =
            "The `id` of the last event that came, when a stream broke off. It counts before `after`.";
        vec![header(Self::NAME, Required::False, description, cursor)]
    }

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let Some(sent) = request.headers().get(Self::NAME) else { return Ok(Self(None)) };
        let cursor = sent.to_str().map_err(|_| not_a_cursor()).and_then(FeedCursor::parse_text);
        match cursor {
            Ok(cursor) => Ok(Self(Some(cursor))),
            Err(refusal) => Err(Problem::invalid(vec![FieldError::header(Self::NAME, refusal)])),
        }
    }
}

//! Entity tags (RFC 9110, section 8.8.3): those of revisions and those of content.

use std::fmt;

use actix_web::http::header::{HeaderValue, InvalidHeaderValue, TryIntoHeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::described::Described;

/// The strong entity tag of a revision: revision 7 is `"r7"`. It names the revision, not the bytes of one reply, so it is
/// the same in a header, in a body and whatever the reply is compressed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag(pub i32);

impl ETag {
    /// As it stands between the quotes.
    pub fn opaque(self) -> String {
        format!("r{}", self.0)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.opaque())
    }
}

impl TryIntoHeaderValue for ETag {
    type Error = InvalidHeaderValue;

    fn try_into_value(self) -> Result<HeaderValue, Self::Error> {
        HeaderValue::try_from(self.to_string())
    }
}

impl Serialize for ETag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Described for ETag {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(13))
            .pattern(Some(r#"^"r[0-9]+"$"#))
            .examples(["\"r7\""])
            .into()
    }
}

/// The entity tag of the bytes of a reply, for what has no revision of its own. It is weak, because the same body may be
/// sent compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTag(String);

impl ContentTag {
    /// The tag of a body, as it is before it is compressed.
    pub fn of(body: &[u8]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(body)))
    }

    /// As it stands between the quotes.
    pub fn opaque(&self) -> &str {
        &self.0
    }
}

impl TryIntoHeaderValue for ContentTag {
    type Error = InvalidHeaderValue;

    fn try_into_value(self) -> Result<HeaderValue, Self::Error> {
        HeaderValue::try_from(format!("W/\"{}\"", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_written_as_a_strong_tag() {
        assert_eq!(ETag(7).try_into_value().unwrap(), "\"r7\"");
        assert_eq!(serde_json::to_string(&ETag(7)).unwrap(), r#""\"r7\"""#);
    }
}

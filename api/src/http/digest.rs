//! SHA-256 digests of documents that are kept elsewhere.

use groeilijn_domain::values::refusal::Refusal;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::described::Described;
use super::text_value::ParseText;

/// A SHA-256 digest, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256Hex(pub [u8; 32]);

impl ParseText for Sha256Hex {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map(|()| Self(bytes))
            .map_err(|_| Refusal::new("not-a-digest", "must be 64 hexadecimal digits"))
    }
}

impl Described for Sha256Hex {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9A-Fa-f]{64}$"))
            .max_length(Some(64))
            .examples(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
            .into()
    }
}

impl Serialize for Sha256Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

//! Secrets in a body that this service gave out before: links of letters and refresh tokens.

use groeilijn_domain::values::refusal::Refusal;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};

use super::described::Described;
use super::fields::{Errors, FromJson};
use super::pointer::Pointer;
use crate::secret::Secret;

/// A secret that was given out; nothing when it cannot be one, which is answered like one that never was.
pub struct SentSecret(pub Option<Secret>);

impl SentSecret {
    /// How many characters it may have: more than any that was given out, so that the form may change.
    const MOST_CHARACTERS: usize = 256;
}

impl Described for SentSecret {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).write_only(true);
        text.max_length(Some(Self::MOST_CHARACTERS))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .into()
    }
}

impl FromJson for SentSecret {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let text = String::from_json(value, at, errors)?;
        if text.chars().count() <= Self::MOST_CHARACTERS {
            return Some(Self(Secret::parse(&text)));
        }
        errors.refuse(at, Refusal::new("too-long", "no secret that was given out is as long"));
        None
    }
}

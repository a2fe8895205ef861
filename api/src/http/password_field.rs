//! Passwords in a body: one that is being chosen, one that is being tried, and one of a document.

use groeilijn_domain::access::document_password::DocumentPassword;
use groeilijn_domain::access::password::Password;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{KnownFormat, RefOr};

use super::described::{Described, formatted};
use super::fields::{Errors, FromJson};
use super::pointer::Pointer;

/// A password that somebody chooses: every broken rule is reported (C056–C058).
pub struct ChosenPassword(pub Password);

/// A password that somebody logs in with: whether it is right says nothing about the rules of today.
pub struct TriedPassword(pub Password);

impl Described for ChosenPassword {
    fn schema() -> RefOr<Schema> {
        password()
            .min_length(Some(Password::LEAST_CHARACTERS))
            .max_length(Some(Password::MOST_CHARACTERS))
            .into()
    }
}

/// A password that somebody chooses for a document: every broken rule is reported (C085).
pub struct PasswordOfDocument(pub DocumentPassword);

impl Described for PasswordOfDocument {
    fn schema() -> RefOr<Schema> {
        password()
            .min_length(Some(DocumentPassword::LEAST_CHARACTERS))
            .max_length(Some(DocumentPassword::MOST_CHARACTERS))
            .into()
    }
}

impl FromJson for PasswordOfDocument {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let text = String::from_json(value, at, errors)?;
        match DocumentPassword::new(text) {
            Ok(password) => Some(Self(password)),
            Err(broken_rules) => {
                broken_rules.into_iter().for_each(|refusal| errors.refuse(at, refusal));
                None
            }
        }
    }
}

impl Described for TriedPassword {
    fn schema() -> RefOr<Schema> {
        password().max_length(Some(Password::MOST_BYTES_TRIED)).into()
    }
}

fn password() -> ObjectBuilder {
    formatted(KnownFormat::Password).write_only(true)
}

impl FromJson for ChosenPassword {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let text = String::from_json(value, at, errors)?;
        let broken_rules = match Password::new(text) {
            Ok(password) => return Some(Self(password)),
            Err(broken_rules) => broken_rules,
        };
        broken_rules.into_iter().for_each(|refusal| errors.refuse(at, refusal));
        None
    }
}

impl FromJson for TriedPassword {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let text = String::from_json(value, at, errors)?;
        Password::unchecked(text).map(Self).map_err(|refusal| errors.refuse(at, refusal)).ok()
    }
}

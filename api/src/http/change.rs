//! What a merge patch (RFC 7396) does to one field: absent, null and a value mean three different things.

use groeilijn_domain::values::refusal::Refusal;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::described::{Described, NamedSchemas, nullable};
use super::fields::{Errors, FromJson};
use super::pointer::Pointer;

/// A change to a field that always has a value. Null is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<T> {
    /// The field was absent and stays as it is.
    Keep,
    /// The field gets this value.
    Set(T),
}

/// A change to a field that may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeOrClear<T> {
    /// The field was absent and stays as it is.
    Keep,
    /// The field was null and becomes empty.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Change<T> {
    /// Makes the change.
    pub fn apply(self, field: &mut T) {
        if let Self::Set(value) = self {
            *field = value;
        }
    }

    /// The new value, when there is one.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> ChangeOrClear<T> {
    /// Makes the change.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }

    /// `None` keeps, `Some(None)` clears.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

impl<T: Described> Described for Change<T> {
    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        T::schema()
    }

    fn components(found: &mut NamedSchemas) {
        T::components(found);
    }
}

impl<T: Described> Described for ChangeOrClear<T> {
    const REQUIRED: bool = false;

    fn schema() -> RefOr<Schema> {
        nullable(T::schema())
    }

    fn components(found: &mut NamedSchemas) {
        T::components(found);
    }
}

impl<T: FromJson> FromJson for Change<T> {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        if value.is_null() {
            errors.refuse(at, Refusal::new("null", "must not be null"));
            return None;
        }
        T::from_json(value, at, errors).map(Self::Set)
    }

    fn absent(_: &Pointer<'_>, _: &mut Errors) -> Option<Self> {
        Some(Self::Keep)
    }
}

impl<T: FromJson> FromJson for ChangeOrClear<T> {
    fn from_json(value: &Value, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        if value.is_null() { Some(Self::Clear) } else { T::from_json(value, at, errors).map(Self::Set) }
    }

    fn absent(_: &Pointer<'_>, _: &mut Errors) -> Option<Self> {
        Some(Self::Keep)
    }
}

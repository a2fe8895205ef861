//! What can go wrong between a rule and the database.

use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};

use crate::columns::Malformed;

/// The result of whatever touches storage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be read or written. None of the texts holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object for this actor. Whether it belongs to somebody else is not told.
    #[error("no such object")]
    NotFound,
    /// The object was changed since the revision that the caller had seen.
    #[error("the object has been changed in the meantime")]
    Stale,
    /// The stored facts do not allow it.
    #[error("{0}")]
    Conflict(Refusal),
    /// The actor may not do this with this object.
    #[error("{0}")]
    Forbidden(Refusal),
    /// Values were refused; each with the name of its field.
    #[error("{} values are refused", .0.count())]
    Invalid(FieldRefusals),
    /// An `Idempotency-Key` was used before for another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The database has more to do than it can; the caller may try again in some seconds.
    #[error("the database is busy")]
    Busy,
    /// A stored value does not decrypt: it was altered, moved, or its key was destroyed.
    #[error("a value of {0} cannot be read")]
    Unreadable(&'static str),
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// Anything else; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind::{ForeignKeyViolation, SerializationFailure, UniqueViolation};
        use diesel::result::Error::{DatabaseError, DeserializationError};
        match error {
            DeserializationError(cause) => match cause.downcast_ref::<Malformed>() {
                Some(Malformed(what)) => Self::Unreadable(what),
                None => Self::Database(DeserializationError(cause)),
            },
            DatabaseError(SerializationFailure, _) => Self::Busy,
            DatabaseError(UniqueViolation, _) => {
                Self::conflict("already-exists", "there is one with this id or these properties already")
            }
            DatabaseError(ForeignKeyViolation, _) => {
                Self::conflict("gone-meanwhile", "what it refers to has been deleted in the meantime")
            }
            error => Self::Database(error),
        }
    }
}

/// What an insert's error means when the row's key may be taken: a conflict with this reason, not a fault.
pub fn if_taken(code: &'static str, detail: &'static str) -> impl FnOnce(diesel::result::Error) -> Error {
    use diesel::result::DatabaseErrorKind::UniqueViolation;
    use diesel::result::Error::DatabaseError;
    move |error| match error {
        DatabaseError(UniqueViolation, _) => Error::conflict(code, detail),
        error => error.into(),
    }
}

impl From<FieldRefusals> for Error {
    fn from(refusals: FieldRefusals) -> Self {
        Self::Invalid(refusals)
    }
}

impl Error {
    /// An [`Error::Internal`] for the log.
    pub fn internal(text: impl std::fmt::Display) -> Self {
        Self::Internal(text.to_string())
    }

    /// An [`Error::Conflict`] with this reason.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict(Refusal::new(code, detail))
    }

    /// An [`Error::Invalid`] for one field.
    pub fn invalid(field: impl Into<String>, refusal: Refusal) -> Self {
        Self::Invalid(FieldRefusals::one(field, refusal))
    }
}

//! What can go wrong between a rule and the database.

use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};

use crate::audit::mismatch::Mismatch;
use crate::columns::Malformed;
use crate::database::outage::{Outage, Passing, is_constraint, passing};

/// The result of whatever touches storage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be read or written. None of the texts holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such object for this actor. Whether it belongs to somebody else is not told.
    #[error("no such object")]
    NotFound,
    /// The object was changed since the revision that the caller had seen. With the revision that it has now, unless it
    /// was overtaken in the middle of the change.
    #[error("the object has been changed in the meantime")]
    Stale(Option<i32>),
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
    /// The database cannot do its work; the caller may try again in some seconds. A change may or may not have been
    /// made when the connection was lost on the way.
    #[error("{0}")]
    Unavailable(Outage),
    /// The key of what was asked for was destroyed: nobody can read it any more.
    #[error("the key was destroyed")]
    Destroyed,
    /// A row that decides who gets in was not written by this service as it is.
    #[error("a row of {0} is not as the service wrote it")]
    Forged(&'static str),
    /// A stored value does not decrypt: it was altered or moved, or its key is not there.
    #[error("a value of {0} cannot be read")]
    Unreadable(&'static str),
    /// The audit log of an institution is not what the service signed of it.
    #[error("the audit log was altered: {0}")]
    LogAltered(Mismatch),
    /// One part of the installation cannot be used.
    #[error("{1}")]
    Part(Part, Box<Self>),
    /// The data, the key store and the root key are not of one installation.
    #[error("{0}")]
    Misfit(Misfit),
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// Anything else; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

/// What an installation consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The data.
    Data,
    /// The key store.
    Keys,
    /// The root key.
    RootKey,
    /// The second key store.
    SecondKeys,
}

/// Why the data, the key store and the root key are not of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The data and the keys would be, or are, in one database.
    #[error("the data and the key store are in one database")]
    OneDatabase,
    /// There is data, and no key that opens it.
    #[error("the key store is empty, and the data is not")]
    KeysLost,
    /// There are keys, and no data that they open.
    #[error("the data is gone, and its keys are there")]
    DataLost,
    /// There are keys, and no root key.
    #[error("the root key is gone, and the keys that it opens are there")]
    RootKeyLost,
    /// The root key does not open the keys.
    #[error("the root key is another one than that of the key store")]
    OtherRootKey,
    /// The keys do not open the data.
    #[error("the key store is another one than that of the data")]
    OtherKeys,
    /// The second key store knows keys, or that keys were destroyed, of which the first does not.
    #[error("the second key store knows more than the first")]
    SecondAhead,
    /// The first key store knows keys, or that keys were destroyed, of which the second does not.
    #[error("the first key store knows more than the second")]
    FirstAhead,
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind::{ForeignKeyViolation, UniqueViolation};
        use diesel::result::Error::{DatabaseError, DeserializationError};
        match passing(&error) {
            Some(Passing::Busy) => return Self::Busy,
            Some(Passing::Outage(outage)) => return Self::Unavailable(outage),
            None => {}
        }
        match error {
            DeserializationError(cause) => match cause.downcast_ref::<Malformed>() {
                Some(Malformed(what)) => Self::Unreadable(what),
                None => Self::Database(DeserializationError(cause)),
            },
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

    /// Says which part of the installation an error is about.
    pub fn of(part: Part) -> impl FnOnce(Self) -> Self {
        move |error| match error {
            error @ (Self::Misfit(_) | Self::Part(..)) => error,
            error => Self::Part(part, Box::new(error)),
        }
    }

    /// Whether the same may succeed in a while, without anything being changed for it.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_))
    }

    /// Whether nobody knows in what state a connection is on which this happened.
    pub(crate) fn leaves_doubt(&self) -> bool {
        use diesel::result::Error::{DatabaseError, NotFound};
        match self {
            // That is not on the connection.
            Self::Unavailable(Outage::KeyService) => false,
            Self::Unavailable(_) => true,
            Self::Database(DatabaseError(kind, _)) => !is_constraint(*kind),
            Self::Database(error) => !matches!(error, NotFound),
            _ => false,
        }
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

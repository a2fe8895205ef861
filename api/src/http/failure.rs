//! What a client is told when storage or a rule refuses: the one place where errors become problems.

use std::num::NonZeroU32;

use groeilijn_domain::access::login::{Allowance, LimitReached};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_persistence::Error;

use super::entity_tag::ETag;
use super::pointer::field_pointer;
use super::problem::{FieldError, Problem};
use super::problem_kind::ProblemKind;
use super::rate_limit::RateLimits;

/// How soon a client may try again when the database is busy, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            // What was destroyed is not there any more, as far as anybody can tell.
            Error::NotFound | Error::Destroyed => Self::not_found(),
            Error::Stale(present) => {
                Self { etag: present.map(ETag), ..Self::of(ProblemKind::PreconditionFailed) }
            }
            Error::Conflict(refusal) => refused(ProblemKind::Conflict, refusal),
            Error::Forbidden(refusal) => refused(ProblemKind::Forbidden, refusal),
            Error::Invalid(refusals) => Self::invalid(
                refusals
                    .into_iter()
                    .map(|(field, refusal)| FieldError::body(field_pointer(&field), refusal))
                    .collect(),
            ),
            Error::KeyReused => Self::of(ProblemKind::IdempotencyKeyReused),
            Error::Busy => Self::unavailable(RETRY_AFTER_SECONDS),
            Error::Unavailable(outage) => Self::unavailable(RETRY_AFTER_SECONDS).because(outage),
            error @ (Error::Unreadable(_)
            | Error::Forged(_)
            | Error::LogAltered(_)
            | Error::Part(..)
            | Error::Misfit(_)
            | Error::Database(_)
            | Error::Internal(_)) => Self::internal(error),
        }
    }
}

/// The problem of an error, where what is refused stands in the query.
pub fn refused_in_query(error: Error) -> Problem {
    match error {
        Error::Invalid(refusals) => {
            let refused = refusals.into_iter().map(|(name, refusal)| FieldError::query(name, refusal));
            Problem::invalid(refused.collect())
        }
        error => error.into(),
    }
}

impl From<LimitReached> for Problem {
    fn from(LimitReached { limit, retry_after }: LimitReached) -> Self {
        let none = Allowance { remaining: 0, reset_seconds: retry_after };
        Self {
            retry_after: NonZeroU32::new(u32::try_from(retry_after).unwrap_or(u32::MAX)),
            rate_limits: Some(Box::new(RateLimits::of(&[(limit, none)]))),
            ..Self::of(ProblemKind::TooManyRequests)
        }
    }
}

impl From<FieldRefusals> for Problem {
    fn from(refusals: FieldRefusals) -> Self {
        Error::from(refusals).into()
    }
}

/// A refusal in the words of the rule that refused. Its code goes along for programs to act upon.
fn refused(kind: ProblemKind, refusal: Refusal) -> Problem {
    Problem {
        code: Some(refusal.code),
        conflicts_with: refusal.conflicts_with.map(Box::new),
        ..Problem::new(kind, refusal.detail)
    }
}

/// What a rule refuses about one field.
pub fn invalid_field(field: &'static str) -> impl FnOnce(Refusal) -> Error {
    move |refusal| Error::invalid(field, refusal)
}

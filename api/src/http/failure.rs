//! What a client is told when storage or a rule refuses: the one place where errors become problems.

use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_persistence::Error;

use super::described::camel_case;
use super::problem::{FieldError, Problem};
use super::problem_kind::ProblemKind;

/// How soon a client may try again when the database is busy, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::Stale => Self::of(ProblemKind::PreconditionFailed),
            Error::Conflict(refusal) => refused(ProblemKind::Conflict, refusal),
            Error::Forbidden(refusal) => refused(ProblemKind::Forbidden, refusal),
            Error::Invalid(refusals) => Self::invalid(
                refusals
                    .into_iter()
                    .map(|(field, refusal)| FieldError::body(pointer(&field), refusal))
                    .collect(),
            ),
            Error::KeyReused => Self::of(ProblemKind::IdempotencyKeyReused),
            Error::Busy => Self::unavailable(RETRY_AFTER_SECONDS),
            error @ (Error::Unreadable(_) | Error::Database(_) | Error::Internal(_)) => Self::internal(error),
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
    Problem { code: Some(refusal.code), ..Problem::new(kind, refusal.detail) }
}

/// What a rule refuses about one field.
pub fn invalid_field(field: &'static str) -> impl FnOnce(Refusal) -> Error {
    move |refusal| Error::invalid(field, refusal)
}

/// Where a field is in the body (RFC 6901): `birth_date` is at `/birthDate`, `rights/2/part` at `/rights/2/part`.
fn pointer(field: &str) -> String {
    field.split('/').flat_map(|name| ["/".to_owned(), camel_case(name)]).collect()
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn a_field_is_found_at_its_place_in_the_body() {
        assert_eq!(pointer("birth_date"), "/birthDate");
        assert_eq!(pointer("licence/end_date"), "/licence/endDate");
        assert_eq!(pointer("rights/2/part"), "/rights/2/part");
    }
}

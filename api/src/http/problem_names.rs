//! The names in a problem that clients act upon, as lists in the OpenAPI document.

use std::borrow::Cow;

use groeilijn_domain::values::refusal::CODES;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::described::{described, one_of};
use super::problem_kind::ProblemKind;

/// The schema of a problem's `type`.
pub struct ProblemType;

/// The schema of a `code`.
pub struct ProblemCode;

impl PartialSchema for ProblemType {
    fn schema() -> RefOr<Schema> {
        let urns = one_of(ProblemKind::ALL.map(ProblemKind::urn));
        described(
            urns.into(),
            "A kind of problem. Later versions may have more: take an unknown one by its status.",
        )
    }
}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let codes = one_of(CODES.iter().copied());
        described(
            codes.into(),
            "A rule that refused. Later versions may have more: take an unknown one by `type` and `detail`.",
        )
    }
}

impl ToSchema for ProblemType {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProblemType")
    }
}

impl ToSchema for ProblemCode {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProblemCode")
    }
}

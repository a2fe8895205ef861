//! Which institution an operation may be about.

use groeilijn_domain::institutions::institution::is_within_reach;
use groeilijn_domain::values::ids::InstitutionId;

use crate::http::access::Access;
use crate::http::problem::Problem;

/// Checks that the caller reaches this institution.
///
/// # Errors
/// 404: an institution that is out of reach is answered like one that is not there.
pub(in crate::routes) fn require_reach<P, A, V>(
    access: &Access<P, A, V>,
    id: InstitutionId,
) -> Result<(), Problem> {
    if is_within_reach(access.scope(), access.institution(), id) { Ok(()) } else { Err(Problem::not_found()) }
}

//! Operations that ask the caller for their password again, so that an open session that somebody finds is not enough.

use actix_web::HttpRequest;
use groeilijn_persistence::Actor;
use groeilijn_persistence::access::login::TriedAccount;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;

use super::access::{Access, IsAction, IsPart};
use super::guard::{Activity, Guard};
use super::password_field::TriedPassword;
use super::problem::Problem;
use crate::login::check_password;

/// Checks the caller's present password, and a code of the second factor as `second_factor` says. Returns the caller.
///
/// # Errors
/// 401 when either is wrong or a code is needed, which counts as a login that failed (C060); 429 when too many were.
pub async fn check_own_password<P: IsPart, A: IsAction, V: Activity>(
    access: &Access<P, A, V>,
    request: &HttpRequest,
    password: TriedPassword,
    second_factor: SecondFactorCheck,
) -> Result<Actor, Problem> {
    let needs = Access::<P, A, V>::needs();
    let tried = TriedAccount::Session(access.actor()?);
    check_password(request, access.state(), needs, tried, password.0, second_factor).await
}

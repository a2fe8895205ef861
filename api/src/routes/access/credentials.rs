//! What one logs in with: choosing another password.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_persistence::access::login::TriedAccount;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::endpoint::{Endpoint, post};
use crate::http::guard::Guard;
use crate::http::guard::activity::AdministerAccess;
use crate::http::password_field::{ChosenPassword, TriedPassword};
use crate::http::problem::Problem;
use crate::http::reply;
use crate::login::{check_choice, check_password};
use crate::request_body;

/// The operations on what one logs in with.
pub fn endpoints() -> Vec<Endpoint> {
    vec![post("changePassword", "/account/_change-password", change_password)]
}

/// The operations on what one logs in with as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(change_password))]
pub struct Documented;

type MayChange = Access<part::Credentials, action::Change, AdministerAccess>;

request_body! {
    /// The password as it is, and as it will be.
    pub struct PasswordChange {
        /// The present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// The new password: 8 to 128 characters with a capital letter, a digit and a symbol (C056–C058), none of the
        /// last five, no common one, and without one's own name or address.
        new_password: ChosenPassword,
    }
}

/// Change one's own password
///
/// All sessions of the account end, this one too: log in again with the new password. When a password has expired
/// (C059) this is all that can be done.
#[utoipa::path(post, path = "/account/_change-password", tag = "credentials", operation_id = "changePassword",
    request_body = PasswordChange,
    responses((status = 204, description = "The password was changed."),
        (status = 401, description = "The present password is not right."),
        (status = 429, description = "Too many passwords were wrong.")))]
async fn change_password(
    access: MayChange,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    let (state, actor) = (access.state(), access.actor()?);
    let (tried, shown) = (TriedAccount::Account(actor.account), SecondFactorCheck::AlreadyShown);
    check_password(&request, state, MayChange::needs(), tried, body.current_password.0, shown).await?;
    let hash =
        check_choice(state, actor, access.audit_context(), body.new_password.0, "/newPassword").await?;
    access.platform().write(move |writer| writer.change_password(actor, &hash)).await?;
    Ok(reply::no_content())
}

//! Password resets: a letter for a user who forgot her password.

use actix_web::web;
use groeilijn_domain::values::email::EmailAddress;

use super::invitations::invitation;
use crate::http::body::JsonBody;
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerAccess;
use crate::http::problem::Problem;
use crate::http::reply::AcceptedUntold;
use crate::state::AppState;
use crate::{operations, request_body};

operations! {
    /// The operations on password resets.
    pub fn endpoints;

    /// Ask for a link to choose a new password
    ///
    /// The link goes to the address, if there is an account with it that is not blocked: the reply is the same, and as
    /// fast, whether or not there is. It can be used once, within 24 hours. An account gets three such letters an hour at
    /// most.
    POST "/password-resets" => request_password_reset: "If there is such an account, a letter is on its way.";
}

request_body! {
    /// Whose password was forgotten.
    pub struct PasswordReset {
        /// The address of the account.
        email: EmailAddress,
    }
}

async fn request_password_reset(
    _: Open<AdministerAccess>,
    state: web::Data<AppState>,
    JsonBody(body, _): JsonBody<PasswordReset>,
) -> Result<AcceptedUntold, Problem> {
    let invitation = invitation(state.environment())?;
    // Not waited for: how long it takes would tell whether there is such an account.
    actix_web::rt::spawn(async move {
        if let Err(error) = state.store.invite_who_forgot(&body.email, invitation).await {
            tracing::error!(%error, "a password reset was not carried out");
        }
    });
    Ok(AcceptedUntold)
}

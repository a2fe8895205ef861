//! Password resets: a letter for a user who forgot her password.

use actix_web::{HttpRequest, web};
use groeilijn_domain::values::email::EmailAddress;

use crate::http::body::JsonBody;
use crate::http::client_address;
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerAccess;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::AcceptedUntold;
use crate::state::AppState;
use crate::{operations, request_body};

operations! {
    /// The operations on password resets.
    pub fn endpoints;

    /// Ask for a link to choose a new password
    ///
    /// The link goes to the address, if there is an account with it that is not blocked: the reply is the same, and as
    /// fast, whether or not there is. It can be used once, within 24 hours, and ends every link from before. Three may be
    /// asked for in an hour for one address, and thirty from one network.
    POST "/password-resets" => request_password_reset: "If there is such an account, a letter is on its way."
        .refusing(&[ProblemKind::TooManyRequests]);
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
    request: HttpRequest,
    state: web::Data<AppState>,
    JsonBody(body, _): JsonBody<PasswordReset>,
) -> Result<AcceptedUntold, Problem> {
    let address = client_address::of(&request, &state.trusted_proxies);
    state.store.request_password_reset(&body.email, &address).await??;
    Ok(AcceptedUntold)
}

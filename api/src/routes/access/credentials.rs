//! What one logs in with: choosing another password.

use actix_web::HttpRequest;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::own_password::check_own_password;
use crate::http::password_field::{ChosenPassword, TriedPassword};
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::NoContent;
use crate::login::check_choice;
use crate::{operations, request_body};

operations! {
    /// The operations on what one logs in with.
    pub fn endpoints;

    /// Change one's own password
    ///
    /// All sessions of the account end, this one too: log in again with the new password. When a password has expired
    /// (C059) this is all that can be done.
    POST "/account/password/_change" => change_password: "The password was changed."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);
}

request_body! {
    /// The password as it is, and as it will be.
    pub struct PasswordChange {
        /// The present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// The new password: 8 to 128 characters with a capital letter, a digit and a symbol (C056–C058), none of the
        /// last five, no common one, and without one's own name or address.
        new_password: ChosenPassword,
    }

    example { "currentPassword": "Een-goed-wachtwoord-1", "newPassword": "Een-beter-wachtwoord-2" }
}

async fn change_password(
    access: Access<part::Credentials, action::Change, AdministerAccess>,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<PasswordChange>,
) -> Result<NoContent, Problem> {
    let shown = SecondFactorCheck::AlreadyShown;
    let actor = check_own_password(&access, &request, body.current_password, shown).await?;
    let hash = check_choice(
        access.state(),
        actor,
        &access.audit_context().address,
        body.new_password.0,
        "new_password",
    )
    .await?;
    access.platform().write(move |writer| writer.change_password(actor, &hash)).await?;
    Ok(NoContent)
}

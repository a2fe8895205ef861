//! E-mail addresses to log in with: how one becomes another.

use actix_web::{HttpRequest, web};
use groeilijn_domain::access::second_factor::LoginCode;
use groeilijn_domain::values::email::{EmailAddress, MailDomain};
use groeilijn_persistence::access::email_address::NewConfirmation;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;

use super::invitations::invitation;
use crate::http::access::{Access, action, context, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::guard::{Guard, Open};
use crate::http::own_password::check_own_password;
use crate::http::password_field::TriedPassword;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, AcceptedUntold, Shown};
use crate::http::secret_field::SentSecret;
use crate::state::AppState;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on e-mail addresses.
    pub fn endpoints;

    /// Ask for another address to log in with
    ///
    /// A link goes to the present address and one to the other; once both were followed, within 24 hours, the other one takes
    /// the place of the present one. It is on a domain of each institution of hers (C055). Three may be asked for in an hour;
    /// each ends the links before it. Whether somebody else has the address does not show until both were followed.
    POST "/account/email-address/_change" => ask_for_email_address: "The links are on their way."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);

    /// Confirm an address
    ///
    /// With the token behind `#address=` in the link of a letter. After the second of the two the user logs in with the other
    /// address: all her sessions end, and every link that was sent to the address from before, which is told of it.
    POST "/email-addresses/_confirm" => confirm_email_address: "It was confirmed."
        .refusing(&[ProblemKind::NotFound, ProblemKind::Conflict]);

    /// Move everybody to another domain
    ///
    /// For a school that gets another mail domain, or merges: each of its users whose address is on `fromDomain` logs in with
    /// the same name on `toDomain` from now on, and is told so at both addresses. It is all of them or none: when somebody
    /// cannot move, each of these is named. Sessions go on; links that were sent before end.
    POST "/users/_move-addresses" => move_email_addresses: "They were moved."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests, ProblemKind::Conflict]);
}

type Anyone = Open<AdministerAccess>;

request_body! {
    /// Another address to log in with.
    pub struct EmailAddressChange {
        /// The other address. For logging in, and for letters about the account; never for marketing.
        email: EmailAddress,
        /// The present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// For an account with a second factor: the code that the authenticator app shows, or a recovery code.
        code: Option<LoginCode>,
    }

    example { "email": "noor.bedacht@school.example", "currentPassword": "Een-goed-wachtwoord-1" }
}

request_body! {
    /// A link that was followed.
    pub struct AddressConfirmationCreation {
        /// The token of the link.
        token: SentSecret,
    }

    example { "token": "KbJ0m3vQ9cWq2hXoT7yNfA" }
}

reply_body! {
    /// What became of a link that was followed.
    pub struct AddressConfirmation {
        /// Whether the other address took the place of the present one; if not, the link to the other side was not followed yet.
        changed: bool,
    }
}

request_body! {
    /// From which domain to which everybody moves.
    pub struct AddressMove {
        /// The domain that their addresses are on.
        from_domain: MailDomain,
        /// The domain that they will be on: one of the institution (C055).
        to_domain: MailDomain,
        /// The administrator's present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// For an account with a second factor: the code that the authenticator app shows, or a recovery code.
        code: Option<LoginCode>,
    }

    example {
        "fromDomain": "oude-school.example",
        "toDomain": "school.example",
        "currentPassword": "Een-goed-wachtwoord-1",
    }
}

reply_body! {
    /// What became of a move.
    pub struct AddressesMoved {
        /// How many users log in with another address from now on.
        moved: u64,
    }
}

async fn ask_for_email_address(
    access: Access<part::Credentials, action::Change, AdministerAccess>,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<EmailAddressChange>,
) -> Result<AcceptedUntold, Problem> {
    let shown = SecondFactorCheck::IfInUse(body.code);
    let actor = check_own_password(&access, &request, body.current_password, shown).await?;
    let environment = access.state().environment();
    let links = NewConfirmation { old: invitation(environment)?, new: invitation(environment)? };
    let wanted = body.email;
    access.platform().write(move |writer| writer.ask_for_address(actor, &wanted, &links)).await??;
    Ok(AcceptedUntold)
}

async fn confirm_email_address(
    _: Anyone,
    request: HttpRequest,
    state: web::Data<AppState>,
    JsonBody(body, _): JsonBody<AddressConfirmationCreation>,
) -> Result<Shown<AddressConfirmation>, Problem> {
    let token_hash = body.token.0.ok_or_else(Problem::not_found)?.hash();
    let actor = state.store.confirming(token_hash).await?;
    let context = context(&request, &state, Anyone::needs(), actor, None);
    let changed =
        state.store.platform(context).write(move |writer| writer.confirm_address(&token_hash, actor)).await?;
    reply::view(&AddressConfirmation { changed })
}

async fn move_email_addresses(
    access: Access<part::Users, action::Change, AdministerAccess>,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<AddressMove>,
) -> Result<Shown<AddressesMoved>, Problem> {
    let shown = SecondFactorCheck::IfInUse(body.code);
    let actor = check_own_password(&access, &request, body.current_password, shown).await?;
    let (from, to) = (body.from_domain, body.to_domain);
    let moved = access.platform().write(move |writer| writer.move_addresses(actor, &from, &to)).await?;
    reply::view(&AddressesMoved { moved: u64::try_from(moved).map_err(Problem::internal)? })
}

//! Invitations: how somebody sets the password of an account, so that nobody else ever knows it (C063).

use actix_web::{HttpRequest, web};
use groeilijn_domain::access::invitation::{INVITATION_LIFE, InvitationKind};
use groeilijn_domain::access::second_factor::LoginCode;
use groeilijn_domain::values::ids::InvitationId;
use groeilijn_persistence::access::invitation::NewInvitation;
use groeilijn_persistence::access::login::TriedAccount;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::environment::Environment;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::http::access::context;
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::guard::{Guard, Open};
use crate::http::password_field::{ChosenPassword, TriedPassword};
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::NoContent;
use crate::http::secret_field::SentSecret;
use crate::login::{check_choice, check_password};
use crate::secret::Secret;
use crate::state::AppState;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on invitations.
    pub fn endpoints;

    /// Accept an invitation
    ///
    /// Sets the password of the account that the invitation is for. After this the user can log in.
    POST "/invitations/_accept" => accept_invitation: "The password has been set."
        .refusing(&[ProblemKind::NotFound]);

    /// Join another institution
    ///
    /// For somebody who logs in already and whom another institution invited: she is its user from now on, with the
    /// password that she has. The link in her letter has the token behind `#join=`, where that of `_accept` has
    /// `#token=`. Her letter alone is not enough, since her institutions may do something to her login: it takes her
    /// password and, if she has a second factor, a code, as a login does.
    POST "/invitations/_join" => join_institution: "The invitation was accepted."
        .refusing(&[ProblemKind::NotFound, ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);
}

type Anyone = Open<AdministerAccess>;

request_body! {
    /// An invitation and the password that is chosen with it.
    pub struct Acceptance {
        /// The token of the invitation.
        token: SentSecret,
        /// The password: 8 to 128 characters with a capital letter, a digit and a symbol (C056–C058). Kept as a
        /// hash only.
        password: ChosenPassword,
    }

    example { "token": "KbJ0m3vQ9cWq2hXoT7yNfA", "password": "Een-goed-wachtwoord-1" }
}

request_body! {
    /// An invitation of another institution.
    pub struct Joining {
        /// The token of the invitation.
        token: SentSecret,
        /// The password that she logs in with. A wrong one counts as a wrong login does (C060).
        password: TriedPassword,
        /// For a login with a second factor: the code that the authenticator app shows, or a recovery code.
        code: Option<LoginCode>,
    }

    example { "token": "KbJ0m3vQ9cWq2hXoT7yNfA", "password": "Een-goed-wachtwoord-1" }
}

reply_body! {
    /// An invitation to choose a password, or to join with the one that somebody has. It is sent to the owner of the
    /// account, and nobody else sees it (C063).
    pub struct Invitation {
        /// The invitation's id.
        id: InvitationId,
        /// When it ends, in UTC.
        expires_at: Timestamp,
    }
}

impl Invitation {
    /// What is shown of an invitation that is being sent.
    pub fn of(sent: &NewInvitation) -> Self {
        Self { id: sent.id, expires_at: sent.expires_at }
    }

    /// What is shown of one that was sent before, when it can be used still.
    pub fn sent_before(id: InvitationId, open_until: Option<Timestamp>) -> Option<Self> {
        open_until.map(|expires_at| Self { id, expires_at })
    }
}

/// A new invitation, to be used within 24 hours.
///
/// # Errors
/// When the moment at which it ends cannot be represented.
pub fn invitation(environment: &Environment) -> Result<NewInvitation, Problem> {
    let secret = Secret::new(environment);
    Ok(NewInvitation {
        id: InvitationId::from_uuid(environment.uuid()),
        token: Zeroizing::new(secret.text()),
        token_hash: secret.hash(),
        expires_at: environment.now().checked_add(INVITATION_LIFE).map_err(Problem::internal)?,
    })
}

async fn accept_invitation(
    _: Anyone,
    request: HttpRequest,
    state: web::Data<AppState>,
    JsonBody(body, _): JsonBody<Acceptance>,
) -> Result<NoContent, Problem> {
    let token_hash = body.token.0.ok_or_else(Problem::not_found)?.hash();
    let actor = state.store.invited(InvitationKind::SetPassword, token_hash).await?;
    let context = context(&request, &state, Anyone::needs(), actor, None);
    let password_hash = check_choice(&state, actor, &context.address, body.password.0, "password").await?;
    state
        .store
        .platform(context)
        .write(move |writer| writer.accept_invitation(&token_hash, actor, &password_hash))
        .await?;
    Ok(NoContent)
}

async fn join_institution(
    _: Anyone,
    request: HttpRequest,
    state: web::Data<AppState>,
    JsonBody(body, _): JsonBody<Joining>,
) -> Result<NoContent, Problem> {
    let token_hash = body.token.0.ok_or_else(Problem::not_found)?.hash();
    let actor = state.store.invited(InvitationKind::Join, token_hash).await?;
    let (tried, shown) = (TriedAccount::Session(actor), SecondFactorCheck::IfInUse(body.code));
    check_password(&request, &state, Anyone::needs(), tried, body.password.0, shown).await?;
    let context = context(&request, &state, Anyone::needs(), actor, None);
    state.store.platform(context).write(move |writer| writer.join(&token_hash, actor)).await?;
    Ok(NoContent)
}

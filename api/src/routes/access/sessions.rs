//! Logging in, staying logged in, logging out.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use groeilijn_domain::access::credential::expires_at;
use groeilijn_domain::access::second_factor::LoginCode;
use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::access::{Action, Function, Part, Rights, Role, Scope};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, LocationId, SessionId, UserId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::access::login::TriedAccount;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use groeilijn_persistence::access::session::{Refresh, StoredSession};
use groeilijn_persistence::institutions::location::StoredLocation;
use groeilijn_persistence::{AuditContext, Cost, PlatformReader, TenantReader};
use jiff::Timestamp;

use crate::http::access::{Access, action, context, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::guard::{Guard, Open};
use crate::http::password_field::TriedPassword;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, NoContent, Shown};
use crate::http::secret_field::SentSecret;
use crate::login::check_password;
use crate::secret::Secret;
use crate::state::AppState;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on sessions.
    pub fn endpoints;

    /// Log in
    ///
    /// Begins a session with an e-mail address and a password. An unknown address, a wrong password and an account
    /// that may not log in all get the same reply. The third wrong password in a row blocks the account (C060); before
    /// that, too many failures from one network or for one e-mail address are refused for a while.
    ///
    /// An account with a second factor asks for a code as well. With the right password and no code the problem is
    /// `second-factor-required`, and nothing is counted; with a wrong code it is as if the password were wrong.
    /// A right code that was used a moment ago, as when a form is sent twice, is refused with the code `code-used`, and
    /// nothing is counted.
    POST "/sessions" => log_in: "The session has begun."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);

    /// Renew the access token
    ///
    /// Exchanges a refresh token for a new access token and a new refresh token. A token that was used
    /// more than 30 seconds before ends the session: one of its two users is not the rightful one. Within 30 seconds it is
    /// two windows of one client, and only refused; from another network or program it is a security event too. Outside the
    /// networks that the institution's users work from it is refused, and stays good (C065).
    POST "/sessions/_refresh" => refresh_session: "The new tokens."
        .refusing(&[ProblemKind::Unauthenticated]);

    /// Read the current session
    ///
    /// Who is logged in with this access token, until when, and what they may do.
    GET "/sessions/current" => read_current_session: "The session.";

    /// Act in another institution
    ///
    /// For who is a user of several institutions: from the next request on the session acts in another one of hers, with
    /// what she may do there. Her institutions are at `/account/memberships`. One in which she cannot act at this moment,
    /// because of its licence, its networks or her last day, is answered like one that is not hers.
    POST "/sessions/current/_switch" => switch_session: "The session as it is now."
        .refusing(&[ProblemKind::NotFound]);

    /// Log out
    ///
    /// Ends the session. Every token of it is refused from now on.
    DELETE "/sessions/current" => log_out: "The session has ended.";
}

type Anyone = Open<AdministerAccess>;
type State = web::Data<AppState>;

request_body! {
    /// What somebody logs in with.
    pub struct Credentials {
        /// The address of the account, on a domain of the institution. For knowing who logs in.
        email: EmailAddress,
        /// The password. It is checked against a hash and never kept (C063).
        password: TriedPassword,
        /// For an account with a second factor: the code that the authenticator app shows, or a recovery code. Each
        /// works once. A wrong one counts as a wrong password does (C060).
        code: Option<LoginCode>,
        /// For who is a user of several institutions: the one to act in. Without it, it is the first that lets her in.
        institution_id: Option<InstitutionId>,
    }

    example { "email": "beheerder@school.example", "password": "Een-goed-wachtwoord-1" }
}

request_body! {
    /// Where a session is to act.
    pub struct SessionSwitch {
        /// An institution of which one is a user.
        institution_id: InstitutionId,
    }
}

request_body! {
    /// What renews an access token.
    pub struct RefreshRequest {
        /// The refresh token that came with the last access token. It can be used once.
        refresh_token: SentSecret,
    }
}

reply_body! {
    /// A session and the tokens that belong to it.
    pub struct SessionTokens {
        /// The session's id.
        session_id: SessionId,
        /// Goes with every request, in `Authorization: Bearer …`.
        access_token: String,
        /// When the access token ends, in UTC; the session goes on, with a new token from `_refresh`.
        access_token_expires_at: Timestamp,
        /// Gets the next access token, once. It is as secret as a password.
        refresh_token: String,
        /// When the session ends whatever happens, in UTC. It ends before that after 30 minutes in which nothing was
        /// asked (C061); renewing a token is not asking.
        expires_at: Timestamp,
        /// Whether the password has expired: nothing can be done then but choosing another one (C059).
        must_change_password: bool,
        /// Whether the account needs a second factor and has none in use: nothing can be done then but setting it up.
        must_set_up_second_factor: bool,
        /// Whether the address is not the institution's any more: nothing can be done then but changing it (C055).
        must_change_email: bool,
    }
}

reply_body! {
    /// The session that the access token belongs to.
    pub struct CurrentSession {
        /// The session's id.
        id: SessionId,
        /// The user whose session it is, as the institution knows her.
        user_id: UserId,
        /// The institution that the session acts in; for staff of the processor the one that a support session is for, otherwise null.
        institution_id: Option<InstitutionId>,
        /// What the user is: a function at the institution, or platform administrator.
        role: Role,
        /// The user's own name in full; null once it is removed.
        name: Option<String>,
        /// What the user does at the institution that the session acts in; null for the processor's staff.
        function: Option<Function>,
        /// What the user may do, for showing no more than that.
        permissions: Vec<Permission>,
        /// The locations that the user is limited to today, where a permission reaches `own-locations` (C143); null for who is
        /// not limited to any.
        locations: Option<Vec<LocationOfSession>>,
        /// When the session began, in UTC.
        created_at: Timestamp,
        /// When the session ends whatever happens, in UTC.
        expires_at: Timestamp,
        /// When the password must have been replaced, in UTC (C059).
        password_expires_at: Timestamp,
    }
}

reply_body! {
    /// A location that the user is limited to.
    pub struct LocationOfSession {
        /// The location's id.
        id: LocationId,
        /// What it is called.
        name: Label,
    }
}

reply_body! {
    /// Something that the user may do.
    pub struct Permission {
        /// With which part of the data.
        part: Part,
        /// What.
        action: Action,
        /// How far it reaches.
        scope: Scope,
    }
}

async fn log_in(
    _: Anyone,
    request: HttpRequest,
    state: State,
    JsonBody(credentials, _): JsonBody<Credentials>,
) -> Result<Created<SessionTokens>, Problem> {
    let checked_at = state.environment().now();
    let tried = TriedAccount::Email { email: credentials.email, institution: credentials.institution_id };
    let shown = SecondFactorCheck::IfInUse(credentials.code);
    let actor =
        check_password(&request, &state, Anyone::needs(), tried, credentials.password.0, shown).await?;
    let id = SessionId::from_uuid(state.environment().uuid());
    let refresh = Secret::new(state.environment());
    let hash = refresh.hash();
    let session = state
        .store
        .platform(context(&request, &state, Anyone::needs(), actor, Some(id)))
        .write(move |writer| writer.start_session(id, actor, checked_at, &hash))
        .await?
        .ok_or_else(|| Problem::of(ProblemKind::Unauthenticated))?;
    reply::created("/v1/sessions/current", &tokens(&state, &session, &refresh)?, 1)
}

pub(in crate::routes) fn tokens(
    state: &AppState,
    session: &StoredSession,
    refresh: &Secret,
) -> Result<SessionTokens, Problem> {
    let now = state.environment().now();
    let access = state.tokens.sign(session.id, session.actor.account, now);
    let access = access.ok_or_else(|| Problem::internal("an access token cannot be signed"))?;
    Ok(SessionTokens {
        session_id: session.id,
        access_token: access.token,
        access_token_expires_at: access.expires_at,
        refresh_token: refresh.text(),
        expires_at: session.facts.expires_at,
        must_change_password: session.login.must_change_password(now),
        must_set_up_second_factor: session.login.must_set_up_second_factor(),
        must_change_email: session.login.address_is_due,
    })
}

async fn refresh_session(
    _: Anyone,
    request: HttpRequest,
    state: State,
    JsonBody(body, _): JsonBody<RefreshRequest>,
) -> Result<Shown<SessionTokens>, Problem> {
    let refused =
        || Problem::new(ProblemKind::Unauthenticated, "The refresh token is not valid; log in again.");
    let old = body.refresh_token.0.ok_or_else(refused)?;
    let old_hash = old.hash();
    let found = state.store.session_of_refresh_token(old_hash).await?.ok_or_else(refused)?;
    let new = Secret::new(state.environment());
    let new_hash = new.hash();
    let user_agent = user_agent(&request);
    let context = AuditContext {
        support: found.support_context(),
        ..context(&request, &state, Anyone::needs(), found.actor, Some(found.id))
    };
    let outcome = state
        .store
        .platform(context)
        .write(move |writer| writer.refresh_session(&old_hash, &new_hash, &user_agent))
        .await?;
    match outcome {
        Refresh::Renewed(session) => reply::view(&tokens(&state, &session, &new)?),
        Refresh::Refused { event } => {
            event.into_iter().for_each(|event| state.metrics.security_event(event));
            Err(refused())
        }
    }
}

/// What the program calls itself that sent a request; nothing when it does not say, or not in ASCII.
fn user_agent(request: &HttpRequest) -> String {
    let told = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    told.unwrap_or_default().to_owned()
}

async fn read_current_session(
    access: Access<part::Account, action::Read, AdministerAccess>,
) -> Result<Shown<CurrentSession>, Problem> {
    let session = access.session()?;
    let (name, locations) = own_name_and_locations(&access, session).await?;
    reply::view(&CurrentSession::of(session, name, locations))
}

/// The name of whose session it is, where it acts now, as her institution knows her or as the processor does; and the
/// locations that she is limited to there today.
async fn own_name_and_locations<P, A>(
    access: &Access<P, A, AdministerAccess>,
    session: &StoredSession,
) -> Result<(Option<String>, Option<Vec<LocationOfSession>>), Problem> {
    let (actor, store) = (session.actor, &access.state().store);
    let (name, locations) = match actor.role {
        Role::Institution(_) => {
            let context = AuditContext { actor: actor.into(), ..access.audit_context() };
            let tenant = store.tenant(context, Scope::Institution)?;
            let read = move |reader: &mut TenantReader<'_>| {
                Ok((reader.author(actor.user)?.name, reader.own_locations(actor.user)?))
            };
            tenant.read(Cost::Rows, read).await?
        }
        Role::Processor(_) => {
            let read = move |reader: &mut PlatformReader<'_>| reader.processor_staff_member(actor.user);
            (Some(access.platform().read(Cost::Rows, read).await?.fields.name), None)
        }
    };
    let shown = |location: StoredLocation| LocationOfSession { id: location.id, name: location.fields.name };
    Ok((
        name.map(|name| name.display()),
        locations.map(|locations| locations.into_iter().map(shown).collect()),
    ))
}

impl CurrentSession {
    fn of(session: &StoredSession, name: Option<String>, locations: Option<Vec<LocationOfSession>>) -> Self {
        Self {
            id: session.id,
            user_id: session.actor.user,
            institution_id: session.actor.institution,
            role: session.actor.role,
            name,
            function: session.actor.role.function(),
            permissions: permissions(&session.rights),
            locations,
            created_at: session.created_at,
            expires_at: session.facts.expires_at,
            password_expires_at: expires_at(session.login.password_set_at),
        }
    }
}

async fn switch_session(
    access: Access<part::Credentials, action::Change, AdministerAccess>,
    JsonBody(body, _): JsonBody<SessionSwitch>,
) -> Result<Shown<CurrentSession>, Problem> {
    let id = access.session()?.id;
    let institution = body.institution_id;
    let session = access.platform().write(move |writer| writer.switch_session(id, institution)).await?;
    let (name, locations) = own_name_and_locations(&access, &session).await?;
    reply::view(&CurrentSession::of(&session, name, locations))
}

fn permissions(rights: &Rights) -> Vec<Permission> {
    rights.iter().map(|(part, action, scope)| Permission { part, action, scope }).collect()
}

async fn log_out(
    access: Access<part::Credentials, action::Delete, AdministerAccess>,
) -> Result<NoContent, Problem> {
    let (id, actor) = (access.session()?.id, access.actor()?);
    access.platform().write(move |writer| writer.end_session(id, actor, SessionEnd::Logout)).await?;
    Ok(NoContent)
}

//! Logging in, staying logged in, logging out.

use actix_web::{HttpRequest, HttpResponse, web};
use groeilijn_domain::access::{self, Action, Part, Role, Scope};
use groeilijn_domain::calendar::amsterdam_date;
use groeilijn_domain::email::EmailAddress;
use groeilijn_domain::ids::{InstitutionId, SessionId, UserId};
use groeilijn_domain::session::{AccountState, SessionEnd};
use groeilijn_persistence::account::LoginAccount;
use groeilijn_persistence::session::{Refresh, StoredSession};
use groeilijn_persistence::{Actor, Platform};
use jiff::Timestamp;

use crate::http::access::{Access, action, context, part};
use crate::http::body::JsonBody;
use crate::http::endpoint::{Endpoint, delete, get, post};
use crate::http::guard::{Guard, Open, activity::AdministerAccess};
use crate::http::password_field::TriedPassword;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply;
use crate::secret::Secret;
use crate::state::AppState;
use crate::{reply_body, request_body};

/// The operations on sessions.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("logIn", "/sessions", log_in),
        post("refreshSession", "/sessions/_refresh", refresh_session),
        get("readCurrentSession", "/sessions/current", read_current_session),
        delete("logOut", "/sessions/current", log_out),
    ]
}

/// The operations on sessions as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(log_in, refresh_session, read_current_session, log_out))]
pub struct Documented;

type Anyone = Open<AdministerAccess>;
type State = web::Data<AppState>;

request_body! {
    /// What somebody logs in with.
    pub struct Credentials {
        /// The address of the account, on a domain of the institution. For knowing who logs in.
        email: EmailAddress,
        /// The password. It is checked against a hash and never kept (C063).
        password: TriedPassword,
    }
}

request_body! {
    /// What renews an access token.
    pub struct RefreshRequest {
        /// The refresh token that came with the last access token. It can be used once.
        refresh_token: String,
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
        /// When the session ends whatever happens, in UTC.
        expires_at: Timestamp,
    }
}

reply_body! {
    /// The session that the access token belongs to.
    pub struct CurrentSession {
        /// The session's id.
        id: SessionId,
        /// The user whose session it is.
        user_id: UserId,
        /// The user's institution; null for staff of the processor.
        institution_id: Option<InstitutionId>,
        /// What the user is: a function at the institution, or platform administrator.
        role: Role,
        /// What the user may do, for showing no more than that.
        permissions: Vec<Permission>,
        /// When the session began, in UTC.
        created_at: Timestamp,
        /// When the session ends whatever happens, in UTC.
        expires_at: Timestamp,
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

/// Log in
///
/// Begins a session with an e-mail address and a password. An unknown address, a wrong password and an account
/// that may not log in all get the same reply.
#[utoipa::path(post, path = "/sessions", tag = "account", operation_id = "logIn", request_body = Credentials,
    responses((status = 201, description = "The session has begun.", body = SessionTokens),
        (status = 401, description = "The address or the password is not right.")))]
async fn log_in(
    _: Anyone,
    request: HttpRequest,
    state: State,
    JsonBody(credentials, _): JsonBody<Credentials>,
) -> Result<HttpResponse, Problem> {
    let refused = || Problem::new(ProblemKind::Unauthenticated, "The address or the password is not right.");
    let account = state.store.account_for_login(&credentials.email).await?;
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = state.passwords.verify(credentials.password.0, hash).await?;
    let actor = account.filter(|account| right && may_log_in(account, &state)).ok_or_else(refused)?.actor;

    let id = SessionId::from_uuid(state.environment().uuid());
    let refresh = Secret::new(state.environment());
    let hash = refresh.hash();
    let session = platform(&request, &state, actor, id)
        .write(move |writer| writer.start_session(id, actor, &hash))
        .await?;
    reply::created("/v1/sessions/current", &tokens(&state, &session, &refresh)?, 1)
}

/// An active account of an institution with a licence that admits it today (C004).
fn may_log_in(account: &LoginAccount, state: &AppState) -> bool {
    let today = amsterdam_date(state.environment().now());
    let licensed = account.licence.as_ref().is_none_or(|licence| licence.admits(today).is_ok());
    account.state == AccountState::Active && licensed
}

fn platform(request: &HttpRequest, state: &AppState, actor: Actor, session: SessionId) -> Platform {
    state.store.platform(context(request, state, Anyone::needs(), actor, Some(session)))
}

fn tokens(state: &AppState, session: &StoredSession, refresh: &Secret) -> Result<SessionTokens, Problem> {
    let now = state.environment().now();
    let access = state.tokens.sign(session.id, session.actor.account, now).map_err(Problem::internal)?;
    Ok(SessionTokens {
        session_id: session.id,
        access_token: access.token,
        access_token_expires_at: access.expires_at,
        refresh_token: refresh.text(),
        expires_at: session.facts.expires_at,
    })
}

/// Renew the access token
///
/// Exchanges a refresh token for a new access token and a new refresh token. A token that was used before ends
/// the session: one of its two users is not the rightful one.
#[utoipa::path(post, path = "/sessions/_refresh", tag = "account", operation_id = "refreshSession",
    request_body = RefreshRequest,
    responses((status = 200, description = "The new tokens.", body = SessionTokens),
        (status = 401, description = "The refresh token is not valid.")))]
async fn refresh_session(
    _: Anyone,
    request: HttpRequest,
    state: State,
    JsonBody(body, _): JsonBody<RefreshRequest>,
) -> Result<HttpResponse, Problem> {
    let refused =
        || Problem::new(ProblemKind::Unauthenticated, "The refresh token is not valid; log in again.");
    let old = Secret::parse(&body.refresh_token).ok_or_else(refused)?;
    let old_hash = old.hash();
    let found = state.store.session_of_refresh_token(old_hash).await?.ok_or_else(refused)?;
    let new = Secret::new(state.environment());
    let new_hash = new.hash();
    let outcome = platform(&request, &state, found.actor, found.id)
        .write(move |writer| writer.refresh_session(&old_hash, &new_hash))
        .await?;
    match outcome {
        Refresh::Renewed(session) => reply::view(&tokens(&state, &session, &new)?),
        Refresh::Reused(_) | Refresh::Unknown => Err(refused()),
    }
}

/// Read the current session
///
/// Who is logged in with this access token, until when, and what they may do.
#[utoipa::path(get, path = "/sessions/current", tag = "account", operation_id = "readCurrentSession",
    responses((status = 200, description = "The session.", body = CurrentSession)))]
async fn read_current_session(
    access: Access<part::Account, action::Read, AdministerAccess>,
) -> Result<HttpResponse, Problem> {
    let session = access.session();
    reply::view(&CurrentSession {
        id: session.id,
        user_id: session.actor.account,
        institution_id: session.actor.institution,
        role: session.actor.role,
        permissions: permissions(session.actor.role),
        created_at: session.created_at,
        expires_at: session.facts.expires_at,
    })
}

fn permissions(role: Role) -> Vec<Permission> {
    let all = Part::ALL.into_iter().flat_map(|part| Action::ALL.map(|action| (part, action)));
    all.filter_map(|(part, action)| {
        access::scope(role, part, action).map(|scope| Permission { part, action, scope })
    })
    .collect()
}

/// Log out
///
/// Ends the session. Every token of it is refused from now on.
#[utoipa::path(delete, path = "/sessions/current", tag = "account", operation_id = "logOut",
    responses((status = 204, description = "The session has ended.")))]
async fn log_out(
    access: Access<part::Account, action::Change, AdministerAccess>,
) -> Result<HttpResponse, Problem> {
    let (id, actor) = (access.session().id, access.actor());
    access.platform().write(move |writer| writer.end_session(id, actor, SessionEnd::Logout)).await?;
    Ok(reply::no_content())
}

//! Sessions that have not ended: one's own, and for an administrator those of her users.

use actix_web::HttpResponse;
use groeilijn_domain::access::session::{IDLE_TIME, SessionEnd};
use groeilijn_domain::values::ids::{SessionId, UserId};
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Actor, Cost};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::cursor::Page;
use crate::http::guard::activity::AdministerAccess;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply;
use crate::reply_body;
use crate::state::AppState;

reply_body! {
    /// A session that has not ended.
    pub struct OpenSession {
        /// The session's id.
        id: SessionId,
        /// Whether it is the session in which this is asked.
        current: bool,
        /// When it began, in UTC.
        created_at: Timestamp,
        /// When something was last asked in it, in UTC.
        last_activity_at: Timestamp,
        /// When it ends if nothing is asked in it any more, in UTC (C061).
        ends_at: Timestamp,
    }
}

/// The sessions of an account that still count, the newest first.
async fn open_sessions(state: &AppState, account: UserId) -> Result<Vec<StoredSession>, Problem> {
    let now = state.environment().now();
    let sessions = state.store.sessions_of(account).await?;
    Ok(sessions.into_iter().filter(|session| session.is_live(now)).collect())
}

fn page(sessions: Vec<StoredSession>, current: Option<SessionId>) -> Result<HttpResponse, Problem> {
    let items = sessions.into_iter().map(|session| OpenSession {
        id: session.id,
        current: Some(session.id) == current,
        created_at: session.created_at,
        last_activity_at: session.facts.last_used_at,
        ends_at: session.facts.expires_at.min(session.facts.last_used_at + IDLE_TIME),
    });
    reply::view(&Page { items: items.collect() })
}

/// List one's own sessions
///
/// Everything that is logged in under the user's account, the newest first.
#[utoipa::path(get, path = "/account/sessions", tag = "account", operation_id = "listOwnSessions",
    responses((status = 200, description = "The sessions.", body = inline(Page<OpenSession>))))]
pub(super) async fn list_own_sessions(
    access: Access<part::Account, action::Read, AdministerAccess>,
) -> Result<HttpResponse, Problem> {
    page(open_sessions(access.state(), access.actor()?.account).await?, access.session_id())
}

/// End one of one's own sessions
///
/// Logs out somewhere else: on a telephone that was lost, for instance.
#[utoipa::path(delete, path = "/account/sessions/{sessionId}", tag = "account", operation_id = "endOwnSession",
    responses((status = 204, description = "The session has ended.")))]
pub(super) async fn end_own_session(
    access: Access<part::Account, action::Delete, AdministerAccess>,
    PathId(id): PathId<SessionId>,
) -> Result<HttpResponse, Problem> {
    let own = open_sessions(access.state(), access.actor()?.account).await?;
    let ended = own.into_iter().find(|session| session.id == id).ok_or_else(Problem::not_found)?;
    // A support session ends in the log of the institution that it looks into.
    let owner = ended.actor;
    access.platform().write(move |writer| writer.end_session(id, owner, SessionEnd::EndedByUser)).await?;
    Ok(reply::no_content())
}

/// List the sessions of a user
///
/// Where a user of the institution is logged in, the newest session first.
#[utoipa::path(get, path = "/users/{userId}/sessions", tag = "users", operation_id = "listSessionsOfUser",
    responses((status = 200, description = "The sessions.", body = inline(Page<OpenSession>))))]
pub(super) async fn list_sessions_of_user(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, Problem> {
    access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    page(open_sessions(access.state(), id).await?, access.session_id())
}

/// End the sessions of a user
///
/// Logs a user of the institution out everywhere. She can log in again.
#[utoipa::path(delete, path = "/users/{userId}/sessions", tag = "users", operation_id = "endSessionsOfUser",
    responses((status = 204, description = "The sessions have ended.")))]
pub(super) async fn end_sessions_of_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    let owner = Actor { account: user.id, ..access.actor()? };
    access
        .platform()
        .write(move |writer| writer.end_other_sessions(owner, None, SessionEnd::EndedByAdministrator))
        .await?;
    Ok(reply::no_content())
}

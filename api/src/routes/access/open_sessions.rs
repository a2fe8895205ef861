//! Sessions that have not ended: one's own, and for an administrator those of her users.

use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, SessionId, UserId};
use groeilijn_persistence::access::session::StoredSession;
use groeilijn_persistence::{Actor, Cost};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::whole_list;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{Listed, NoContent};
use crate::state::AppState;
use crate::{operations, reply_body};

operations! {
    /// The operations on open sessions.
    pub fn endpoints;

    /// List one's own sessions
    ///
    /// Everything that is logged in under the user's account, the newest first.
    GET "/account/sessions" => list_own_sessions: "The sessions.";

    /// End one of one's own sessions
    ///
    /// Logs out somewhere else: on a telephone that was lost, for instance.
    DELETE "/account/sessions/{sessionId}" => end_own_session: "The session has ended.";

    /// List the sessions of a user
    ///
    /// Where a user is logged in for the institution, the newest session first.
    GET "/users/{userId}/sessions" => list_sessions_of_user: "The sessions.";

    /// End the sessions of a user
    ///
    /// Logs a user out everywhere, as far as she acts in the institution. She can log in again.
    DELETE "/users/{userId}/sessions" => end_sessions_of_user: "The sessions have ended.";
}

reply_body! {
    /// A session that has not ended.
    pub struct OpenSession {
        /// The session's id.
        id: SessionId,
        /// Whether it is the session in which this is asked.
        current: bool,
        /// The institution that it acts in; for staff of the processor the one that a support session is for.
        institution_id: Option<InstitutionId>,
        /// When it began, in UTC.
        created_at: Timestamp,
        /// When something was last asked in it, in UTC.
        last_activity_at: Timestamp,
        /// When it ends if nothing is asked in it any more, in UTC (C061).
        ends_at: Timestamp,
    }
}

/// The sessions of an account that still count, the newest first.
async fn open_sessions(state: &AppState, account: AccountId) -> Result<Vec<StoredSession>, Problem> {
    let now = state.environment().now();
    let sessions = state.store.sessions_of(account).await?;
    Ok(sessions.into_iter().filter(|session| session.is_live(now)).collect())
}

fn shown(sessions: Vec<StoredSession>, current: Option<SessionId>) -> Result<Listed<OpenSession>, Problem> {
    let sessions = sessions.into_iter().map(|session| OpenSession {
        id: session.id,
        current: Some(session.id) == current,
        institution_id: session.actor.institution,
        created_at: session.created_at,
        last_activity_at: session.facts.last_used_at,
        ends_at: session.facts.ends_at(),
    });
    whole_list(sessions)
}

async fn list_own_sessions(
    access: Access<part::Account, action::Read, AdministerAccess>,
) -> Result<Listed<OpenSession>, Problem> {
    shown(open_sessions(access.state(), access.actor()?.account).await?, access.session_id())
}

async fn end_own_session(
    access: Access<part::Account, action::Delete, AdministerAccess>,
    PathId(id): PathId<SessionId>,
) -> Result<NoContent, Problem> {
    let own = open_sessions(access.state(), access.actor()?.account).await?;
    let ended = own.into_iter().find(|session| session.id == id).ok_or_else(Problem::not_found)?;
    // A support session ends in the log of the institution that it looks into.
    let owner = ended.actor;
    access.platform().write(move |writer| writer.end_session(id, owner, SessionEnd::EndedByUser)).await?;
    Ok(NoContent)
}

async fn list_sessions_of_user(
    access: Access<part::Users, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<Listed<OpenSession>, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    let all = open_sessions(access.state(), user.account).await?;
    let here = all.into_iter().filter(|session| session.actor.user == id).collect();
    shown(here, access.session_id())
}

async fn end_sessions_of_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<NoContent, Problem> {
    let user = access.tenant()?.read(Cost::Rows, move |reader| reader.user(id)).await?;
    let owner = Actor { account: user.account, user: user.id, ..access.actor()? };
    access
        .platform()
        .write(move |writer| writer.end_sessions_in_institution(owner, SessionEnd::EndedByAdministrator))
        .await?;
    Ok(NoContent)
}

//! Sessions: the row behind every access token, and the tokens that renew it.

use groeilijn_domain::{
    audit::ObjectKind,
    ids::SessionId,
    licence::Licence,
    session::{AccountState, SESSION_LIFE, SessionEnd, SessionFacts},
};
use jiff::Timestamp;

use crate::{
    account::read_actor,
    audit::Actor,
    convert::{code, micros, timestamp, uuid},
    database::{AnyConnection, Cost, query::prelude::*},
    error::{Error, Result},
    licence::LicenceRow,
    platform::PlatformWriter,
    schema::{account, licence, refresh_token, session},
    store::Store,
};

const TABLE: &str = "session";

/// A session and whose it is.
#[derive(Debug, Clone)]
pub struct StoredSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is, with the role that the account has now.
    pub actor: Actor,
    /// Whether it still counts.
    pub facts: SessionFacts,
    /// When it began, in UTC.
    pub created_at: Timestamp,
    /// The licence of the actor's institution; none for the processor's own accounts.
    pub licence: Option<Licence>,
}

/// How a refresh token was found.
pub enum Refresh {
    /// It was good, and is used up now.
    Renewed(StoredSession),
    /// It was used before: the session is ended.
    Reused(StoredSession),
    /// There is no such token, or its session no longer counts.
    Unknown,
}

impl Store {
    /// The session with this id, whether or not it still counts.
    pub async fn session(&self, id: SessionId) -> Result<Option<StoredSession>> {
        self.data().remembered(self.sessions(), id, move |connection| load(connection, id)).await
    }

    /// The session that a refresh token was given for, used or not; of the token only the SHA-256 is known.
    pub async fn session_of_refresh_token(&self, hash: [u8; 32]) -> Result<Option<StoredSession>> {
        self.data()
            .read(Cost::Rows, move |connection| match session_of_token(connection, &hash)? {
                Some(id) => load(connection, id),
                None => Ok(None),
            })
            .await
    }
}

type SessionRow = (i64, i64, Option<i64>, Vec<u8>, Option<Vec<u8>>, String, String, Option<LicenceRow>);

fn load(connection: &mut AnyConnection, id: SessionId) -> Result<Option<StoredSession>> {
    let row: Option<SessionRow> = session::table
        .inner_join(account::table)
        .left_join(licence::table.on(account::institution_id.eq(licence::institution_id.nullable())))
        .filter(session::id.eq(id.as_bytes().as_slice()))
        .select((
            session::created_at,
            session::expires_at,
            session::ended_at,
            account::id,
            account::institution_id,
            account::role,
            account::state,
            columns::<LicenceRow>().nullable(),
        ))
        .first(connection)
        .optional()?;
    let Some((created_at, expires_at, ended_at, account, institution, role, state, licence)) = row else {
        return Ok(None);
    };
    Ok(Some(StoredSession {
        id,
        actor: read_actor(&account, institution.as_deref(), &role)?,
        facts: SessionFacts {
            expires_at: timestamp(expires_at, TABLE)?,
            ended: ended_at.is_some(),
            account: code(AccountState::from_code, &state, TABLE)?,
        },
        created_at: timestamp(created_at, TABLE)?,
        licence: licence.map(|row| row.read()).transpose()?.map(|stored| stored.licence),
    }))
}

fn session_of_token(connection: &mut AnyConnection, hash: &[u8; 32]) -> Result<Option<SessionId>> {
    let found: Option<Vec<u8>> = refresh_token::table
        .find(hash.as_slice())
        .select(refresh_token::session_id)
        .first(connection)
        .optional()?;
    found.map(|id| Ok(SessionId::from_uuid(uuid(&id, TABLE)?))).transpose()
}

impl PlatformWriter<'_> {
    /// Begins a session for `actor` with its first refresh token, of which only the SHA-256 is kept.
    pub fn start_session(
        &mut self,
        id: SessionId,
        actor: Actor,
        refresh_hash: &[u8; 32],
    ) -> Result<StoredSession> {
        let now = self.now();
        let expires_at = now.checked_add(SESSION_LIFE).map_err(Error::internal)?;
        diesel::insert_into(session::table)
            .values((
                session::id.eq(id.as_bytes().as_slice()),
                session::account_id.eq(actor.account.as_bytes().as_slice()),
                session::created_at.eq(micros(now)),
                session::last_activity_at.eq(micros(now)),
                session::expires_at.eq(micros(expires_at)),
            ))
            .execute(self.connection)?;
        self.add_refresh_token(id, refresh_hash)?;
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())?;
        load(self.connection, id)?.ok_or(Error::NotFound)
    }

    /// Exchanges a refresh token for a new one. Of two who use the same token at once, one succeeds; the other
    /// ends the session, because one of the two is a thief (RFC 9700, 4.14.2).
    pub fn refresh_session(&mut self, old_hash: &[u8; 32], new_hash: &[u8; 32]) -> Result<Refresh> {
        let now = self.now();
        let Some(id) = session_of_token(self.connection, old_hash)? else { return Ok(Refresh::Unknown) };
        let used = diesel::update(
            refresh_token::table.find(old_hash.as_slice()).filter(refresh_token::used_at.is_null()),
        )
        .set(refresh_token::used_at.eq(micros(now)))
        .execute(self.connection)?;
        let stored = load(self.connection, id)?.ok_or(Error::NotFound)?;
        if !stored.facts.is_live(now) {
            return Ok(Refresh::Unknown);
        }
        if used == 0 {
            self.end_session(id, stored.actor, SessionEnd::RefreshReuse)?;
            return Ok(Refresh::Reused(stored));
        }
        self.add_refresh_token(id, new_hash)?;
        diesel::update(session::table.find(id.as_bytes().as_slice()))
            .set(session::last_activity_at.eq(micros(now)))
            .execute(self.connection)?;
        self.touch_for(stored.actor, ObjectKind::Session, id.as_uuid())?;
        Ok(Refresh::Renewed(stored))
    }

    /// Ends a session; every token of it is refused from now on.
    pub fn end_session(&mut self, id: SessionId, actor: Actor, end: SessionEnd) -> Result<()> {
        let now = micros(self.now());
        diesel::update(session::table.find(id.as_bytes().as_slice()).filter(session::ended_at.is_null()))
            .set((session::ended_at.eq(now), session::end_reason.eq(end.code())))
            .execute(self.connection)?;
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())
    }

    fn add_refresh_token(&mut self, id: SessionId, hash: &[u8; 32]) -> Result<()> {
        let now = micros(self.now());
        diesel::insert_into(refresh_token::table)
            .values((
                refresh_token::token_hash.eq(hash.as_slice()),
                refresh_token::session_id.eq(id.as_bytes().as_slice()),
                refresh_token::issued_at.eq(now),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

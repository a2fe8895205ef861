//! Sessions: the row behind every access token, and the tokens that renew it.

use std::sync::Arc;

use groeilijn_domain::{
    access::{Rights, Role},
    audit::ObjectKind,
    calendar::amsterdam_date,
    credential::{PasswordExpiry, is_expired},
    ids::{SessionId, SupportSessionId, UserId},
    institution::ContractProfile,
    licence::Licence,
    login::SecurityEventKind,
    network::Network,
    refusal::Refusal,
    second_factor,
    session::{AccountState, SESSION_LIFE, SessionEnd, SessionFacts, is_stolen},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::{
    account::{read_actor, read_networks, read_rights},
    activity::Used,
    audit::{Actor, SupportContext},
    convert::{code, date, micros, timestamp, uuid},
    database::{AnyConnection, Cost, query::prelude::*},
    error::{Error, Result},
    licence::{LicenceRow, StoredLicence},
    platform::PlatformWriter,
    schema::{
        account, institution, licence, refresh_token, second_factor as second_factor_table, session,
        support_session as support_session_rows,
    },
    store::Store,
    support_session::{self, StoredSupport},
};

const TABLE: &str = "session";

/// How long a session is kept after it could not last any longer.
const KEPT_AFTER_END: SignedDuration = SignedDuration::from_hours(24);
/// How many sessions are forgotten in one go, so that whoever writes does not wait long.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

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
    /// Whether the institution accepted the licence terms that hold now (C004); the processor's own accounts need not.
    pub terms_accepted: bool,
    /// The networks that the institution's users work from; none is any (C065).
    pub networks: Arc<[Network]>,
    /// The last day of the account's rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
    /// What the user may do (C066).
    pub rights: Rights,
    /// When the password was set, in UTC.
    pub password_set_at: Timestamp,
    /// When a password expires under the institution's contract (C059).
    pub password_expiry: PasswordExpiry,
    /// Whether the account has a second factor in use.
    pub has_second_factor: bool,
    /// Whether the account needs one.
    pub needs_second_factor: bool,
    /// What it is for, if it is a support session: its actor acts in the institution that is looked into.
    pub support: Option<StoredSupport>,
}

impl StoredSession {
    /// Whether the session counts at the moment `now`, and its account has rights on that day.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.check_basis(now).is_ok()
    }

    /// Whether the session was not ended at the moment `now`, by anybody or by the clock. That what a support session
    /// rests on still holds is for [`Self::check_basis`] to say.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.facts.is_live(now) && self.last_day.is_none_or(|last| amsterdam_date(now) <= last)
    }

    /// That what a support session rests on holds at the moment `now`; any other session rests on nothing.
    ///
    /// # Errors
    /// `no-consent` (C012), `not-coupled` (C101).
    pub fn check_basis(&self, now: Timestamp) -> Result<(), Refusal> {
        self.support.as_ref().map_or(Ok(()), |support| support.basis.check(now))
    }

    /// What the audit log says of a request in it, if it is a support session.
    pub fn support_context(&self) -> Option<SupportContext> {
        let session = SupportSessionId::from_uuid(self.id.as_uuid());
        self.support.as_ref().map(|support| SupportContext { session, user: support.user })
    }

    /// Whether the password has expired at the moment `now` (C059).
    pub fn must_change_password(&self, now: Timestamp) -> bool {
        is_expired(self.password_set_at, now, self.password_expiry, self.has_second_factor)
    }

    /// Whether the account needs a second factor and has none in use.
    pub fn must_set_up_second_factor(&self) -> bool {
        self.needs_second_factor && !self.has_second_factor
    }
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
        let found =
            self.data().remembered(self.sessions(), id, move |connection| load(connection, id)).await?;
        Ok(found.map(|session| self.with_activity(session)))
    }

    /// The session that a refresh token was given for, used or not; of the token only the SHA-256 is known.
    pub async fn session_of_refresh_token(&self, hash: [u8; 32]) -> Result<Option<StoredSession>> {
        self.data()
            .read(Cost::Rows, move |connection| match session_of_token(connection, &hash)? {
                Some(id) => load(connection, id),
                None => Ok(None),
            })
            .await
            .map(|found| found.map(|session| self.with_activity(session)))
    }

    /// Sessions of an account that were not ended, the newest first; some may have ended by themselves.
    pub async fn sessions_of(&self, account: UserId) -> Result<Vec<StoredSession>> {
        let now = micros(self.environment().now());
        let sessions = self
            .data()
            .read(Cost::Scan, move |connection| {
                let ids: Vec<Vec<u8>> = session::table
                    .filter(session::account_id.eq(account.as_bytes().as_slice()))
                    .filter(session::ended_at.is_null())
                    .filter(session::expires_at.gt(now))
                    .order(session::id.desc())
                    .select(session::id)
                    .load(connection)?;
                let mut sessions = Vec::with_capacity(ids.len());
                for id in ids {
                    sessions.extend(load(connection, SessionId::from_uuid(uuid(&id, TABLE)?))?);
                }
                Ok(sessions)
            })
            .await?;
        Ok(sessions.into_iter().map(|session| self.with_activity(session)).collect())
    }

    /// Notes that something is asked in a session at this moment (C061).
    pub fn note_activity(&self, id: SessionId, now: Timestamp) {
        self.note_use(Used::Session(id), now);
    }

    fn with_activity(&self, mut session: StoredSession) -> StoredSession {
        if let Some(latest) = self.activity().latest(Used::Session(session.id)) {
            session.facts.last_activity_at = session.facts.last_activity_at.max(latest);
        }
        session
    }
}

/// Keeps when something was last asked in a session.
pub(crate) fn keep_activity(connection: &mut AnyConnection, id: SessionId, at: Timestamp) -> Result<()> {
    diesel::update(
        session::table.find(id.as_bytes().as_slice()).filter(session::last_activity_at.lt(micros(at))),
    )
    .set(session::last_activity_at.eq(micros(at)))
    .execute(connection)?;
    Ok(())
}

/// Ends all sessions of an account at the moment `now`, in microseconds since 1970.
pub(crate) fn end_sessions_of(
    connection: &mut AnyConnection,
    account: UserId,
    end: SessionEnd,
    now: i64,
) -> Result<()> {
    diesel::update(
        session::table
            .filter(session::account_id.eq(account.as_bytes().as_slice()))
            .filter(session::ended_at.is_null()),
    )
    .set((session::ended_at.eq(now), session::end_reason.eq(end.code())))
    .execute(connection)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
struct SessionRow {
    created_at: i64,
    last_activity_at: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct AccountRow {
    id: Vec<u8>,
    institution_id: Option<Vec<u8>>,
    role: String,
    state: String,
    rights: Option<String>,
    last_day: Option<String>,
    password_set_at: Option<i64>,
}

fn load(connection: &mut AnyConnection, id: SessionId) -> Result<Option<StoredSession>> {
    type Row = (SessionRow, AccountRow, Option<LicenceRow>, Option<(String, String, i32)>, Option<i64>);
    let row: Option<Row> = session::table
        .inner_join(account::table)
        .left_join(licence::table.on(account::institution_id.eq(licence::institution_id.nullable())))
        .left_join(institution::table.on(account::institution_id.eq(institution::id.nullable())))
        .left_join(second_factor_table::table.on(account::id.eq(second_factor_table::account_id)))
        .filter(session::id.eq(id.as_bytes().as_slice()))
        .select((
            columns::<SessionRow>(),
            columns::<AccountRow>(),
            columns::<LicenceRow>().nullable(),
            (
                institution::login_networks,
                institution::contract_profile,
                institution::administrators_need_second_factor,
            )
                .nullable(),
            second_factor_table::confirmed_at.nullable(),
        ))
        .first(connection)
        .optional()?;
    let Some((session, account, licence, institution, confirmed_at)) = row else { return Ok(None) };
    let licence = licence.map(|row| row.read()).transpose()?;
    let (networks, profile, need_second_factor) = institution.unwrap_or_default();
    let terms = match profile.as_str() {
        "" => None,
        profile => Some(code(ContractProfile::from_code, profile, TABLE)?.terms()),
    };
    let administrators_need_it =
        need_second_factor != 0 || terms.is_some_and(|terms| terms.administrators_need_second_factor);
    let mut actor = read_actor(&account.id, account.institution_id.as_deref(), &account.role)?;
    let support = match actor.role {
        Role::Processor(_) => support_session::load(connection, id)?,
        Role::Institution(_) => None,
    };
    let rights = match &support {
        Some(support) => support.rights,
        None => read_rights(actor.role, account.rights.as_deref())?,
    };
    actor.institution = support.as_ref().map(|support| support.institution).or(actor.institution);
    Ok(Some(StoredSession {
        id,
        actor,
        facts: SessionFacts {
            expires_at: timestamp(session.expires_at, TABLE)?,
            last_activity_at: timestamp(session.last_activity_at, TABLE)?,
            ended: session.ended_at.is_some(),
            account: code(AccountState::from_code, &account.state, TABLE)?,
        },
        created_at: timestamp(session.created_at, TABLE)?,
        terms_accepted: licence.as_ref().is_none_or(StoredLicence::has_accepted_terms),
        licence: licence.map(|stored| stored.licence),
        networks: read_networks(&networks)?.into(),
        last_day: account.last_day.map(|day| date(&day, TABLE)).transpose()?,
        rights,
        password_set_at: timestamp(account.password_set_at.unwrap_or_default(), TABLE)?,
        password_expiry: terms.map_or(PasswordExpiry::Always, |terms| terms.password_expiry),
        has_second_factor: confirmed_at.is_some(),
        needs_second_factor: second_factor::is_required(actor.role, administrators_need_it),
        support,
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

impl Store {
    /// Forgets the sessions, with their refresh tokens, that could not last until a day before the moment `now`. Those of
    /// support stay, for the institution looks back at them (C048).
    pub async fn forget_old_sessions(&self, now: Timestamp) -> Result<()> {
        let oldest = micros(now - KEPT_AFTER_END);
        self.data()
            .writer()
            .run(move |connection, _| {
                let of_support = support_session_rows::table.select(support_session_rows::id);
                let old = session::table
                    .filter(session::expires_at.le(oldest))
                    .filter(session::id.ne_all(of_support))
                    .select(session::id);
                let ids: Vec<Vec<u8>> = old.limit(FORGOTTEN_AT_ONCE).load(connection)?;
                for id in ids {
                    diesel::delete(refresh_token::table.filter(refresh_token::session_id.eq(&id)))
                        .execute(connection)?;
                    diesel::delete(session::table.find(&id)).execute(connection)?;
                }
                Ok(())
            })
            .await
    }
}

impl PlatformWriter<'_> {
    /// Begins a session for `actor`, whose password was checked from the moment `checked_at` on, with its first refresh
    /// token, of which only the SHA-256 is kept; `None` when the password was replaced in the meantime.
    pub fn start_session(
        &mut self,
        id: SessionId,
        actor: Actor,
        checked_at: Timestamp,
        refresh_hash: &[u8; 32],
    ) -> Result<Option<StoredSession>> {
        let password_set_at: Option<i64> = account::table
            .find(actor.account.as_bytes().as_slice())
            .select(account::password_set_at)
            .first(self.connection)?;
        if password_set_at.is_some_and(|set_at| set_at > micros(checked_at)) {
            return Ok(None);
        }
        let expires_at = self.now().checked_add(SESSION_LIFE).map_err(Error::internal)?;
        self.insert_session(id, actor.account, expires_at, refresh_hash)?;
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())?;
        self.session(id).map(Some)
    }

    /// Enters a session of an account that lasts until `expires_at`, with its first refresh token.
    pub(crate) fn insert_session(
        &mut self,
        id: SessionId,
        account: UserId,
        expires_at: Timestamp,
        refresh_hash: &[u8; 32],
    ) -> Result<()> {
        let now = micros(self.now());
        diesel::insert_into(session::table)
            .values((
                session::id.eq(id.as_bytes().as_slice()),
                session::account_id.eq(account.as_bytes().as_slice()),
                session::created_at.eq(now),
                session::last_activity_at.eq(now),
                session::expires_at.eq(micros(expires_at)),
            ))
            .execute(self.connection)?;
        self.add_refresh_token(id, refresh_hash)
    }

    /// A session, whether or not it still counts.
    pub(crate) fn session(&mut self, id: SessionId) -> Result<StoredSession> {
        load(self.connection, id)?.ok_or(Error::NotFound)
    }

    /// Exchanges a refresh token for a new one. It is no activity: what a program does by itself keeps no session
    /// alive (C061, C062). Of those who use the same token at once, one succeeds and the others are refused; whoever
    /// uses it later ends the session, because one of the two is a thief (see [`is_stolen`]).
    pub fn refresh_session(&mut self, old_hash: &[u8; 32], new_hash: &[u8; 32]) -> Result<Refresh> {
        let now = self.now();
        let Some(id) = session_of_token(self.connection, old_hash)? else { return Ok(Refresh::Unknown) };
        let used = diesel::update(
            refresh_token::table.find(old_hash.as_slice()).filter(refresh_token::used_at.is_null()),
        )
        .set(refresh_token::used_at.eq(micros(now)))
        .execute(self.connection)?;
        let stored = load(self.connection, id)?.ok_or(Error::NotFound)?;
        if !self.store().with_activity(stored.clone()).is_live(now) {
            return Ok(Refresh::Unknown);
        }
        if used == 0 {
            let used_at: Option<i64> = refresh_token::table
                .find(old_hash.as_slice())
                .select(refresh_token::used_at)
                .first(self.connection)?;
            let used_at = used_at.map_or(Ok(now), |at| timestamp(at, TABLE))?;
            if !is_stolen(used_at, now) {
                return Ok(Refresh::Unknown);
            }
            self.end_session(id, stored.actor, SessionEnd::RefreshReuse)?;
            self.raise_event(SecurityEventKind::RefreshTokenReused, stored.actor)?;
            return Ok(Refresh::Reused(stored));
        }
        self.add_refresh_token(id, new_hash)?;
        self.touch_for(stored.actor, ObjectKind::Session, id.as_uuid())?;
        Ok(Refresh::Renewed(stored))
    }

    /// Ends all sessions of an account but, if it is given, one.
    pub fn end_other_sessions(
        &mut self,
        actor: Actor,
        kept: Option<SessionId>,
        end: SessionEnd,
    ) -> Result<()> {
        let own = session::table
            .filter(session::account_id.eq(actor.account.as_bytes().as_slice()))
            .filter(session::ended_at.is_null());
        let ids: Vec<Vec<u8>> = own.select(session::id).load(self.connection)?;
        for id in ids {
            let id = SessionId::from_uuid(uuid(&id, TABLE)?);
            if Some(id) != kept {
                self.end_session(id, actor, end)?;
            }
        }
        Ok(())
    }

    /// Ends a session; every token of it is refused from now on.
    pub fn end_session(&mut self, id: SessionId, actor: Actor, end: SessionEnd) -> Result<()> {
        self.mark_session_ended(id, end)?;
        self.touch_if_support(actor, id.as_uuid());
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())
    }

    /// Ends a session, unless it was ended before, and leaves it to the caller to say so in the audit log.
    pub(crate) fn mark_session_ended(&mut self, id: SessionId, end: SessionEnd) -> Result<()> {
        let now = micros(self.now());
        diesel::update(session::table.find(id.as_bytes().as_slice()).filter(session::ended_at.is_null()))
            .set((session::ended_at.eq(now), session::end_reason.eq(end.code())))
            .execute(self.connection)?;
        Ok(())
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

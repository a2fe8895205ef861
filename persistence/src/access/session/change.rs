//! How sessions begin, are renewed and end.

use groeilijn_domain::access::Role;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::{KEPT_AFTER_END, SESSION_LIFE, SessionEnd, is_stolen, is_superseded};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, SessionId};
use groeilijn_domain::values::network::{Origin, admits_text};
use groeilijn_engine::authentic::SPENT;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use super::{SessionRow, StoredSession, TokenRow, load, session_of_token};
use crate::access::account::{self, lock_account};
use crate::access::login::account::admits;
use crate::access::membership;
use crate::access::schema::{refresh_token, session};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::support::schema::support_session;

/// How many sessions are forgotten in one go, so that whoever writes does not wait long.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// How a refresh token was found.
pub enum Refresh {
    /// It was good, and is used up now.
    Renewed(Box<StoredSession>),
    /// There is no such token, it was used before, its session no longer counts, or it is used outside the networks of
    /// its institution.
    Refused {
        /// What it looks like, when two seem to have it.
        event: Option<SecurityEventKind>,
    },
}

impl Refresh {
    /// It is not good, and that is no sign of anything.
    const UNKNOWN: Self = Self::Refused { event: None };
}

/// When a refresh token was used, and from where.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_token)]
struct TokenUse {
    used_at: Option<Timestamp>,
    used_from: Option<Vec<u8>>,
}

impl Store {
    /// Forgets the sessions, with their refresh tokens, that could not last until a day before the moment `now`. Those of
    /// support stay, for the institution looks back at them (C048).
    pub async fn forget_old_sessions(&self, now: Timestamp) -> Result<()> {
        let oldest = now - KEPT_AFTER_END;
        self.data()
            .writer()
            .run(move |connection, _| {
                let of_support = support_session::table.select(support_session::id);
                let old = session::table
                    .filter(session::expires_at.until(oldest))
                    .filter(session::id.ne_all(of_support))
                    .select(session::id);
                let ids: Vec<SessionId> = old.limit(FORGOTTEN_AT_ONCE).load(connection)?;
                for id in ids {
                    diesel::delete(refresh_token::table.filter(refresh_token::session_id.is(id)))
                        .execute(connection)?;
                    diesel::delete(session::table.filter(session::id.is(id))).execute(connection)?;
                }
                Ok(())
            })
            .await
    }
}

impl PlatformWriter<'_> {
    /// Begins a session for `actor`, whose password was checked from the moment `checked_at` on, with its first refresh
    /// token, of which only the SHA-256 is kept; `None` when the password was replaced in the meantime, or a second factor
    /// came into use.
    pub fn start_session(
        &mut self,
        id: SessionId,
        actor: Actor,
        checked_at: Timestamp,
        refresh_hash: &[u8; 32],
    ) -> Result<Option<StoredSession>> {
        lock_account(self.connection, actor.account)?;
        let account = account::load(self.connection, self.store(), actor.account)?;
        if is_superseded(checked_at, account.password_set_at, account.second_factor_at) {
            return Ok(None);
        }
        let expires_at = self.now().checked_add(SESSION_LIFE).map_err(Error::internal)?;
        self.insert_session(id, (actor.account, actor.institution), expires_at, refresh_hash)?;
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())?;
        self.session(id).map(Some)
    }

    /// Enters a session of an account that acts in an institution, or for the processor, and lasts until `expires_at`, with
    /// its first refresh token.
    pub(crate) fn insert_session(
        &mut self,
        id: SessionId,
        (account_id, institution_id): (AccountId, Option<InstitutionId>),
        expires_at: Timestamp,
        refresh_hash: &[u8; 32],
    ) -> Result<()> {
        let now = self.now();
        let row = SessionRow {
            id,
            account_id,
            institution_id,
            created_at: now,
            last_used_at: now,
            expires_at,
            ended_at: None,
            proof: Vec::new(),
        };
        diesel::insert_into(session::table)
            .values((
                session::id.is(row.id),
                session::account_id.is(row.account_id),
                session::institution_id.is(row.institution_id),
                session::created_at.is(row.created_at),
                session::last_used_at.is(row.last_used_at),
                session::expires_at.is(row.expires_at),
                session::proof.eq(self.store().authenticator().prove(&row)?),
            ))
            .execute(self.connection)?;
        self.add_refresh_token(id, refresh_hash)
    }

    /// Lets the actor's session act in another institution of hers from now on: one where she is an active user, that has a
    /// licence in force, and from whose networks she asks. Both institutions have it in their logs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when she cannot act in that one, whatever the reason; [`Error::Forged`].
    pub fn switch_session(&mut self, id: SessionId, institution: InstitutionId) -> Result<StoredSession> {
        let (actor, today) = (self.actor()?, amsterdam_date(self.now()));
        lock_account(self.connection, actor.account)?;
        let own = membership::of_account(self.connection, self.store(), actor.account)?;
        let other = own.into_iter().find(|row| row.institution_id == institution).ok_or(Error::NotFound)?;
        if !admits(self.connection, &other, self.address(), today)? {
            return Err(Error::NotFound);
        }
        let open = session::table.filter(session::id.is(id)).filter(session::ended_at.is_null());
        let row: SessionRow =
            open.select(columns::<SessionRow>()).first(self.connection).optional()?.ok_or(Error::NotFound)?;
        let row = self.store().authenticator().check(row)?;
        let moved = SessionRow { institution_id: Some(institution), ..row };
        diesel::update(open)
            .set((
                session::institution_id.is(moved.institution_id),
                session::proof.eq(self.store().authenticator().prove(&moved)?),
            ))
            .execute(self.connection)?;
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())?;
        self.touch_for(other.actor(), ObjectKind::Session, id.as_uuid())?;
        self.session(id)
    }

    /// A session, whether or not it still counts.
    pub(crate) fn session(&mut self, id: SessionId) -> Result<StoredSession> {
        load(self.connection, self.store(), id)?.ok_or(Error::NotFound)
    }

    /// Exchanges a refresh token for a new one, for a program that calls itself `user_agent`. That is no use of the
    /// session: what a program does by itself keeps no session alive (C061, C062). Of those who use the same token at
    /// once, one succeeds and the others are refused; whoever uses it later ends the session, because one of the two is a
    /// thief (see [`is_stolen`]). Outside the networks that the institution's users work from (C065) it is refused and
    /// stays as it is.
    pub fn refresh_session(
        &mut self,
        old_hash: &[u8; 32],
        new_hash: &[u8; 32],
        user_agent: &str,
    ) -> Result<Refresh> {
        let now = self.now();
        let Some(id) = session_of_token(self.connection, self.store(), old_hash)? else {
            return Ok(Refresh::UNKNOWN);
        };
        let stored = load(self.connection, self.store(), id)?.ok_or(Error::NotFound)?;
        if !self.store().with_last_use(stored.clone()).is_live(now) {
            return Ok(Refresh::UNKNOWN);
        }
        let from = self.store().login_index().of_program(&Origin::of(self.address()).network, user_agent)?;
        let before = self.use_of_token(old_hash)?;
        if before.used_at.is_none() && !admits_text(&stored.networks, self.address()) {
            return Ok(Refresh::UNKNOWN);
        }
        if before.used_at.is_some() || !self.use_token(old_hash, &from)? {
            let event = self.used_again(&stored, old_hash, &from)?;
            return Ok(Refresh::Refused { event });
        }
        self.add_refresh_token(id, new_hash)?;
        self.touch_for(stored.actor, ObjectKind::Session, id.as_uuid())?;
        Ok(Refresh::Renewed(stored.into()))
    }

    fn use_of_token(&mut self, hash: &[u8; 32]) -> Result<TokenUse> {
        Ok(refresh_token::table
            .filter(refresh_token::token_hash.eq(hash.as_slice()))
            .select(columns::<TokenUse>())
            .first(self.connection)?)
    }

    /// Uses a token up, from a place; `false` when somebody did at this moment.
    fn use_token(&mut self, hash: &[u8; 32], from: &[u8]) -> Result<bool> {
        let now = self.now();
        let unused = refresh_token::table
            .filter(refresh_token::token_hash.eq(hash.as_slice()))
            .filter(refresh_token::used_at.is_null());
        let row: Option<TokenRow> = unused.select(columns::<TokenRow>()).first(self.connection).optional()?;
        let Some(row) = row else { return Ok(false) };
        self.store().authenticator().check(row)?;
        let used = diesel::update(unused)
            .set((
                refresh_token::used_at.is(Some(now)),
                refresh_token::used_from.eq(from),
                refresh_token::proof.eq(SPENT),
            ))
            .execute(self.connection)?;
        Ok(used == 1)
    }

    /// A token that was used before is used again: what that looks like.
    fn used_again(
        &mut self,
        stored: &StoredSession,
        hash: &[u8; 32],
        from: &[u8],
    ) -> Result<Option<SecurityEventKind>> {
        let (now, before) = (self.now(), self.use_of_token(hash)?);
        let event = if is_stolen(before.used_at.unwrap_or(now), now) {
            self.end_session(stored.id, stored.actor, SessionEnd::RefreshReuse)?;
            SecurityEventKind::RefreshTokenReused
        } else if before.used_from.is_some_and(|first| first != from) {
            // Once for each token, however often it comes.
            diesel::update(refresh_token::table.filter(refresh_token::token_hash.eq(hash.as_slice())))
                .set(refresh_token::used_from.eq(None::<Vec<u8>>))
                .execute(self.connection)?;
            SecurityEventKind::RefreshTokenUsedElsewhere
        } else {
            return Ok(None);
        };
        self.raise_event(event, stored.actor)?;
        Ok(Some(event))
    }

    /// Ends all sessions of the actor's account but, if it is given, one.
    pub fn end_other_sessions(
        &mut self,
        actor: Actor,
        kept: Option<SessionId>,
        end: SessionEnd,
    ) -> Result<()> {
        let own =
            session::table.filter(session::account_id.is(actor.account)).filter(session::ended_at.is_null());
        let ids: Vec<SessionId> = own.select(session::id).load(self.connection)?;
        self.end_sessions(ids.into_iter().filter(|id| Some(*id) != kept), actor, end)
    }

    /// Ends the sessions in which somebody acts in her institution.
    pub fn end_sessions_in_institution(&mut self, actor: Actor, end: SessionEnd) -> Result<()> {
        let ids: Vec<SessionId> = session::table
            .filter(session::account_id.is(actor.account))
            .filter(session::institution_id.is(actor.institution))
            .filter(session::ended_at.is_null())
            .select(session::id)
            .load(self.connection)?;
        self.end_sessions(ids, actor, end)
    }

    fn end_sessions(
        &mut self,
        ids: impl IntoIterator<Item = SessionId>,
        actor: Actor,
        end: SessionEnd,
    ) -> Result<()> {
        ids.into_iter().try_for_each(|id| self.end_session(id, actor, end))
    }

    /// Ends a session; every token of it is refused from now on.
    pub fn end_session(&mut self, id: SessionId, actor: Actor, end: SessionEnd) -> Result<()> {
        self.mark_session_ended(id, end)?;
        // Of the processor's staff only those in a support session are in an institution.
        if let (Role::Processor(_), Some(_)) = (actor.role, actor.institution) {
            self.touch(ObjectKind::SupportSession, id.as_uuid());
        }
        self.touch_for(actor, ObjectKind::Session, id.as_uuid())
    }

    /// Ends a session, unless it was ended before, and leaves it to the caller to say so in the audit log.
    pub(crate) fn mark_session_ended(&mut self, id: SessionId, end: SessionEnd) -> Result<()> {
        let now = self.now();
        diesel::update(session::table.filter(session::id.is(id)).filter(session::ended_at.is_null()))
            .set((
                session::ended_at.is(Some(now)),
                session::end_reason.is(Some(end)),
                session::proof.eq(SPENT),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    fn add_refresh_token(&mut self, id: SessionId, hash: &[u8; 32]) -> Result<()> {
        let now = self.now();
        let (token_hash, proof) = (hash.to_vec(), Vec::new());
        let row = TokenRow { token_hash, session_id: id, used_at: None, proof };
        diesel::insert_into(refresh_token::table)
            .values((
                refresh_token::token_hash.eq(&row.token_hash),
                refresh_token::session_id.is(row.session_id),
                refresh_token::issued_at.is(now),
                refresh_token::proof.eq(self.store().authenticator().prove(&row)?),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

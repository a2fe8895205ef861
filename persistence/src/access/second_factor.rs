//! The second factor of an account: the secret, sealed under the person's own key, and recovery codes, of which only
//! hashes are kept. Like the account itself it is read before anybody is logged in.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::second_factor::{
    AppCode, LoginCode, SecondFactorState, TotpSecret, check_confirmation, check_reset, is_recovery_repeated,
};
use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{SessionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;

use crate::access::account::lock_account;
use crate::access::key_owner;
use crate::access::schema::{recovery_code, second_factor};
use crate::access::session::end_sessions_of;
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;

const TABLE: &str = "second_factor";

/// How the second factor of an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSecondFactor {
    /// Whether there is one, and whether it is in use.
    pub state: SecondFactorState,
    /// Whether one awaits its first code, to be taken into use or to take the place of the one in use.
    pub awaits_code: bool,
    /// How many recovery codes were not used yet.
    pub recovery_codes_left: u32,
}

/// Whether a second factor is asked for beside the password.
pub enum SecondFactorCheck {
    /// When the account has one in use: the code that was sent, if one was.
    IfInUse(Option<LoginCode>),
    /// No more: whoever tries has shown it.
    AlreadyShown,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The account asks for no more.
    Enough,
    /// The account asks for a code, which was shown when its user logged in.
    Before,
    /// The account asks for a code, and none was sent.
    Missing,
    /// The code is the one that was used last, and is shown still: it was sent twice.
    Repeated,
    /// The code is not good, or was used longer ago.
    Wrong,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factor)]
struct SecondFactorRow {
    secret: Vec<u8>,
    last_step: Option<i64>,
}

impl SecondFactorRow {
    fn load(
        connection: &mut AnyConnection,
        account: UserId,
        state: SecondFactorState,
    ) -> Result<Option<Self>> {
        Ok(second_factor::table
            .filter(second_factor::account_id.is(account))
            .filter(second_factor::state.is(state))
            .select(columns::<Self>())
            .first(connection)
            .optional()?)
    }

    fn secret(&self, store: &Store, actor: Actor) -> Result<TotpSecret> {
        let opened = RowOpener::new(store.keys(), place(actor)).bytes("secret", &self.secret)?;
        let bytes = opened.as_deref().and_then(|bytes| <[u8; 20]>::try_from(bytes.as_slice()).ok());
        Ok(TotpSecret::from_bytes(bytes.ok_or(Error::Unreadable(TABLE))?))
    }

    /// The time step of a code of the app, as long as it can be used now.
    fn matching_step(&self, store: &Store, actor: Actor, code: &AppCode) -> Result<Option<i64>> {
        let (secret, now) = (self.secret(store, actor)?, store.environment().now());
        Ok(secret.matching_step(code.as_str(), now, self.last_step))
    }

    /// Holds a code of the app against it, and uses the code up. Of two who use it at once, one succeeds.
    fn show(
        &self,
        connection: &mut AnyConnection,
        store: &Store,
        actor: Actor,
        code: &AppCode,
    ) -> Result<Shown> {
        let (secret, now) = (self.secret(store, actor)?, store.environment().now());
        Ok(match secret.matching_step(code.as_str(), now, self.last_step) {
            Some(step) if use_step(connection, actor.account, step)? => Shown::Enough,
            // Somebody else used it since the row was read.
            Some(_) => Shown::Repeated,
            None if secret.is_repeated(code.as_str(), now, self.last_step) => Shown::Repeated,
            None => Shown::Wrong,
        })
    }
}

fn place(actor: Actor) -> RowPlace {
    let row = actor.account.as_uuid();
    RowPlace { institution: actor.realm(), table: TABLE, row, owner: key_owner::of(actor) }
}

/// Holds what was sent against the second factor of an account, and uses the code up.
pub(crate) fn check(
    connection: &mut AnyConnection,
    store: &Store,
    actor: Actor,
    check: &SecondFactorCheck,
) -> Result<Shown> {
    let in_use = SecondFactorRow::load(connection, actor.account, SecondFactorState::Active)?;
    let Some(row) = in_use else { return Ok(Shown::Enough) };
    let SecondFactorCheck::IfInUse(code) = check else { return Ok(Shown::Before) };
    match code {
        None => Ok(Shown::Missing),
        Some(LoginCode::App(code)) => row.show(connection, store, actor, code),
        Some(LoginCode::Recovery(code)) => {
            use_recovery_code(connection, actor.account, &code.hash(), store.environment().now())
        }
    }
}

/// Remembers the time step of a code. Of two who use it at once, one succeeds.
fn use_step(connection: &mut AnyConnection, account: UserId, step: i64) -> Result<bool> {
    let unused = second_factor::table
        .filter(second_factor::account_id.is(account))
        .filter(second_factor::state.is(SecondFactorState::Active))
        .filter(second_factor::last_step.is_null().or(second_factor::last_step.lt(step)));
    let used = diesel::update(unused).set(second_factor::last_step.eq(step)).execute(connection)?;
    Ok(used == 1)
}

/// Crosses out a recovery code. Of two who use it at once, one succeeds.
fn use_recovery_code(
    connection: &mut AnyConnection,
    account: UserId,
    hash: &[u8; 32],
    now: Timestamp,
) -> Result<Shown> {
    let own = recovery_code::table
        .filter(recovery_code::account_id.is(account))
        .filter(recovery_code::code_hash.eq(hash.as_slice()))
        .filter(recovery_code::state.is(SecondFactorState::Active));
    let unused = own.filter(recovery_code::used_at.is_null());
    if diesel::update(unused).set(recovery_code::used_at.is(Some(now))).execute(connection)? == 1 {
        return Ok(Shown::Enough);
    }
    let used_at: Option<Option<Timestamp>> =
        own.select(recovery_code::used_at).first(connection).optional()?;
    let repeated = used_at.flatten().is_some_and(|used_at| is_recovery_repeated(used_at, now));
    Ok(if repeated { Shown::Repeated } else { Shown::Wrong })
}

/// Forgets the second factor of an account that is in this state, if it has one.
fn forget(connection: &mut AnyConnection, account: UserId, state: SecondFactorState) -> Result<()> {
    let codes = recovery_code::table
        .filter(recovery_code::account_id.is(account))
        .filter(recovery_code::state.is(state));
    diesel::delete(codes).execute(connection)?;
    let factor = second_factor::table
        .filter(second_factor::account_id.is(account))
        .filter(second_factor::state.is(state));
    diesel::delete(factor).execute(connection)?;
    Ok(())
}

/// Forgets the second factor of an account, whether or not it is in use.
fn forget_all(connection: &mut AnyConnection, account: UserId) -> Result<()> {
    forget(connection, account, SecondFactorState::Pending)?;
    forget(connection, account, SecondFactorState::Active)
}

impl Store {
    /// How the second factor of an account stands.
    pub async fn second_factor(&self, account: UserId) -> Result<StoredSecondFactor> {
        self.data()
            .read(Cost::Rows, move |connection| {
                let states: Vec<SecondFactorState> = second_factor::table
                    .filter(second_factor::account_id.is(account))
                    .select(second_factor::state)
                    .load(connection)?;
                let has = |state: SecondFactorState| states.contains(&state);
                let state = [SecondFactorState::Active, SecondFactorState::Pending]
                    .into_iter()
                    .find(|&state| has(state))
                    .unwrap_or(SecondFactorState::None);
                let left: i64 = recovery_code::table
                    .filter(recovery_code::account_id.is(account))
                    .filter(recovery_code::state.is(state))
                    .filter(recovery_code::used_at.is_null())
                    .count()
                    .get_result(connection)?;
                Ok(StoredSecondFactor {
                    state,
                    awaits_code: has(SecondFactorState::Pending),
                    recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX),
                })
            })
            .await
    }
}

impl PlatformWriter<'_> {
    /// Gives the actor a second factor, of which a code has to be shown before it is in use; one that is in use stays so
    /// until then. Of the recovery codes only the SHA-256 is kept.
    pub fn set_up_second_factor(
        &mut self,
        actor: Actor,
        secret: &TotpSecret,
        recovery_code_hashes: &[[u8; 32]],
    ) -> Result<()> {
        let (account, now, store) = (actor.account, self.now(), self.store());
        forget(self.connection, account, SecondFactorState::Pending)?;
        let mut row = RowSealer::new(store.keys(), store.environment(), place(actor))?;
        diesel::insert_into(second_factor::table)
            .values((
                second_factor::account_id.is(account),
                second_factor::state.is(SecondFactorState::Pending),
                second_factor::secret.eq(row.bytes("secret", Some(secret.as_bytes()))),
                second_factor::created_at.is(now),
            ))
            .execute(self.connection)?;
        for hash in recovery_code_hashes {
            diesel::insert_into(recovery_code::table)
                .values((
                    recovery_code::account_id.is(account),
                    recovery_code::code_hash.eq(hash.as_slice()),
                    recovery_code::state.is(SecondFactorState::Pending),
                ))
                .execute(self.connection)?;
        }
        match actor.institution {
            Some(institution) => self.enter(institution, |writer| {
                writer.sealed(row);
                writer.touch(ObjectKind::User, account.as_uuid());
                Ok(())
            }),
            None => self.touch_for(actor, ObjectKind::User, account.as_uuid()),
        }
    }

    /// Takes the actor's second factor into use, in the place of any before it, for a code of it was shown, and ends all
    /// sessions but `kept`, which began without it. `false` when the code is not right.
    ///
    /// # Errors
    /// [`Error::Conflict`] `nothing-to-confirm` when none is pending any more.
    pub fn confirm_second_factor(
        &mut self,
        actor: Actor,
        kept: Option<SessionId>,
        code: &AppCode,
    ) -> Result<bool> {
        lock_account(self.connection, actor.account)?;
        let pending = SecondFactorRow::load(self.connection, actor.account, SecondFactorState::Pending)?;
        check_confirmation(pending.is_some()).map_err(Error::Conflict)?;
        let step = pending.map(|pending| pending.matching_step(self.store(), actor, code)).transpose()?;
        let Some(step) = step.flatten() else { return Ok(false) };
        let (account, now) = (actor.account, self.now());
        forget(self.connection, account, SecondFactorState::Active)?;
        let pending = second_factor::table
            .filter(second_factor::account_id.is(account))
            .filter(second_factor::state.is(SecondFactorState::Pending));
        diesel::update(pending)
            .set((
                second_factor::state.is(SecondFactorState::Active),
                second_factor::confirmed_at.is(Some(now)),
                second_factor::last_step.eq(step),
            ))
            .execute(self.connection)?;
        diesel::update(recovery_code::table.filter(recovery_code::account_id.is(account)))
            .set(recovery_code::state.is(SecondFactorState::Active))
            .execute(self.connection)?;
        self.end_other_sessions(actor, kept, SessionEnd::SecondFactorChanged)?;
        self.touch_for(actor, ObjectKind::User, actor.account.as_uuid())?;
        Ok(true)
    }

    /// Takes the actor's second factor away, and ends all sessions but `kept`.
    pub fn remove_second_factor(&mut self, actor: Actor, kept: SessionId) -> Result<()> {
        forget_all(self.connection, actor.account)?;
        self.end_other_sessions(actor, Some(kept), SessionEnd::SecondFactorChanged)?;
        self.touch_for(actor, ObjectKind::User, actor.account.as_uuid())
    }

    /// Takes away the second factor of a member of the processor's staff, who lost it; their sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `own-second-factor`.
    pub fn reset_processor_second_factor(&mut self, id: UserId) -> Result<()> {
        self.reader().processor_staff_member(id)?;
        check_reset(self.actor()?.account, id).map_err(Error::Conflict)?;
        forget_all(self.connection, id)?;
        let now = self.now();
        end_sessions_of(self.connection, id, SessionEnd::SecondFactorChanged, now)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        Ok(())
    }
}

impl TenantWriter<'_> {
    /// Takes away the second factor of a user, who lost it; her sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `own-second-factor`.
    pub fn reset_second_factor(&mut self, id: UserId) -> Result<()> {
        self.user(id)?;
        check_reset(self.actor()?.account, id).map_err(Error::Conflict)?;
        forget_all(self.connection, id)?;
        let now = self.now();
        end_sessions_of(self.connection, id, SessionEnd::SecondFactorChanged, now)
    }
}

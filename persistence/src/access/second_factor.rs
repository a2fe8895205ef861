//! The second factor of an account: the secret, sealed under the person's own key, and recovery codes, of which only
//! hashes are kept. Like the account itself it is read before anybody is logged in.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::second_factor::{
    AppCode, LoginCode, SecondFactorState, TotpSecret, check_confirmation, check_reset, is_recovery_repeated,
};
use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{AccountId, InstitutionId, SessionId, UserId};
use groeilijn_engine::authentic::{Authentic, Fields, SPENT};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;

use crate::access::account::{self, lock_account};
use crate::access::key_owner;
use crate::access::membership;
use crate::access::schema::{recovery_code, second_factor};
use crate::access::session::end_sessions_of;
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;

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
    account_id: AccountId,
    state: SecondFactorState,
    secret: Vec<u8>,
    last_step: Option<i64>,
    proof: Vec<u8>,
}

impl Authentic for SecondFactorRow {
    const TABLE: &'static str = TABLE;

    fn prove(&self, fields: &mut Fields) {
        fields.bytes(self.account_id.as_bytes()).text(self.state.code()).bytes(&self.secret);
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

/// A recovery code, of which only the hash is known.
#[derive(Queryable, Selectable)]
#[diesel(table_name = recovery_code)]
struct RecoveryCodeRow {
    account_id: AccountId,
    code_hash: Vec<u8>,
    state: SecondFactorState,
    used_at: Option<Timestamp>,
    proof: Vec<u8>,
}

impl Authentic for RecoveryCodeRow {
    const TABLE: &'static str = "recovery_code";

    fn prove(&self, fields: &mut Fields) {
        fields.bytes(self.account_id.as_bytes()).bytes(&self.code_hash).text(self.state.code());
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

impl SecondFactorRow {
    fn load(
        connection: &mut AnyConnection,
        store: &Store,
        account: AccountId,
        state: SecondFactorState,
    ) -> Result<Option<Self>> {
        let row: Option<Self> = second_factor::table
            .filter(second_factor::account_id.is(account))
            .filter(second_factor::state.is(state))
            .select(columns::<Self>())
            .first(connection)
            .optional()?;
        row.map(|row| store.authenticator().check(row)).transpose()
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

/// The secret is the person's, whatever institution she acts in.
fn place(actor: Actor) -> RowPlace {
    let (institution, row) = (InstitutionId::PLATFORM, actor.account.as_uuid());
    RowPlace { institution, table: TABLE, row, owner: key_owner::login(actor) }
}

/// Holds what was sent against the second factor of an account, and uses the code up.
pub(crate) fn check(
    connection: &mut AnyConnection,
    store: &Store,
    actor: Actor,
    check: &SecondFactorCheck,
) -> Result<Shown> {
    if account::load(connection, store, actor.account)?.second_factor_at.is_none() {
        return Ok(Shown::Enough);
    }
    // The account says that there is one, so a row that is not there was taken away by somebody else.
    let in_use = SecondFactorRow::load(connection, store, actor.account, SecondFactorState::Active)?;
    let row = in_use.ok_or(Error::Forged(TABLE))?;
    let SecondFactorCheck::IfInUse(code) = check else { return Ok(Shown::Before) };
    match code {
        None => Ok(Shown::Missing),
        Some(LoginCode::App(code)) => row.show(connection, store, actor, code),
        Some(LoginCode::Recovery(code)) => use_recovery_code(connection, store, actor.account, &code.hash()),
    }
}

/// Remembers the time step of a code. Of two who use it at once, one succeeds.
fn use_step(connection: &mut AnyConnection, account: AccountId, step: i64) -> Result<bool> {
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
    store: &Store,
    account: AccountId,
    hash: &[u8; 32],
) -> Result<Shown> {
    let now = store.environment().now();
    let own = recovery_code::table
        .filter(recovery_code::account_id.is(account))
        .filter(recovery_code::code_hash.eq(hash.as_slice()))
        .filter(recovery_code::state.is(SecondFactorState::Active));
    let row: Option<RecoveryCodeRow> =
        own.select(columns::<RecoveryCodeRow>()).first(connection).optional()?;
    let Some(row) = row else { return Ok(Shown::Wrong) };
    if let Some(used_at) = row.used_at {
        return Ok(if is_recovery_repeated(used_at, now) { Shown::Repeated } else { Shown::Wrong });
    }
    store.authenticator().check(row)?;
    let used = (recovery_code::used_at.is(Some(now)), recovery_code::proof.eq(SPENT));
    let unused = own.filter(recovery_code::used_at.is_null());
    let is_first = diesel::update(unused).set(used).execute(connection)? == 1;
    Ok(if is_first { Shown::Enough } else { Shown::Repeated })
}

/// Forgets the second factor of an account that is in this state, if it has one.
fn forget(connection: &mut AnyConnection, account: AccountId, state: SecondFactorState) -> Result<()> {
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
fn forget_all(connection: &mut AnyConnection, store: &Store, id: AccountId) -> Result<()> {
    account::change(connection, store, id, |row| {
        row.second_factor_at = None;
        Ok(())
    })?;
    forget(connection, id, SecondFactorState::Pending)?;
    forget(connection, id, SecondFactorState::Active)
}

impl Store {
    /// How the second factor of an account stands.
    pub async fn second_factor(&self, account: AccountId) -> Result<StoredSecondFactor> {
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
    /// until then. Of the recovery codes only the SHA-256 is kept. The person's key was made before
    /// ([`Platform::entering`](crate::Platform::entering)).
    pub fn set_up_second_factor(
        &mut self,
        actor: Actor,
        secret: &TotpSecret,
        recovery_code_hashes: &[[u8; 32]],
    ) -> Result<()> {
        let (account, state, store) = (actor.account, SecondFactorState::Pending, self.store());
        lock_account(self.connection, account)?;
        forget(self.connection, account, state)?;
        let mut sealer = RowSealer::new(store.keys(), store.environment(), place(actor))?;
        let secret = sealer.bytes("secret", Some(secret.as_bytes()));
        let mut row =
            SecondFactorRow { account_id: account, state, secret, last_step: None, proof: Vec::new() };
        row.proof = store.authenticator().prove(&row)?;
        let now = self.now();
        diesel::insert_into(second_factor::table)
            .values((
                second_factor::account_id.is(account),
                second_factor::state.is(state),
                second_factor::secret.eq(&row.secret),
                second_factor::created_at.is(now),
                second_factor::proof.eq(&row.proof),
            ))
            .execute(self.connection)?;
        for hash in recovery_code_hashes {
            let code_hash = hash.to_vec();
            let code =
                RecoveryCodeRow { account_id: account, code_hash, state, used_at: None, proof: Vec::new() };
            let proof = store.authenticator().prove(&code)?;
            diesel::insert_into(recovery_code::table)
                .values((
                    recovery_code::account_id.is(account),
                    recovery_code::code_hash.eq(&code.code_hash),
                    recovery_code::state.is(state),
                    recovery_code::proof.eq(proof),
                ))
                .execute(self.connection)?;
        }
        self.touch_everywhere(account)
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
        let (id, store, now) = (actor.account, self.store(), self.now());
        lock_account(self.connection, id)?;
        let pending = SecondFactorRow::load(self.connection, store, id, SecondFactorState::Pending)?;
        check_confirmation(pending.is_some()).map_err(Error::Conflict)?;
        let Some(mut row) = pending else { return Ok(false) };
        let Some(step) = row.matching_step(store, actor, code)? else { return Ok(false) };
        forget(self.connection, id, SecondFactorState::Active)?;
        row.state = SecondFactorState::Active;
        let pending = second_factor::table
            .filter(second_factor::account_id.is(id))
            .filter(second_factor::state.is(SecondFactorState::Pending));
        diesel::update(pending)
            .set((
                second_factor::state.is(row.state),
                second_factor::last_step.eq(step),
                second_factor::proof.eq(store.authenticator().prove(&row)?),
            ))
            .execute(self.connection)?;
        self.take_codes_into_use(id)?;
        account::change(self.connection, store, id, |row| {
            row.second_factor_at = Some(now);
            Ok(())
        })?;
        self.end_other_sessions(actor, kept, SessionEnd::SecondFactorChanged)?;
        self.touch_everywhere(id)?;
        Ok(true)
    }

    fn take_codes_into_use(&mut self, id: AccountId) -> Result<()> {
        let own = recovery_code::table.filter(recovery_code::account_id.is(id));
        let codes: Vec<RecoveryCodeRow> = own.select(columns::<RecoveryCodeRow>()).load(self.connection)?;
        for code in codes {
            let mut code = self.store().authenticator().check(code)?;
            code.state = SecondFactorState::Active;
            let proof = self.store().authenticator().prove(&code)?;
            diesel::update(own.filter(recovery_code::code_hash.eq(&code.code_hash)))
                .set((recovery_code::state.is(code.state), recovery_code::proof.eq(proof)))
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// Takes the actor's second factor away, and ends all sessions but `kept`.
    pub fn remove_second_factor(&mut self, actor: Actor, kept: SessionId) -> Result<()> {
        forget_all(self.connection, self.store(), actor.account)?;
        self.end_other_sessions(actor, Some(kept), SessionEnd::SecondFactorChanged)?;
        self.touch_everywhere(actor.account)
    }

    /// Takes away the second factor of a member of the processor's staff, who lost it; their sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `own-second-factor`.
    pub fn reset_processor_second_factor(&mut self, id: UserId) -> Result<()> {
        self.reader().processor_staff_member(id)?;
        check_reset(self.actor()?.user, id).map_err(Error::Conflict)?;
        let now = self.now();
        forget_all(self.connection, self.store(), id.into())?;
        end_sessions_of(self.connection, id.into(), SessionEnd::SecondFactorChanged, now)?;
        self.touch(ObjectKind::ProcessorStaff, id.as_uuid());
        Ok(())
    }

    /// Takes away the second factor of a user of an institution, who lost it; her sessions end. All her institutions have
    /// it in their logs. Of who never accepted the institution's invitation, nothing is taken away.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `own-second-factor`.
    pub fn reset_second_factor(&mut self, institution: InstitutionId, id: UserId) -> Result<()> {
        check_reset(self.actor()?.user, id).map_err(Error::Conflict)?;
        let membership = membership::load(self.connection, self.store(), institution, id)?;
        self.enter(institution, |tenant| tenant.user(id).map(drop))?;
        if !membership.standing().accepted {
            return Ok(());
        }
        let (account, now) = (membership.account_id, self.now());
        forget_all(self.connection, self.store(), account)?;
        end_sessions_of(self.connection, account, SessionEnd::SecondFactorChanged, now)?;
        self.touch_everywhere(account)
    }
}

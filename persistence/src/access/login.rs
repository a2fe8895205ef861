//! Counting logins: how many may fail, which wrong password blocks an account (C060), and what looks like an
//! attack (C079).
//!
//! An attempt is counted as failed before its password is checked and taken back when it was right. So of any number
//! of guesses at the same moment, in any number of processes, no more are checked than could fail one by one.

use diesel::AggregateExpressionMethods;
use diesel::dsl::{count, count_star, min};
use groeilijn_domain::access::login::{
    Allowance, BLOCKS_THAT_ALERT, Failures, Limit, STRIKES, SecurityEventKind, WINDOW, refused_by,
};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::audit::entry::{ObjectKind, Outcome};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::tree::PendingEntry;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::access::account::lock_account;
use crate::access::account::{LoginAccount, account_by_index, raise_revision};
use crate::access::letter::{self, LetterContent};
use crate::access::schema::{account, login_failure};
use crate::access::second_factor::{self, SecondFactorCheck, Shown};
use crate::convert::{micros, timestamp};
use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

const TABLE: &str = "login_failure";

/// How long a password may take to be checked: an attempt that is older was broken off.
const CHECKING: SignedDuration = SignedDuration::from_mins(1);

/// Whose password is tried.
pub enum TriedAccount {
    /// That of whoever logs in with this address.
    Email(EmailAddress),
    /// That of an account whose owner is logged in.
    Account(UserId),
}

/// What became of the wish to try a password.
pub enum LoginStart {
    /// Too many failed before.
    Refused {
        /// Which limit refuses.
        limit: Limit,
        /// In how many seconds it no longer does.
        retry_after: u64,
        /// What looks like an attack.
        events: Vec<SecurityEventKind>,
    },
    /// The password may be checked.
    Begun(LoginAttempt),
}

/// A password that is being checked, already counted as wrong.
pub struct LoginAttempt {
    id: Uuid,
    account: Option<LoginAccount>,
    admitted: bool,
    address: String,
    /// What is left of each limit after this attempt.
    pub allowances: Vec<(Limit, Allowance)>,
}

/// How an attempt with the right password ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginEnd {
    /// The account is open.
    Opened,
    /// The account asks for a code of its second factor as well, and none was sent.
    CodeMissing,
    /// The code is not right, or the account was blocked in the meantime: the password no longer helps.
    Refused,
}

impl LoginAttempt {
    /// The account, as long as a right password would open it; whoever tries must not notice the difference.
    pub fn admitted(&self) -> Option<&LoginAccount> {
        self.account.as_ref().filter(|_| self.admitted)
    }

    /// Whose account it is, whether or not it can be opened.
    pub fn known(&self) -> Option<Actor> {
        self.account.as_ref().map(|account| account.actor)
    }
}

impl Store {
    /// Begins to check a password, coming from a network address, unless too many failed before. `admits` says
    /// whether a right password would open the account.
    pub async fn begin_login(
        &self,
        tried: TriedAccount,
        address: String,
        admits: impl FnOnce(&LoginAccount) -> bool + Send + 'static,
    ) -> Result<LoginStart> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                let email_index = match tried {
                    TriedAccount::Email(email) => store.login_index().of(&email.normalised())?,
                    TriedAccount::Account(id) => index_of(connection, id)?,
                };
                let address_index = store.login_index().of_address(&address)?;
                let tally = Tally { email_index, address_index, now: store.environment().now() };
                tally.begin(connection, &store, address, admits)
            })
            .await
    }

    /// Takes an attempt back, for its password was right, and the strikes before it once the second factor was shown
    /// too, unless the account was blocked or got another password in the meantime. Without a code the strikes stay, also
    /// for somebody who is logged in: otherwise whoever has the password could clear them between two guesses.
    pub async fn login_succeeded(
        &self,
        attempt: &LoginAttempt,
        check: SecondFactorCheck,
    ) -> Result<LoginEnd> {
        let Some(account) = attempt.admitted() else { return Ok(LoginEnd::Refused) };
        let (attempt, actor, checked) = (attempt.id, account.actor, account.password_hash.clone());
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                let end = match second_factor::check(connection, &store, actor, &check)? {
                    Shown::Enough if clear_strikes(connection, actor.account, checked.as_deref())? => {
                        LoginEnd::Opened
                    }
                    Shown::Before if is_open(connection, actor.account, checked.as_deref())? => {
                        LoginEnd::Opened
                    }
                    Shown::Missing => LoginEnd::CodeMissing,
                    Shown::Enough | Shown::Before | Shown::Wrong => return Ok(LoginEnd::Refused),
                };
                diesel::delete(login_failure::table.find(attempt.as_bytes().as_slice()))
                    .execute(connection)?;
                Ok(end)
            })
            .await
    }

    /// Leaves an attempt counted as failed; tells what looks like an attack. `context` is for the audit log of the
    /// institution whose account it is.
    pub async fn login_failed(
        &self,
        attempt: LoginAttempt,
        context: impl FnOnce(Actor) -> AuditContext,
    ) -> Result<Vec<SecurityEventKind>> {
        let context = attempt.known().map(context);
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, batch| {
                diesel::update(login_failure::table.find(attempt.id.as_bytes().as_slice()))
                    .set(login_failure::settled.eq(1))
                    .execute(connection)?;
                batch.entries.extend(context.map(denied));
                match attempt.admitted() {
                    Some(account) => strike(connection, &store, account.actor, &attempt.address),
                    None => Ok(Vec::new()),
                }
            })
            .await
    }

    /// Forgets the failures that no longer count.
    pub async fn forget_old_login_failures(&self) -> Result<()> {
        let oldest = micros(self.environment().now() - WINDOW);
        self.data()
            .writer()
            .run(move |connection, _| {
                diesel::delete(login_failure::table.filter(login_failure::occurred_at.le(oldest)))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }
}

/// Who tries, from where and when.
struct Tally {
    email_index: Vec<u8>,
    address_index: Vec<u8>,
    now: Timestamp,
}

impl Tally {
    fn begin(
        self,
        connection: &mut AnyConnection,
        store: &Store,
        address: String,
        admits: impl FnOnce(&LoginAccount) -> bool,
    ) -> Result<LoginStart> {
        dialect::lock(connection, &self.address_index)?;
        dialect::lock(connection, &self.email_index)?;
        let failures = self.failures(connection)?;
        if let Some((limit, retry_after)) = refused_by(&failures, self.now) {
            let events = self.alert(connection, store, limit, &address)?;
            return Ok(LoginStart::Refused { limit, retry_after, events });
        }
        let checking = self.checking(connection)?;
        let found = account_by_index(connection, &self.email_index)?;
        let admitted = found.as_ref().is_some_and(|found| {
            found.state == AccountState::Active && found.strikes + checking < STRIKES && admits(found)
        });
        let id = store.environment().uuid();
        diesel::insert_into(login_failure::table)
            .values((
                login_failure::id.eq(id.as_bytes().as_slice()),
                login_failure::occurred_at.eq(micros(self.now)),
                login_failure::email_index.eq(&self.email_index),
                login_failure::address_index.eq(&self.address_index),
                login_failure::settled.eq(0),
            ))
            .execute(connection)?;
        let counted = self.failures(connection)?;
        let allowances =
            counted.iter().map(|failures| (failures.limit, failures.allowance(self.now))).collect();
        Ok(LoginStart::Begun(LoginAttempt { id, account: found, admitted, address, allowances }))
    }

    fn failures(&self, connection: &mut AnyConnection) -> Result<[Failures; 3]> {
        let since = micros(self.now - WINDOW);
        let on_account: (i64, Option<i64>) = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::occurred_at.gt(since))
            .select((count_star(), min(login_failure::occurred_at)))
            .first(connection)?;
        let from_address: (i64, i64, Option<i64>) = login_failure::table
            .filter(login_failure::address_index.eq(&self.address_index))
            .filter(login_failure::occurred_at.gt(since))
            .select((
                count_star(),
                count(login_failure::email_index).aggregate_distinct(),
                min(login_failure::occurred_at),
            ))
            .first(connection)?;
        let failures = |limit, count: i64, oldest: Option<i64>| -> Result<Failures> {
            let oldest = oldest.map(|oldest| timestamp(oldest, TABLE)).transpose()?;
            Ok(Failures { limit, count: u32::try_from(count).unwrap_or(u32::MAX), oldest })
        };
        Ok([
            failures(Limit::Account, on_account.0, on_account.1)?,
            failures(Limit::Address, from_address.0, from_address.2)?,
            failures(Limit::AccountsOfAddress, from_address.1, from_address.2)?,
        ])
    }

    /// How many passwords for this account are being checked at this moment.
    fn checking(&self, connection: &mut AnyConnection) -> Result<i32> {
        let count: i64 = login_failure::table
            .filter(login_failure::email_index.eq(&self.email_index))
            .filter(login_failure::settled.eq(0))
            .filter(login_failure::occurred_at.gt(micros(self.now - CHECKING)))
            .count()
            .get_result(connection)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    fn alert(
        &self,
        connection: &mut AnyConnection,
        store: &Store,
        limit: Limit,
        address: &str,
    ) -> Result<Vec<SecurityEventKind>> {
        let kind = SecurityEventKind::AddressFailsOnManyAccounts;
        let since = self.now - WINDOW;
        if limit != Limit::AccountsOfAddress
            || security_event::count(connection, kind, Some(address), since)? > 0
        {
            return Ok(Vec::new());
        }
        let event = NewSecurityEvent { kind, institution: None, account: None, address };
        security_event::insert(connection, store.environment(), &event)?;
        Ok(vec![kind])
    }
}

/// Whether an account is open still, with the password that was checked.
fn is_open(connection: &mut AnyConnection, account: UserId, checked: Option<&str>) -> Result<bool> {
    let open = account::table
        .find(account.as_bytes().as_slice())
        .filter(account::password_hash.eq(checked))
        .filter(account::state.eq(AccountState::Active.code()));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(connection)?)
}

/// Forgets the strikes of an account; `false` when it is not open any more, or not with the password that was checked.
fn clear_strikes(connection: &mut AnyConnection, account: UserId, checked: Option<&str>) -> Result<bool> {
    let open = account::table
        .find(account.as_bytes().as_slice())
        .filter(account::password_hash.eq(checked))
        .filter(account::state.eq(AccountState::Active.code()));
    Ok(diesel::update(open).set(account::strikes.eq(0)).execute(connection)? == 1)
}

/// Counts a wrong password or code; the third in a row blocks the account.
fn strike(
    connection: &mut AnyConnection,
    store: &Store,
    actor: Actor,
    address: &str,
) -> Result<Vec<SecurityEventKind>> {
    lock_account(connection, actor.account)?;
    let own = account::table.find(actor.account.as_bytes().as_slice());
    diesel::update(own).set(account::strikes.eq(account::strikes + 1)).execute(connection)?;
    let blocked = diesel::update(
        account::table
            .find(actor.account.as_bytes().as_slice())
            .filter(account::state.eq(AccountState::Active.code()))
            .filter(account::strikes.ge(STRIKES)),
    )
    .set(account::state.eq(AccountState::Blocked.code()))
    .execute(connection)?;
    if blocked == 0 {
        return Ok(Vec::new());
    }
    letter::queue(connection, store, actor, &LetterContent::AccountBlocked)?;
    raise_revision(connection, actor)?;
    let mut kinds = vec![SecurityEventKind::AccountBlocked];
    dialect::lock(connection, SecurityEventKind::AccountBlocked.code().as_bytes())?;
    let since = store.environment().now() - WINDOW;
    let before = security_event::count(connection, SecurityEventKind::AccountBlocked, None, since)?;
    if before + 1 == BLOCKS_THAT_ALERT {
        kinds.push(SecurityEventKind::ManyAccountsBlocked);
    }
    for &kind in &kinds {
        let own = kind == SecurityEventKind::AccountBlocked;
        let event = NewSecurityEvent {
            kind,
            institution: actor.institution.filter(|_| own),
            account: Some(actor.account).filter(|_| own),
            address,
        };
        security_event::insert(connection, store.environment(), &event)?;
    }
    Ok(kinds)
}

fn index_of(connection: &mut AnyConnection, id: UserId) -> Result<Vec<u8>> {
    account::table
        .find(id.as_bytes().as_slice())
        .select(account::email_index)
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)
}

fn denied(context: AuditContext) -> PendingEntry {
    let actor = context.actor;
    PendingEntry {
        institution: actor.institution().unwrap_or(InstitutionId::PLATFORM),
        context: context.into(),
        objects: vec![(ObjectKind::User, actor.id())],
        outcome: Outcome::Denied,
        change_digest: None,
        detail: None,
    }
}

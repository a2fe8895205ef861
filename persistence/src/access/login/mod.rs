//! Counting logins: how many may fail, which wrong password blocks an account (C060), and what looks like an
//! attack (C079).
//!
//! An attempt is counted as failed before its password is checked and taken back when it was right. So of any number
//! of guesses at the same moment, in any number of processes, no more are checked than could fail one by one.

mod account;
mod failure;
mod strike;

use groeilijn_domain::access::login::{Allowance, Limit, refused_by};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::audit::entry::{ObjectKind, Outcome};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::pending::PendingEntry;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::error::Result;
use uuid::Uuid;

use self::failure::Tally;
use crate::access::second_factor::{self, SecondFactorCheck, Shown};
use crate::handles::store::Store;

pub use account::LoginAccount;

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
    /// Begins to check a password, coming from a network address, unless too many failed before.
    pub async fn begin_login(&self, tried: TriedAccount, address: String) -> Result<LoginStart> {
        let store = self.clone();
        // An account that is in a session was let in, and may choose another password without a licence too.
        let in_session = matches!(tried, TriedAccount::Account(_));
        self.data()
            .writer()
            .run(move |connection, _| {
                let email_index = match tried {
                    TriedAccount::Email(email) => store.login_index().of(&email.normalised())?,
                    TriedAccount::Account(id) => account::index_of(connection, id)?,
                };
                let address_index = store.login_index().of_address(&address)?;
                let tally = Tally { email_index, address_index, now: store.environment().now() };
                begin(connection, &store, &tally, address, in_session)
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
                    Shown::Enough if strike::clear(connection, actor.account, checked.as_deref())? => {
                        LoginEnd::Opened
                    }
                    Shown::Before if strike::is_open(connection, actor.account, checked.as_deref())? => {
                        LoginEnd::Opened
                    }
                    Shown::Missing => LoginEnd::CodeMissing,
                    Shown::Enough | Shown::Before | Shown::Wrong => return Ok(LoginEnd::Refused),
                };
                failure::take_back(connection, attempt)?;
                Ok(end)
            })
            .await
    }

    /// Leaves an attempt counted as failed; tells what looks like an attack. `context` is for the audit log of the
    /// institution whose account it is, if there is such an account.
    pub async fn login_failed(
        &self,
        attempt: LoginAttempt,
        context: Option<AuditContext>,
    ) -> Result<Vec<SecurityEventKind>> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, batch| {
                failure::settle(connection, attempt.id)?;
                batch.entries.extend(context.map(|context| denied(&store, context)).transpose()?);
                match attempt.admitted() {
                    Some(account) => strike::count(connection, &store, account.actor, &attempt.address),
                    None => Ok(Vec::new()),
                }
            })
            .await
    }
}

fn begin(
    connection: &mut AnyConnection,
    store: &Store,
    tally: &Tally,
    address: String,
    in_session: bool,
) -> Result<LoginStart> {
    tally.lock(connection)?;
    let failures = tally.failures(connection)?;
    if let Some((limit, retry_after)) = refused_by(&failures, tally.now) {
        let events = tally.alert(connection, store, limit, &address)?;
        return Ok(LoginStart::Refused { limit, retry_after, events });
    }
    let checking = tally.checking(connection)?;
    let found = account::find(connection, &tally.email_index)?;
    let admitted = found.as_ref().is_some_and(|found| {
        let facts = found.facts(checking);
        if in_session { facts.can_be_tried() } else { facts.can_log_in(&address, amsterdam_date(tally.now)) }
    });
    let id = store.environment().uuid();
    tally.insert(connection, id)?;
    let counted = tally.failures(connection)?;
    let allowances = counted.iter().map(|failures| (failures.limit, failures.allowance(tally.now))).collect();
    Ok(LoginStart::Begun(LoginAttempt { id, account: found, admitted, address, allowances }))
}

fn denied(store: &Store, context: AuditContext) -> Result<PendingEntry> {
    let actor = context.actor;
    let institution = actor.institution().unwrap_or(InstitutionId::PLATFORM);
    let objects = vec![(ObjectKind::User, actor.id())];
    store.entry(institution, &context.into(), objects, Outcome::Denied)
}

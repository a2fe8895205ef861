//! Counting logins: how many may fail, which wrong password blocks an account (C060), and what looks like an
//! attack (C079).
//!
//! An attempt is counted as failed before its password is checked and taken back when it was right. So of any number
//! of guesses at the same moment, in any number of processes, no more are checked than could fail one by one. What was
//! counted is settled when the database was away in between, so that no outage counts against whoever logged in.

mod account;
mod failure;
mod persistent;
mod strike;

use std::sync::Arc;

use groeilijn_domain::access::login::{Allowance, Limit, LimitReached, refused_by};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::audit::entry::{ObjectKind, Outcome};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::audit::context::AuditContext;
use groeilijn_engine::audit::pending::PendingEntry;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::writer::Batch;
use jiff::Timestamp;
use uuid::Uuid;

use self::failure::Tally;
use self::persistent::persistently;
use crate::access::origin_index::OriginIndex;
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

/// A password that somebody wants to try: of which account, and where from.
pub struct Guess {
    tally: Tally,
    address: String,
    in_session: bool,
}

/// A password that is being checked, already counted as wrong.
pub struct LoginAttempt {
    id: Uuid,
    guess: Guess,
    account: Option<LoginAccount>,
    admitted: bool,
    /// What is left of each limit after this attempt.
    pub allowances: Vec<(Limit, Allowance)>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginEnd {
    /// The account is open.
    Opened(Actor),
    /// The password is right, the account asks for a code of its second factor as well, and none was sent.
    CodeMissing,
    /// Password and code are right, but the code was used a moment ago: it was sent twice.
    CodeRepeated,
    /// The password or the code is not right, or the account was blocked in the meantime.
    Refused {
        /// What looks like an attack.
        events: Vec<SecurityEventKind>,
    },
}

impl LoginAttempt {
    /// The account, as long as a right password would open it; whoever tries must not notice the difference.
    pub fn admitted(&self) -> Option<&LoginAccount> {
        self.account.as_ref().filter(|_| self.admitted)
    }
}

impl Store {
    /// A password that somebody at a network address wants to try, unless too many failed before. Nothing is counted
    /// yet: it is asked before anything that costs much.
    pub async fn weigh_login(
        &self,
        tried: TriedAccount,
        address: String,
    ) -> Result<Result<Guess, LimitReached>> {
        let store = self.clone();
        self.data()
            .read(Cost::Rows, move |connection| {
                // An account that is in a session was let in, and may choose another password without a licence too.
                let in_session = matches!(tried, TriedAccount::Account(_));
                let email_index = match tried {
                    TriedAccount::Email(email) => store.login_index().of(&email.normalised())?,
                    TriedAccount::Account(id) => account::index_of(connection, id)?,
                };
                let tally = Tally { email_index, origin: OriginIndex::of(store.login_index(), &address)? };
                let refused = refused(connection, &tally, store.environment().now())?;
                Ok(match refused {
                    Some(refused) => Err(refused),
                    None => Ok(Guess { tally, address, in_session }),
                })
            })
            .await
    }

    /// Begins to check a password, and counts it as wrong, unless too many failed meanwhile.
    pub async fn begin_login(&self, guess: Guess) -> Result<Result<LoginAttempt, LimitReached>> {
        let (store, id) = (self.clone(), self.environment().uuid());
        let begun = self.data().writer().run(move |connection, _| begin(connection, &store, id, guess)).await;
        if begun.as_ref().is_err_and(Error::is_passing) {
            // It may have been counted all the same, and nothing will be checked.
            self.forget_attempt(id).await?;
        }
        begun
    }

    /// Ends an attempt, whose password was right or not, and says in the audit log of the institution whose account it
    /// is when it was refused; `context` holds where it came from.
    ///
    /// It is taken back when the password was right and the second factor was shown, and then the strikes before it are
    /// forgotten, unless the account was blocked or got another password in the meantime. Without a code the strikes
    /// stay, also for somebody who is logged in: otherwise whoever has the password could clear them between two
    /// guesses.
    pub async fn end_login(
        &self,
        attempt: LoginAttempt,
        right: bool,
        check: SecondFactorCheck,
        context: AuditContext,
    ) -> Result<LoginEnd> {
        let ending = Arc::new(Ending { attempt, right, check, context });
        persistently(|| {
            let (store, ending) = (self.clone(), ending.clone());
            self.data().writer().run(move |connection, batch| end(connection, batch, &store, &ending))
        })
        .await
    }

    /// Takes back an attempt that could not be checked: nobody learnt anything of it.
    pub async fn abandon_login(&self, attempt: LoginAttempt) -> Result<()> {
        self.forget_attempt(attempt.id).await
    }

    async fn forget_attempt(&self, id: Uuid) -> Result<()> {
        let writer = self.data().writer();
        persistently(|| writer.run(move |connection, _| failure::take_back(connection, id))).await
    }
}

impl Guess {
    /// Where it comes from.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// The limit that refuses a login at the moment `now`, if there is one.
fn refused(connection: &mut AnyConnection, tally: &Tally, now: Timestamp) -> Result<Option<LimitReached>> {
    Ok(refused_by(&tally.failures(connection, now)?, now))
}

fn begin(
    connection: &mut AnyConnection,
    store: &Store,
    id: Uuid,
    guess: Guess,
) -> Result<Result<LoginAttempt, LimitReached>> {
    let (tally, now) = (&guess.tally, store.environment().now());
    tally.lock(connection)?;
    if let Some(refused) = refused(connection, tally, now)? {
        return Ok(Err(refused));
    }
    let checking = tally.checking(connection, now)?;
    let found = account::find(connection, &tally.email_index)?;
    let admitted = found.as_ref().is_some_and(|found| {
        let facts = found.facts(checking);
        if guess.in_session {
            facts.can_be_tried()
        } else {
            facts.can_log_in(&guess.address, amsterdam_date(now))
        }
    });
    tally.insert(connection, id, now)?;
    let counted = tally.failures(connection, now)?;
    let allowances = counted.iter().map(|failures| (failures.limit, failures.allowance(now))).collect();
    Ok(Ok(LoginAttempt { id, guess, account: found, admitted, allowances }))
}

/// What came of an attempt.
struct Ending {
    attempt: LoginAttempt,
    right: bool,
    check: SecondFactorCheck,
    context: AuditContext,
}

fn end(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    store: &Store,
    ending: &Ending,
) -> Result<LoginEnd> {
    let Ending { attempt, right, check, context } = ending;
    let end = match attempt.admitted() {
        Some(account) if *right => open(connection, store, account, check)?,
        Some(_) | None => None,
    };
    if matches!(end, None | Some(LoginEnd::CodeRepeated)) {
        let account = attempt.account.as_ref();
        let entry = account.map(|account| denied(store, context.clone(), account.actor)).transpose()?;
        batch.entries.extend(entry);
    }
    match end {
        Some(end) => failure::take_back(connection, attempt.id).map(|()| end),
        None => Ok(LoginEnd::Refused { events: refuse(connection, store, attempt)? }),
    }
}

/// What a right password opens; nothing when the code is wrong, or the account is not open any more.
fn open(
    connection: &mut AnyConnection,
    store: &Store,
    account: &LoginAccount,
    check: &SecondFactorCheck,
) -> Result<Option<LoginEnd>> {
    let (actor, checked) = (account.actor, account.password_hash.as_deref());
    let is_open = match second_factor::check(connection, store, actor, check)? {
        Shown::Enough => strike::clear(connection, actor.account, checked)?,
        Shown::Before => strike::is_open(connection, actor.account, checked)?,
        Shown::Missing => return Ok(Some(LoginEnd::CodeMissing)),
        Shown::Repeated => return Ok(Some(LoginEnd::CodeRepeated)),
        Shown::Wrong => false,
    };
    Ok(is_open.then_some(LoginEnd::Opened(actor)))
}

/// Leaves an attempt counted as failed; tells what looks like an attack.
fn refuse(
    connection: &mut AnyConnection,
    store: &Store,
    attempt: &LoginAttempt,
) -> Result<Vec<SecurityEventKind>> {
    let address = &attempt.guess.address;
    if !failure::settle(connection, attempt.id)? {
        // It was counted, and the connection was lost before anybody was told.
        return Ok(Vec::new());
    }
    let mut events = attempt.guess.tally.alert(connection, store, attempt.id, address)?;
    if let Some(account) = attempt.admitted() {
        events.extend(strike::count(connection, store, account.actor, address)?);
    }
    Ok(events)
}

fn denied(store: &Store, context: AuditContext, actor: Actor) -> Result<PendingEntry> {
    let context = AuditContext { actor: actor.into(), ..context };
    let objects = vec![(ObjectKind::User, actor.account.as_uuid())];
    store.entry(actor.realm(), &context.into(), objects, Outcome::Denied)
}

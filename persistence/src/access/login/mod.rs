//! Counting logins: how many may fail, which wrong password blocks an account (C060), and what looks like an
//! attack (C079).
//!
//! An attempt is counted as failed before its password is checked and taken back when it was right. So of any number
//! of guesses at the same moment, in any number of processes, no more are checked than could fail one by one. What was
//! counted is settled when the database was away in between, so that no outage counts against whoever logged in.

pub(crate) mod account;
mod failure;
mod guess;
mod persistent;
mod strike;

use std::sync::Arc;

use groeilijn_domain::access::login::{Allowance, Limit, LimitReached, refused_by};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::audit::entry::Outcome;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::InstitutionId;
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
use crate::access::actor::object_kind;
use crate::access::forged;
use crate::access::origin_index::OriginIndex;
use crate::access::second_factor::{self, SecondFactorCheck, Shown};
use crate::handles::store::Store;

pub use account::LoginAccount;
pub use guess::Guess;

/// Whose password is tried.
pub enum TriedAccount {
    /// That of whoever logs in with this address.
    Email {
        /// The address.
        email: EmailAddress,
        /// The institution to act in; any that lets her in when none is asked for.
        institution: Option<InstitutionId>,
    },
    /// That of somebody who is logged in.
    Session(Actor),
}

/// A password that is being checked, already counted as wrong.
pub struct LoginAttempt {
    id: Uuid,
    guess: Guess,
    account: Option<LoginAccount>,
    /// As whom a right password opens it.
    admitted: Option<Actor>,
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
        self.account.as_ref().filter(|_| self.admitted.is_some())
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
                let index = store.login_index();
                let (email_index, next_index, institution, session) = match tried {
                    TriedAccount::Email { email, institution } => {
                        let address = email.normalised();
                        (index.of(&address)?, index.next_of(&address)?, institution, None)
                    }
                    TriedAccount::Session(actor) => {
                        (account::index_of(connection, actor.account)?, None, None, Some(actor))
                    }
                };
                let tally = Tally { email_index, origin: OriginIndex::of(index, &address)? };
                let refused = refused(connection, &tally, store.environment().now())?;
                Ok(match refused {
                    Some(refused) => Err(refused),
                    None => Ok(Guess { tally, next_index, address, institution, session }),
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

    /// Ends an attempt, whose password was right or not, and says in the audit logs where its owner is known
    /// when it was refused; `context` holds where it came from.
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
    let found = account::find(connection, store, &guess, amsterdam_date(now))?;
    let admitted = found.as_ref().filter(|found| found.can_be_tried(checking)).and_then(|found| found.opens);
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
    let end = match (&attempt.account, attempt.admitted) {
        (Some(account), Some(actor)) if *right => open(connection, store, account, actor, check)?,
        _ => None,
    };
    if matches!(end, None | Some(LoginEnd::CodeRepeated)) {
        for &actor in attempt.account.iter().flat_map(|account| &account.known_as) {
            batch.entries.push(denied(store, context.clone(), actor)?);
        }
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
    actor: Actor,
    check: &SecondFactorCheck,
) -> Result<Option<LoginEnd>> {
    let checked = account.password_hash.as_deref();
    let shown = match second_factor::check(connection, store, actor, check) {
        Err(Error::Forged(table)) => {
            forged::tell(connection, store, table)?;
            return Ok(None);
        }
        shown => shown?,
    };
    let is_open = match shown {
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
        events.extend(strike::count(connection, store, account, address)?);
    }
    Ok(events)
}

fn denied(store: &Store, context: AuditContext, actor: Actor) -> Result<PendingEntry> {
    let context = AuditContext { actor: actor.into(), ..context };
    let objects = vec![(object_kind(&actor), actor.user.as_uuid())];
    store.entry(actor.realm(), &context.into(), objects, Outcome::Denied)
}

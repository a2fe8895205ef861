//! Reminders that a password is about to expire (C059).

use groeilijn_domain::access::credential::{Reminder, expires_at, reminder_window, reminders_due};
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::AccountId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::access::letter;
use crate::access::membership;
use crate::access::schema::account;
use crate::handles::store::Store;

/// A reminder that is due.
struct Due {
    account: AccountId,
    /// When the password was set, in UTC.
    set_at: Timestamp,
    reminder: Reminder,
}

impl Store {
    /// Reminds everybody whose password is about to expire, each once of each reminder (C059).
    ///
    /// # Errors
    /// The first failure. It keeps nobody else from being reminded.
    pub async fn remind_of_expiry(&self) -> Result<()> {
        let now = self.environment().now();
        let due = self.data().read(Cost::Scan, move |connection| all_due(connection, now)).await?;
        let mut outcome = Ok(());
        for due in due {
            let store = self.clone();
            let reminded =
                self.data().writer().run(move |connection, _| remind(connection, &store, &due)).await;
            outcome = outcome.and(reminded);
        }
        outcome
    }
}

/// Who is to be reminded now, and was not yet.
fn all_due(connection: &mut AnyConnection, now: Timestamp) -> Result<Vec<Due>> {
    let window = reminder_window(now);
    let rows: Vec<(AccountId, Option<Timestamp>, Option<Reminder>)> = account::table
        .filter(account::state.is(AccountState::Active))
        .filter(account::password_set_at.after(Some(window.start)))
        .filter(account::password_set_at.before(Some(window.end)))
        .select((account::id, account::password_set_at, account::reminded))
        .load(connection)?;
    let due = rows.into_iter().filter_map(|(account, set_at, reminded)| {
        let set_at = set_at?;
        let reminder = reminders_due(set_at, now).filter(|due| reminded != Some(*due))?;
        Some(Due { account, set_at, reminder })
    });
    Ok(due.collect())
}

/// Leaves a reminder, unless the password was changed or somebody else left one meanwhile.
fn remind(connection: &mut AnyConnection, store: &Store, due: &Due) -> Result<()> {
    let fresh = account::table
        .filter(account::id.is(due.account))
        .filter(account::state.is(AccountState::Active))
        .filter(account::password_set_at.is(Some(due.set_at)))
        .filter(account::reminded.is_null().or(account::reminded.other_than(Some(due.reminder))));
    let told = diesel::update(fresh).set(account::reminded.is(Some(due.reminder))).execute(connection)?;
    if told == 0 {
        return Ok(());
    }
    let Some(to) = membership::addressee(connection, store, due.account)? else { return Ok(()) };
    let on = amsterdam_date(expires_at(due.set_at));
    letter::queue(connection, store, to, &LetterContent::PasswordExpires { on })
}

//! Reminders that a password is about to expire (C059).

use groeilijn_domain::access::credential::{Reminder, expires_at, reminder_window, reminders_due};
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::access::actor::ActorRow;
use crate::access::letter;
use crate::access::schema::account;
use crate::handles::store::Store;

/// A reminder that is due.
struct Due {
    to: Actor,
    /// When the password was set, in UTC.
    set_at: Timestamp,
    reminder: Reminder,
}

impl Store {
    /// Reminds everybody whose password is about to expire, each once of each reminder (C059).
    pub async fn remind_of_expiry(&self) -> Result<()> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| {
                let due = all_due(connection, store.environment().now())?;
                due.into_iter().try_for_each(|due| remind(connection, &store, &due))
            })
            .await
    }
}

fn all_due(connection: &mut AnyConnection, now: Timestamp) -> Result<Vec<Due>> {
    let window = reminder_window(now);
    let rows: Vec<(ActorRow, Option<Timestamp>)> = account::table
        .filter(account::state.is(AccountState::Active))
        .filter(account::password_set_at.after(Some(window.start)))
        .filter(account::password_set_at.before(Some(window.end)))
        .select((columns::<ActorRow>(), account::password_set_at))
        .load(connection)?;
    let due = rows.into_iter().filter_map(|(row, set_at)| {
        let set_at = set_at?;
        Some(Due { to: row.into(), set_at, reminder: reminders_due(set_at, now)? })
    });
    Ok(due.collect())
}

fn remind(connection: &mut AnyConnection, store: &Store, due: &Due) -> Result<()> {
    let fresh = account::table
        .filter(account::id.is(due.to.account))
        .filter(account::reminded.is_null().or(account::reminded.other_than(Some(due.reminder))));
    let told = diesel::update(fresh).set(account::reminded.is(Some(due.reminder))).execute(connection)?;
    if told == 0 {
        return Ok(());
    }
    let on = amsterdam_date(expires_at(due.set_at));
    letter::queue(connection, store, due.to, &LetterContent::PasswordExpires { on })
}

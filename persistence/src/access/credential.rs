//! The passwords of accounts: only hashes, with those that may not be used again (C059, C063).

use groeilijn_domain::access::credential::{HISTORY, Reminder};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::values::ids::AccountId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::access::account;
use crate::access::invitation::{void_confirmations, void_links};
use crate::access::schema::{account as account_table, old_password};
use crate::access::session::end_sessions_of;
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;

impl Store {
    /// The hashes of the last passwords of an account, the present one first: none of them may be used again.
    pub async fn last_passwords(&self, id: AccountId) -> Result<Vec<String>> {
        let store = self.clone();
        self.data()
            .read(Cost::Rows, move |connection| {
                let present = account::load(connection, &store, id)?.password_hash;
                let mut hashes: Vec<String> = present.into_iter().collect();
                hashes.extend(old_passwords(connection, id)?.into_iter().map(|(_, hash)| hash));
                hashes.truncate(HISTORY);
                Ok(hashes)
            })
            .await
    }
}

/// The passwords before the present one, the newest first: when each was set, and its hash.
fn old_passwords(connection: &mut AnyConnection, id: AccountId) -> Result<Vec<(Timestamp, String)>> {
    Ok(old_password::table
        .filter(old_password::account_id.is(id))
        .order(old_password::set_at.desc())
        .select((old_password::set_at, old_password::password_hash))
        .load(connection)?)
}

impl PlatformWriter<'_> {
    /// Gives the actor another password, which ends all her sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the account was blocked.
    pub fn change_password(&mut self, actor: Actor, password_hash: &str) -> Result<()> {
        self.set_password(actor.account, password_hash)?;
        self.touch_everywhere(actor.account)
    }

    /// Gives an account another password. All its sessions end, and all links to choose one. One that was blocked stays
    /// so: unblocking is for somebody else.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the account was blocked.
    pub(crate) fn set_password(&mut self, id: AccountId, password_hash: &str) -> Result<()> {
        let now = self.now();
        let mut before = None;
        account::change(self.connection, self.store(), id, |row| {
            if row.state == AccountState::Blocked {
                return Err(Error::NotFound);
            }
            before = row.password_hash.replace(password_hash.to_owned()).zip(row.password_set_at);
            row.password_set_at = Some(now);
            row.state = AccountState::Active;
            Ok(())
        })?;
        if let Some((hash, set_at)) = before {
            self.keep_old_password(id, &hash, set_at)?;
        }
        diesel::update(account_table::table.filter(account_table::id.is(id)))
            .set(account_table::reminded.is(None::<Reminder>))
            .execute(self.connection)?;
        void_links(self.connection, id, now)?;
        void_confirmations(self.connection, id, now)?;
        end_sessions_of(self.connection, id, SessionEnd::PasswordChanged, now)
    }

    /// Keeps a password among those that may not be used again, and forgets the oldest of them.
    fn keep_old_password(&mut self, id: AccountId, hash: &str, set_at: Timestamp) -> Result<()> {
        diesel::insert_into(old_password::table)
            .values((
                old_password::account_id.is(id),
                old_password::set_at.is(set_at),
                old_password::password_hash.eq(hash),
            ))
            .execute(self.connection)?;
        // The present one is the first of those that count.
        for (set_at, _) in old_passwords(self.connection, id)?.into_iter().skip(HISTORY - 1) {
            let oldest = old_password::table
                .filter(old_password::account_id.is(id))
                .filter(old_password::set_at.is(set_at));
            diesel::delete(oldest).execute(self.connection)?;
        }
        Ok(())
    }
}

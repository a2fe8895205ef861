//! Rotating the key of the login index, while people log in.
//!
//! An account is found by a keyed hash of its address. While the key is rotated it has two: each process looks for both, so
//! that it does not matter which of them another process wrote. The addresses are opened from where they are sealed.

use groeilijn_domain::access::principal::Person;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, InstitutionId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace};

use crate::access::schema::{account as account_table, users};
use crate::access::{account, key_owner, membership};
use crate::handles::store::Store;
use crate::platform::schema::processor_staff;

/// What became of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexRotation {
    /// A new key was made: every process has to start anew before the rotation goes on.
    KeyMade,
    /// The new key is the only one. Accounts whose address cannot be read any more are not found by it.
    Done {
        /// How many accounts are found by the new key.
        accounts: usize,
        /// How many are not.
        unreadable: usize,
    },
}

impl Store {
    /// Goes on with rotating the key of the login index: makes a new one, or, when every process knows that one, gives each
    /// account its value under it and retires the old one. One that was broken off is taken up again.
    ///
    /// # Errors
    /// What the databases refuse.
    pub async fn rotate_login_index(&self) -> Result<IndexRotation> {
        if self.keys().system().add_login_index_key().await? {
            return Ok(IndexRotation::KeyMade);
        }
        // A process that does not know the new key yet may enter an account meanwhile: until nothing is left.
        let mut unreadable = self.give_next_indexes().await?;
        while self.accounts_without_next_index().await? > unreadable.len() {
            unreadable = self.give_next_indexes().await?;
        }
        let mut accounts = 0;
        for id in self.all_accounts().await? {
            if !unreadable.contains(&id) {
                self.set_index(id, None).await?;
                accounts += 1;
            }
        }
        self.keys().system().retire_login_index_key().await?;
        Ok(IndexRotation::Done { accounts, unreadable: unreadable.len() })
    }

    /// Gives each account its value under the new key, whatever an earlier rotation left there. Gives those whose address
    /// cannot be read.
    async fn give_next_indexes(&self) -> Result<Vec<AccountId>> {
        let mut unreadable = Vec::new();
        for id in self.all_accounts().await? {
            match self.next_index_of(id).await {
                Ok(next) => self.set_index(id, Some(next)).await?,
                Err(Error::NotFound | Error::Destroyed | Error::Unreadable(_) | Error::Forged(_)) => {
                    tracing::error!(account = %id, "the address of an account cannot be read");
                    unreadable.push(id);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(unreadable)
    }

    async fn all_accounts(&self) -> Result<Vec<AccountId>> {
        let all = |connection: &mut AnyConnection| {
            // What no address finds any more has no index to give.
            let in_use = account_table::table.filter(account_table::ended_at.is_null());
            Ok(in_use.select(account_table::id).load(connection)?)
        };
        self.data().read(Cost::Scan, all).await
    }

    async fn accounts_without_next_index(&self) -> Result<usize> {
        let missing = |connection: &mut AnyConnection| {
            let in_use = account_table::table.filter(account_table::ended_at.is_null());
            let rows = in_use.filter(account_table::next_email_index.is_null());
            let count: i64 = rows.count().get_result(connection)?;
            usize::try_from(count).map_err(Error::internal)
        };
        self.data().read(Cost::Scan, missing).await
    }

    async fn next_index_of(&self, id: AccountId) -> Result<Vec<u8>> {
        let store = self.clone();
        let address = self
            .data()
            .read_at_one_moment(Cost::Scan, move |connection| address_of(connection, &store, id))
            .await?;
        let next = self.login_index().next_of(&address.normalised())?;
        next.ok_or_else(|| Error::internal("this process does not know the new key yet: start it anew"))
    }

    async fn set_index(&self, id: AccountId, next: Option<Vec<u8>>) -> Result<()> {
        let store = self.clone();
        self.data()
            .writer()
            .run(move |connection, _| account::change_index(connection, &store, id, next))
            .await
    }
}

/// The address that the owner of an account logs in with: as any institution of hers has it, or the platform.
pub(crate) fn address_of(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
) -> Result<EmailAddress> {
    let person = match account::load(connection, store, id)?.staff() {
        Some(staff) => staff.person(),
        None => known_as(connection, store, id)?,
    };
    let row = person.user.as_uuid();
    let (institution, table, sealed): (InstitutionId, _, Vec<u8>) = match person.institution {
        Some(institution) => {
            dialect::enter_institution(connection, institution)?;
            let user =
                users::table.filter(users::institution_id.is(institution)).filter(users::id.is(person.user));
            (institution, "users", user.select(users::email).first(connection)?)
        }
        None => {
            let staff = processor_staff::table.filter(processor_staff::id.is(person.user));
            let sealed = staff.select(processor_staff::email).first(connection)?;
            (InstitutionId::PLATFORM, "processor_staff", sealed)
        }
    };
    let place = RowPlace { institution, table, row, owner: key_owner::of(person) };
    RowOpener::new(store.keys(), place).required_kept("email", &sealed, EmailAddress::kept)
}

/// As whom an institution of hers still knows the owner of an account.
fn known_as(connection: &mut AnyConnection, store: &Store, id: AccountId) -> Result<Person> {
    for row in membership::of_account(connection, store, id)? {
        let person = row.actor().person();
        dialect::enter_institution(connection, row.institution_id)?;
        let known = users::table
            .filter(users::institution_id.is(row.institution_id))
            .filter(users::id.is(person.user))
            .filter(users::ended_at.is_null());
        if diesel::select(diesel::dsl::exists(known)).get_result(connection)? {
            return Ok(person);
        }
    }
    Err(Error::NotFound)
}

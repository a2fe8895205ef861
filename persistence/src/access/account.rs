//! Accounts: what a person logs in with, at whatever institutions. They hold no personal data: that is among the users
//! and the processor's staff, sealed.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::credential::Reminder;
use groeilijn_domain::access::principal::{Actor, Person};
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, UserId};
use groeilijn_engine::authentic::{Authentic, Fields};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result, if_taken};
use jiff::Timestamp;

use crate::access::schema::{account, users};
use crate::handles::store::Store;
use crate::platform::schema::processor_staff;

/// An account, as far as its row proves that the service wrote it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = account)]
pub(crate) struct AccountRow {
    pub(crate) id: AccountId,
    pub(crate) email_index: Vec<u8>,
    pub(crate) next_email_index: Option<Vec<u8>>,
    /// What a member of the processor's staff does; `None` for the users of institutions.
    pub(crate) processor_function: Option<ProcessorFunction>,
    /// How it stands.
    pub(crate) state: AccountState,
    /// The PHC string of the password; none as long as none was set.
    pub(crate) password_hash: Option<String>,
    /// When it was set, in UTC.
    pub(crate) password_set_at: Option<Timestamp>,
    /// Since when a second factor is in use, in UTC.
    pub(crate) second_factor_at: Option<Timestamp>,
    proof: Vec<u8>,
}

/// How many accounts are asked: one of them may have been altered.
const FEW: i64 = 5;

impl Authentic for AccountRow {
    const TABLE: &'static str = "account";

    fn prove(&self, fields: &mut Fields) {
        fields
            .bytes(self.id.as_bytes())
            .bytes(&self.email_index)
            .optional(self.next_email_index.as_deref())
            .optional(self.processor_function.map(|function| function.code().as_bytes()))
            .text(self.state.code())
            .optional(self.password_hash.as_deref().map(str::as_bytes))
            .moment(self.password_set_at)
            .moment(self.second_factor_at);
    }

    fn proof(&self) -> &[u8] {
        &self.proof
    }
}

impl AccountRow {
    /// Whether a password was ever chosen for it.
    pub(crate) fn has_password(&self) -> bool {
        self.password_set_at.is_some()
    }

    /// The member of the processor's staff whose account it is, as whom she acts; `None` for a user of institutions.
    pub(crate) fn staff(&self) -> Option<Actor> {
        let function = self.processor_function?;
        Some(Actor::staff(UserId::from_uuid(self.id.as_uuid()), function))
    }
}

/// An account that is about to be made.
pub(crate) struct NewAccount<'a> {
    /// Its id.
    pub(crate) id: AccountId,
    /// The address to log in with; only its index is kept here.
    pub(crate) email: &'a EmailAddress,
    /// What a member of the processor's staff does; `None` for a user of an institution.
    pub(crate) processor_function: Option<ProcessorFunction>,
}

impl Store {
    /// Whether the key store is that of the accounts, as far as the proofs of the first ones tell: making an
    /// installation enters an account before anything else is sealed.
    pub(crate) async fn knows_its_accounts(&self) -> Result<bool> {
        let first = |connection: &mut AnyConnection| {
            let proofs = account::table.order(account::id).select(account::proof).limit(FEW);
            Ok(proofs.load::<Vec<u8>>(connection)?)
        };
        let proofs = self.data().read(Cost::Rows, first).await?;
        Ok(proofs.is_empty() || proofs.iter().any(|proof| self.authenticator().names(proof)))
    }

    /// Whether somebody logs in with this address.
    pub async fn has_account(&self, email: &EmailAddress) -> Result<bool> {
        let (store, email) = (self.clone(), email.clone());
        self.data()
            .read(Cost::Rows, move |connection| Ok(by_email(connection, &store, &email)?.is_some()))
            .await
    }
}

/// The account with this id.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forged`].
pub(crate) fn load(connection: &mut AnyConnection, store: &Store, id: AccountId) -> Result<AccountRow> {
    let row = account::table.filter(account::id.is(id)).select(columns::<AccountRow>()).first(connection);
    store.authenticator().check(row.optional()?.ok_or(Error::NotFound)?)
}

/// The account that is found by an address, if there is one.
///
/// # Errors
/// [`Error::Forged`].
pub(crate) fn by_email(
    connection: &mut AnyConnection,
    store: &Store,
    email: &EmailAddress,
) -> Result<Option<AccountRow>> {
    let (index, address) = (store.login_index(), email.normalised());
    by_index(connection, store, index.of(&address)?, index.next_of(&address)?)
}

/// The account that is found by the index of an address, and by the one that is coming into use.
///
/// # Errors
/// [`Error::Forged`].
pub(crate) fn by_index(
    connection: &mut AnyConnection,
    store: &Store,
    present: Vec<u8>,
    next: Option<Vec<u8>>,
) -> Result<Option<AccountRow>> {
    // Another process may be further with rotating the index.
    let values: Vec<Vec<u8>> = [Some(present), next].into_iter().flatten().collect();
    let row: Option<AccountRow> = account::table
        .filter(account::email_index.eq_any(&values).or(account::next_email_index.eq_any(&values)))
        .select(columns::<AccountRow>())
        .first(connection)
        .optional()?;
    row.map(|row| store.authenticator().check(row)).transpose()
}

/// Makes an account that awaits its password. Nobody has the address yet.
pub(crate) fn insert(
    connection: &mut AnyConnection,
    store: &Store,
    new: &NewAccount<'_>,
    created_at: Timestamp,
) -> Result<AccountRow> {
    let (index, address) = (store.login_index(), new.email.normalised());
    let mut row = AccountRow {
        id: new.id,
        email_index: index.of(&address)?,
        next_email_index: index.next_of(&address)?,
        processor_function: new.processor_function,
        state: AccountState::Invited,
        password_hash: None,
        password_set_at: None,
        second_factor_at: None,
        proof: Vec::new(),
    };
    row.proof = store.authenticator().prove(&row)?;
    insert_row(connection, &row, created_at, None)?;
    Ok(row)
}

/// Makes an account that nobody logs in with and no address finds, for a user of whom nothing is known any more.
pub(crate) fn insert_ended(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    let mut row = AccountRow {
        id,
        email_index: store.environment().bytes::<32>().to_vec(),
        next_email_index: None,
        processor_function: None,
        state: AccountState::Blocked,
        password_hash: None,
        password_set_at: None,
        second_factor_at: None,
        proof: Vec::new(),
    };
    row.proof = store.authenticator().prove(&row)?;
    insert_row(connection, &row, now, Some(now))
}

fn insert_row(
    connection: &mut AnyConnection,
    row: &AccountRow,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
) -> Result<()> {
    diesel::insert_into(account::table)
        .values((
            account::id.is(row.id),
            account::email_index.eq(&row.email_index),
            account::next_email_index.eq(&row.next_email_index),
            account::processor_function.is(row.processor_function),
            account::state.is(row.state),
            account::created_at.is(created_at),
            account::ended_at.is(ended_at),
            account::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(())
}

/// Changes an account, of which no other transaction changes anything until the commit. Gives it as it is then.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forged`]; what `change` refuses.
pub(crate) fn change(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    change: impl FnOnce(&mut AccountRow) -> Result<()>,
) -> Result<AccountRow> {
    lock_account(connection, id)?;
    let mut row = load(connection, store, id)?;
    change(&mut row)?;
    row.proof = store.authenticator().prove(&row)?;
    diesel::update(account::table.filter(account::id.is(id)))
        .set((
            account::processor_function.is(row.processor_function),
            account::state.is(row.state),
            account::password_hash.eq(&row.password_hash),
            account::password_set_at.is(row.password_set_at),
            account::second_factor_at.is(row.second_factor_at),
            account::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(row)
}

/// Gives an account the index of its address under the key that is coming into use, or, with none, lets that one take the
/// place of the present one.
pub(crate) fn change_index(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    next: Option<Vec<u8>>,
) -> Result<()> {
    lock_account(connection, id)?;
    let mut row = load(connection, store, id)?;
    match next {
        Some(next) => row.next_email_index = Some(next),
        None => row.email_index = row.next_email_index.take().unwrap_or(row.email_index),
    }
    row.proof = store.authenticator().prove(&row)?;
    diesel::update(account::table.filter(account::id.is(id)))
        .set((
            account::email_index.eq(&row.email_index),
            account::next_email_index.eq(&row.next_email_index),
            account::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(())
}

/// Lets an account be found by another address, which nobody else has.
///
/// # Errors
/// [`Error::Conflict`] `email-in-use`.
pub(crate) fn readdress(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    email: &EmailAddress,
) -> Result<()> {
    lock_account(connection, id)?;
    if by_email(connection, store, email)?.is_some_and(|found| found.id != id) {
        return Err(email_in_use());
    }
    let (index, address) = (store.login_index(), email.normalised());
    let mut row = load(connection, store, id)?;
    row.email_index = index.of(&address)?;
    row.next_email_index = index.next_of(&address)?;
    row.proof = store.authenticator().prove(&row)?;
    diesel::update(account::table.filter(account::id.is(id)))
        .set((
            account::email_index.eq(&row.email_index),
            account::next_email_index.eq(&row.next_email_index),
            account::proof.eq(&row.proof),
        ))
        .execute(connection)
        .map_err(if_taken("email-in-use", EMAIL_IN_USE))?;
    Ok(())
}

const EMAIL_IN_USE: &str = "somebody logs in with this address already";

fn email_in_use() -> Error {
    Error::conflict("email-in-use", EMAIL_IN_USE)
}

/// Makes an account that nobody logs in with any more one that no address finds, at the moment `now`.
pub(crate) fn end(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    let mut row = load(connection, store, id)?;
    row.email_index = store.environment().bytes::<32>().to_vec();
    row.next_email_index = None;
    row.proof = store.authenticator().prove(&row)?;
    diesel::update(account::table.filter(account::id.is(id)))
        .set((
            account::email_index.eq(&row.email_index),
            account::next_email_index.eq(&row.next_email_index),
            account::strikes.eq(0),
            account::reminded.is(None::<Reminder>),
            account::ended_at.is(Some(now)),
            account::proof.eq(&row.proof),
        ))
        .execute(connection)?;
    Ok(())
}

/// Lets one transaction at a time change how an account stands, until its commit. A transaction that also changes the
/// person behind it locks the account first, so that no two wait for each other in a circle.
pub(crate) fn lock_account(connection: &mut AnyConnection, account: AccountId) -> Result<()> {
    dialect::lock(connection, account.as_bytes())
}

/// Forgets the wrong passwords of an account that is let in again (C060).
pub(crate) fn forget_strikes(connection: &mut AnyConnection, id: AccountId) -> Result<()> {
    diesel::update(account::table.filter(account::id.is(id)))
        .set(account::strikes.eq(0))
        .execute(connection)?;
    Ok(())
}

/// Counts a change of how somebody stands as one of the person, so that her revision tells of it.
pub(crate) fn raise_revision(connection: &mut AnyConnection, person: Person) -> Result<()> {
    match person.institution {
        Some(institution) => {
            dialect::enter_institution(connection, institution)?;
            let user =
                users::table.filter(users::institution_id.is(institution)).filter(users::id.is(person.user));
            diesel::update(user).set(users::revision.eq(users::revision + 1)).execute(connection)?;
        }
        None => {
            diesel::update(processor_staff::table.filter(processor_staff::id.is(person.user)))
                .set(processor_staff::revision.eq(processor_staff::revision + 1))
                .execute(connection)?;
        }
    }
    Ok(())
}

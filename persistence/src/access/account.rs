//! Accounts: who can log in, and as what. They hold no personal data: that is among the users and the processor's staff,
//! sealed.

use groeilijn_domain::access::Role;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::access::schema::{account, users};
use crate::handles::store::Store;
use crate::platform::schema::processor_staff;

/// An account that is about to be made.
pub struct NewAccount<'a> {
    /// Its id, which is also the user's.
    pub id: UserId,
    /// Its institution; `None` for the processor's own staff.
    pub institution: Option<InstitutionId>,
    /// The address to log in with; only its index is kept here.
    pub email: &'a EmailAddress,
    /// What it is.
    pub role: Role,
}

impl Store {
    /// Whether somebody logs in with this address.
    pub async fn has_account(&self, email: &EmailAddress) -> Result<bool> {
        let index = self.login_index().of(&email.normalised())?;
        self.data().read(Cost::Rows, move |connection| is_taken(connection, &index)).await
    }
}

fn is_taken(connection: &mut AnyConnection, email_index: &[u8]) -> Result<bool> {
    let taken = account::table.filter(account::email_index.eq(email_index));
    Ok(diesel::select(diesel::dsl::exists(taken)).get_result(connection)?)
}

/// Makes an account that awaits its password.
///
/// # Errors
/// [`Error::Conflict`] `email-in-use` when an account has this address already.
pub(crate) fn insert(
    connection: &mut AnyConnection,
    store: &Store,
    new: &NewAccount<'_>,
    created_at: Timestamp,
) -> Result<()> {
    let index = store.login_index().of(&new.email.normalised())?;
    if is_taken(connection, &index)? {
        return Err(Error::conflict("email-in-use", "an account with this e-mail address exists already"));
    }
    diesel::insert_into(account::table)
        .values((
            account::id.is(new.id),
            account::institution_id.is(new.institution),
            account::email_index.eq(index),
            account::role.is(new.role),
            account::state.is(AccountState::Invited),
            account::created_at.is(created_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Lets one transaction at a time change how an account stands, until its commit. A transaction that also changes the
/// person behind it locks the account first, so that no two wait for each other in a circle.
pub(crate) fn lock_account(connection: &mut AnyConnection, account: UserId) -> Result<()> {
    dialect::lock(connection, account.as_bytes())
}

/// Forgets the wrong passwords of an account that is let in again (C060).
pub(crate) fn forget_strikes(connection: &mut AnyConnection, id: UserId) -> Result<()> {
    diesel::update(account::table.filter(account::id.is(id)))
        .set(account::strikes.eq(0))
        .execute(connection)?;
    Ok(())
}

/// Counts a change of how an account stands as one of the person whose it is, so that her revision tells of it.
pub(crate) fn raise_revision(connection: &mut AnyConnection, actor: Actor) -> Result<()> {
    match actor.institution {
        Some(institution) => {
            dialect::enter_institution(connection, institution)?;
            let user = users::table
                .filter(users::institution_id.is(institution))
                .filter(users::id.is(actor.account));
            diesel::update(user).set(users::revision.eq(users::revision + 1)).execute(connection)?;
        }
        None => {
            diesel::update(processor_staff::table.filter(processor_staff::id.is(actor.account)))
                .set(processor_staff::revision.eq(processor_staff::revision + 1))
                .execute(connection)?;
        }
    }
    Ok(())
}

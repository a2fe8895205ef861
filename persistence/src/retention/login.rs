//! The end of a login that nobody uses any more: of the account only its id stays, for what refers to it. The address can
//! be given to another.

use groeilijn_domain::access::session::{AccountState, SessionEnd};
use groeilijn_domain::values::ids::{AccountId, InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::keys::{KeyOwner, ends};
use jiff::Timestamp;

use crate::access::account::{self, lock_account};
use crate::access::invitation::void_links;
use crate::access::key_owner::PERSON;
use crate::access::schema::{membership, old_password, recovery_code, second_factor, users};
use crate::access::session::end_sessions_of;
use crate::handles::store::Store;

/// Whether a user who is no stub logs in with an account, at any institution. The transaction has entered another one
/// afterwards.
pub(super) fn is_used(connection: &mut AnyConnection, account: AccountId) -> Result<bool> {
    let memberships: Vec<(InstitutionId, UserId)> = membership::table
        .filter(membership::account_id.is(account))
        .select((membership::institution_id, membership::user_id))
        .load(connection)?;
    for (institution, user) in memberships {
        dialect::enter_institution(connection, institution)?;
        let person = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::id.is(user))
            .filter(users::ended_at.is_null());
        if diesel::select(diesel::dsl::exists(person)).get_result(connection)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Ends the login of users at the moment `now`, and has the person's key end.
pub(super) fn end(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    empty(connection, store, id, now)?;
    ends::end_at(connection, InstitutionId::PLATFORM, KeyOwner::new(&PERSON, id.as_uuid()), now)
}

/// Takes away all that an account logs in with.
pub(super) fn empty(
    connection: &mut AnyConnection,
    store: &Store,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    lock_account(connection, id)?;
    end_sessions_of(connection, id, SessionEnd::RightsChanged, now)?;
    void_links(connection, id, now)?;
    diesel::delete(old_password::table.filter(old_password::account_id.is(id))).execute(connection)?;
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.is(id))).execute(connection)?;
    diesel::delete(second_factor::table.filter(second_factor::account_id.is(id))).execute(connection)?;
    account::change(connection, store, id, |row| {
        row.state = AccountState::Blocked;
        row.password_hash = None;
        row.password_set_at = None;
        row.second_factor_at = None;
        Ok(())
    })?;
    account::end(connection, store, id, now)
}

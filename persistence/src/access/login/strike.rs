//! Strikes: wrong passwords or codes in a row, of which the third blocks the account (C060).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::login::{BLOCKS_THAT_ALERT, STRIKES, WINDOW};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::AccountId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;

use super::account::LoginAccount;
use crate::access::account::{self, lock_account};
use crate::access::invitation::void_links;
use crate::access::letter;
use crate::access::membership;
use crate::access::schema::account as account_table;
use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

/// Whether an account is open still, with the password that was checked.
pub(super) fn is_open(connection: &mut AnyConnection, id: AccountId, checked: Option<&str>) -> Result<bool> {
    let open = account_table::table
        .filter(account_table::id.is(id))
        .filter(account_table::password_hash.eq(checked))
        .filter(account_table::state.is(AccountState::Active));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(connection)?)
}

/// Forgets the strikes of an account; `false` when it is not open any more, or not with the password that was checked.
pub(super) fn clear(connection: &mut AnyConnection, id: AccountId, checked: Option<&str>) -> Result<bool> {
    let open = account_table::table
        .filter(account_table::id.is(id))
        .filter(account_table::password_hash.eq(checked))
        .filter(account_table::state.is(AccountState::Active));
    Ok(diesel::update(open).set(account_table::strikes.eq(0)).execute(connection)? == 1)
}

/// Counts a wrong password or code; the third in a row blocks the account. Tells what looks like an attack.
pub(super) fn count(
    connection: &mut AnyConnection,
    store: &Store,
    tried: &LoginAccount,
    address: &str,
) -> Result<Vec<SecurityEventKind>> {
    lock_account(connection, tried.id)?;
    let own = account_table::table.filter(account_table::id.is(tried.id));
    diesel::update(own).set(account_table::strikes.eq(account_table::strikes + 1)).execute(connection)?;
    let strikes: i32 = own.select(account_table::strikes).first(connection)?;
    if strikes < STRIKES || account::load(connection, store, tried.id)?.state != AccountState::Active {
        return Ok(Vec::new());
    }
    account::change(connection, store, tried.id, |row| {
        row.state = AccountState::Blocked;
        Ok(())
    })?;
    void_links(connection, tried.id, store.environment().now())?;
    if let Some(to) = membership::addressee(connection, store, tried.id)? {
        letter::queue(connection, store, to, &LetterContent::AccountBlocked)?;
    }
    membership::raise_revisions(connection, store, tried.id)?;
    alert(connection, store, &tried.known_as, address)
}

/// Keeps that an account was blocked, wherever its owner is known, and that many were when this is the one that makes them
/// many.
fn alert(
    connection: &mut AnyConnection,
    store: &Store,
    known_as: &[Actor],
    address: &str,
) -> Result<Vec<SecurityEventKind>> {
    let kind = SecurityEventKind::AccountBlocked;
    dialect::lock(connection, kind.code().as_bytes())?;
    let since = store.environment().now() - WINDOW;
    let before = security_event::count(connection, kind, None, since)?;
    for actor in known_as {
        let (institution, user) = (actor.institution, Some(actor.user));
        let event = NewSecurityEvent { kind, institution, user, address };
        security_event::insert(connection, store.environment(), &event)?;
    }
    let after = before + i64::try_from(known_as.len()).unwrap_or(i64::MAX);
    if !(before..after).contains(&(BLOCKS_THAT_ALERT - 1)) {
        return Ok(vec![kind]);
    }
    let many = SecurityEventKind::ManyAccountsBlocked;
    let event = NewSecurityEvent { kind: many, institution: None, user: None, address };
    security_event::insert(connection, store.environment(), &event)?;
    Ok(vec![kind, many])
}

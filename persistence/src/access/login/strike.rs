//! Strikes: wrong passwords or codes in a row, of which the third blocks the account (C060).

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::login::{BLOCKS_THAT_ALERT, STRIKES, WINDOW};
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;

use crate::access::account::{lock_account, raise_revision};
use crate::access::invitation::void_links;
use crate::access::letter;
use crate::access::schema::account;
use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

/// Whether an account is open still, with the password that was checked.
pub(super) fn is_open(
    connection: &mut AnyConnection,
    account: UserId,
    checked: Option<&str>,
) -> Result<bool> {
    let open = account::table
        .filter(account::id.is(account))
        .filter(account::password_hash.eq(checked))
        .filter(account::state.is(AccountState::Active));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(connection)?)
}

/// Forgets the strikes of an account; `false` when it is not open any more, or not with the password that was checked.
pub(super) fn clear(connection: &mut AnyConnection, account: UserId, checked: Option<&str>) -> Result<bool> {
    let open = account::table
        .filter(account::id.is(account))
        .filter(account::password_hash.eq(checked))
        .filter(account::state.is(AccountState::Active));
    Ok(diesel::update(open).set(account::strikes.eq(0)).execute(connection)? == 1)
}

/// Counts a wrong password or code; the third in a row blocks the account. Tells what looks like an attack.
pub(super) fn count(
    connection: &mut AnyConnection,
    store: &Store,
    actor: Actor,
    address: &str,
) -> Result<Vec<SecurityEventKind>> {
    lock_account(connection, actor.account)?;
    diesel::update(account::table.filter(account::id.is(actor.account)))
        .set(account::strikes.eq(account::strikes + 1))
        .execute(connection)?;
    let struck_out = account::table
        .filter(account::id.is(actor.account))
        .filter(account::state.is(AccountState::Active))
        .filter(account::strikes.ge(STRIKES));
    let blocked =
        diesel::update(struck_out).set(account::state.is(AccountState::Blocked)).execute(connection)?;
    if blocked == 0 {
        return Ok(Vec::new());
    }
    void_links(connection, actor.account, store.environment().now())?;
    letter::queue(connection, store, actor, &LetterContent::AccountBlocked)?;
    raise_revision(connection, actor)?;
    alert(connection, store, actor, address)
}

/// Keeps that an account was blocked, and that many were when this is the one that makes them many.
fn alert(
    connection: &mut AnyConnection,
    store: &Store,
    actor: Actor,
    address: &str,
) -> Result<Vec<SecurityEventKind>> {
    let mut kinds = vec![SecurityEventKind::AccountBlocked];
    dialect::lock(connection, SecurityEventKind::AccountBlocked.code().as_bytes())?;
    let since = store.environment().now() - WINDOW;
    let before = security_event::count(connection, SecurityEventKind::AccountBlocked, None, since)?;
    if before + 1 == BLOCKS_THAT_ALERT {
        kinds.push(SecurityEventKind::ManyAccountsBlocked);
    }
    for &kind in &kinds {
        let own = kind == SecurityEventKind::AccountBlocked;
        let event = NewSecurityEvent {
            kind,
            institution: actor.institution.filter(|_| own),
            account: Some(actor.account).filter(|_| own),
            address,
        };
        security_event::insert(connection, store.environment(), &event)?;
    }
    Ok(kinds)
}

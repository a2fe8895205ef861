//! The account whose password is tried, and where it logs in.

use groeilijn_domain::access::login::AccountFacts;
use groeilijn_domain::access::membership::MembershipFacts;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::institutions::licence_state::Who;
use groeilijn_domain::values::ids::{AccountId, InstitutionId};
use groeilijn_domain::values::network::Network;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use super::guess::Guess;
use crate::access::account::{self, AccountRow};
use crate::access::forged;
use crate::access::membership::{self, MembershipRow};
use crate::access::schema::account as account_table;
use crate::handles::store::Store;
use crate::institutions::licence;
use crate::institutions::schema::{NetworkList, institution};

/// An account that somebody wants to open.
#[derive(Debug, Clone)]
pub struct LoginAccount {
    /// Which account.
    pub(super) id: AccountId,
    /// As whom it is opened; nobody where nothing opens it.
    pub(super) opens: Option<Actor>,
    /// Everywhere that its owner is known: a password that was refused is on record there.
    pub(super) known_as: Vec<Actor>,
    /// The PHC string of its password; none as long as none was set.
    pub password_hash: Option<String>,
    state: AccountState,
    /// Wrong passwords since the last right one.
    strikes: i32,
}

impl LoginAccount {
    /// Whether a password is still checked, while so many others are being checked.
    pub(super) fn can_be_tried(&self, checking: i32) -> bool {
        AccountFacts { state: self.state, strikes: self.strikes.saturating_add(checking) }.can_be_tried()
    }
}

/// The account that is tried, if there is one. A row that was forged opens nothing, and it is told.
pub(super) fn find(
    connection: &mut AnyConnection,
    store: &Store,
    guess: &Guess,
    today: Date,
) -> Result<Option<LoginAccount>> {
    let found = match guess.session {
        Some(actor) => account::load(connection, store, actor.account).map(Some),
        None => {
            account::by_index(connection, store, guess.tally.email_index.clone(), guess.next_index.clone())
        }
    };
    let row = match found {
        Err(Error::Forged(table)) => {
            forged::tell(connection, store, table)?;
            return Ok(None);
        }
        found => found?,
    };
    row.map(|row| read(connection, store, guess, row, today)).transpose()
}

fn read(
    connection: &mut AnyConnection,
    store: &Store,
    guess: &Guess,
    row: AccountRow,
    today: Date,
) -> Result<LoginAccount> {
    let memberships = membership::of_account(connection, store, row.id)?;
    let staff = row.staff();
    // An account that is in a session was let in, and may choose another password without a licence too.
    let opens = match guess.session.or(staff) {
        Some(actor) => Some(actor),
        None => first_admitted(connection, &memberships, guess, today)?,
    };
    let strikes = account_table::table
        .filter(account_table::id.is(row.id))
        .select(account_table::strikes)
        .first(connection)?;
    Ok(LoginAccount {
        id: row.id,
        opens,
        known_as: staff.into_iter().chain(membership::accepted(&memberships)).collect(),
        password_hash: row.password_hash,
        state: row.state,
        strikes,
    })
}

/// As whom somebody logs in: at the institution that was asked for, or the first that lets her in.
fn first_admitted(
    connection: &mut AnyConnection,
    memberships: &[MembershipRow],
    guess: &Guess,
    today: Date,
) -> Result<Option<Actor>> {
    let asked = |row: &&MembershipRow| guess.institution.is_none_or(|asked| asked == row.institution_id);
    for row in memberships.iter().filter(asked) {
        if admits(connection, row, &guess.address, today)? {
            return Ok(Some(row.actor()));
        }
    }
    Ok(None)
}

/// Whether a session may act in a membership, from a network address.
pub(crate) fn admits(
    connection: &mut AnyConnection,
    row: &MembershipRow,
    address: &str,
    today: Date,
) -> Result<bool> {
    let licence = licence::load(connection, row.institution_id)?.facts();
    let networks = load_networks(connection, row.institution_id)?;
    let facts = MembershipFacts {
        state: row.state,
        last_day: row.last_day,
        who: Who::of(Some(row.actor().role)),
        licence: &licence,
        networks: &networks,
    };
    Ok(facts.admits(address, today))
}

fn load_networks(connection: &mut AnyConnection, id: InstitutionId) -> Result<Vec<Network>> {
    let networks: NetworkList = institution::table
        .filter(institution::id.is(id))
        .select(institution::login_networks)
        .first(connection)?;
    Ok(networks.0)
}

/// The index of the address that an account logs in with.
pub(super) fn index_of(connection: &mut AnyConnection, id: AccountId) -> Result<Vec<u8>> {
    account_table::table
        .filter(account_table::id.is(id))
        .select(account_table::email_index)
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)
}

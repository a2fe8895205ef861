//! The account whose password is tried.

use groeilijn_domain::access::login::AccountFacts;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::institutions::licence::Licence;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::network::Network;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::access::actor::ActorRow;
use crate::access::schema::account;
use crate::institutions::licence;
use crate::institutions::schema::{NetworkList, institution};

/// An account that somebody wants to open.
#[derive(Debug, Clone)]
pub struct LoginAccount {
    /// Who it is.
    pub actor: Actor,
    /// How it stands.
    pub state: AccountState,
    /// The PHC string of its password; none as long as none was set.
    pub password_hash: Option<String>,
    /// The last day of its rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
    /// The licence of its institution; none for the processor's own accounts.
    pub licence: Option<Licence>,
    /// The networks that its institution's users log in from; none is any (C065).
    pub networks: Vec<Network>,
    /// Wrong passwords since the last right one.
    pub(super) strikes: i32,
}

impl LoginAccount {
    /// What decides whether a right password opens the account, while so many others are being checked.
    pub(super) fn facts(&self, checking: i32) -> AccountFacts<'_> {
        AccountFacts {
            state: self.state,
            strikes: self.strikes.saturating_add(checking),
            last_day: self.last_day,
            licence: self.licence.as_ref(),
            networks: &self.networks,
        }
    }
}

/// The account under an index of an e-mail address, if there is one.
pub(super) fn find(connection: &mut AnyConnection, email_index: &[u8]) -> Result<Option<LoginAccount>> {
    type Row = (ActorRow, AccountState, Option<String>, Option<Date>, i32);
    let row: Option<Row> = account::table
        .filter(account::email_index.eq(email_index))
        .select((
            columns::<ActorRow>(),
            account::state,
            account::password_hash,
            account::last_day,
            account::strikes,
        ))
        .first(connection)
        .optional()?;
    let Some((row, state, password_hash, last_day, strikes)) = row else { return Ok(None) };
    let actor = Actor::from(row);
    let (licence, networks) = match actor.institution {
        Some(institution) => {
            let licence = licence::load(connection, institution)?.licence;
            (Some(licence), load_networks(connection, institution)?)
        }
        None => (None, Vec::new()),
    };
    Ok(Some(LoginAccount { actor, state, password_hash, last_day, licence, networks, strikes }))
}

fn load_networks(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Vec<Network>> {
    let networks: NetworkList = institution::table
        .filter(institution::id.is(institution))
        .select(institution::login_networks)
        .first(connection)?;
    Ok(networks.0)
}

/// The index of the address that an account logs in with.
pub(super) fn index_of(connection: &mut AnyConnection, id: UserId) -> Result<Vec<u8>> {
    account::table
        .filter(account::id.is(id))
        .select(account::email_index)
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)
}

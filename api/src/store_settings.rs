//! Where the settings say that the databases are.

use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::{Error, Result, SecondKeys, StoreOptions};

use crate::operator::of_setting;
use crate::settings::Settings;

/// Where the settings say that everything is.
///
/// # Errors
/// When an address is not one of a database, or is one of a server that everything would go to in the open.
pub fn store_options(settings: &Settings) -> Result<StoreOptions> {
    let unverified = settings.database.allow_unverified;
    let data = database_url(&settings.database.url, unverified).map_err(of_setting("database.url"))?;
    let keys = database_url(&settings.keys.url, unverified).map_err(of_setting("keys.url"))?;
    let second_keys =
        second_keys(&settings.keys.second_url, [&data, &keys]).map_err(of_setting("keys.second_url"))?;
    Ok(StoreOptions {
        data,
        keys,
        second_keys,
        readers: settings.database.readers,
        serve_role: settings.database.serve_role.clone(),
        connections: settings.database.connections,
        parallel: settings.limits.blocking_permits,
    })
}

fn second_keys(text: &str, [data, keys]: [&DatabaseUrl; 2]) -> Result<Option<SecondKeys>> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = DatabaseUrl::parse(text)?;
    if !keys.is_embedded() {
        return Err(Error::internal(
            "a second key store goes with one on SQLite; PostgreSQL has synchronous replication for that",
        ));
    }
    if url.is_same_place(keys) || url.is_same_place(data) {
        return Err(Error::internal(
            "it must be another file than keys.url and database.url, on another disk",
        ));
    }
    Ok(Some(SecondKeys { of: keys.clone(), url }))
}

pub(crate) fn database_url(text: &str, unverified: bool) -> Result<DatabaseUrl> {
    let url = DatabaseUrl::parse(text)?;
    if url.is_safe() || unverified {
        return Ok(url);
    }
    Err(Error::internal(
        "the server is on another computer: add sslmode=verify-full and sslrootcert=FILE to its address, or set \
         database.allow_unverified",
    ))
}

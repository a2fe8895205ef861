//! Where the settings say that the databases are.

use groeilijn_persistence::database::url::DatabaseUrl;
use groeilijn_persistence::{Error, Result, StoreOptions};

use crate::operator::of_setting;
use crate::settings::Settings;

/// Where the settings say that everything is.
///
/// # Errors
/// When an address is not one of a database, or is one of a server that everything would go to in the open.
pub fn store_options(settings: &Settings) -> Result<StoreOptions> {
    let unverified = settings.database.allow_unverified;
    Ok(StoreOptions {
        data: database_url(&settings.database.url, unverified).map_err(of_setting("database.url"))?,
        keys: database_url(&settings.keys.url, unverified).map_err(of_setting("keys.url"))?,
        readers: settings.database.readers,
        serve_role: settings.database.serve_role.clone(),
        connections: settings.database.connections,
        parallel: settings.limits.blocking_permits,
    })
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

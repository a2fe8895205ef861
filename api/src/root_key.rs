//! Where the root key is, as the settings say.

use std::path::Path;
use std::sync::Arc;

use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::{RootKey, RootKeySource};
use groeilijn_persistence::{Error, Part, Result};

use crate::settings::KeySettings;

/// Where systemd puts the credentials of a service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where the root key is.
///
/// # Errors
/// When it is to be a credential and the service manager handed none over.
pub fn source(settings: &KeySettings) -> Result<RootKeySource> {
    let Some(name) = &settings.root_key_credential else {
        return Ok(RootKeySource::File(settings.root_key_file.clone()));
    };
    let Some(folder) = std::env::var_os(CREDENTIALS) else {
        let why = "keys.root_key_credential names a credential, and the service manager handed none over \
            (CREDENTIALS_DIRECTORY is not set): run it as a service, or with `systemd-run`";
        return Err(Error::internal(why));
    };
    Ok(RootKeySource::Credential(Path::new(&folder).join(name)))
}

/// Opens the root key.
///
/// # Errors
/// When it is not there or cannot be read.
pub fn open(settings: &KeySettings, environment: Environment) -> Result<Arc<dyn RootKey>> {
    source(settings)?.open(environment).map_err(Error::of(Part::RootKey))
}

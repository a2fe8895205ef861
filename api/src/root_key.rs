//! Where the root key is, as the settings say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use groeilijn_persistence::environment::Environment;
use groeilijn_persistence::keys::{RootKey, RootKeySource};
use groeilijn_persistence::{Error, Part, Result};
use groeilijn_vault::{Roots, TokenSource, Vault, VaultSettings};

use crate::settings::KeySettings;

/// Where systemd puts the credentials of a service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where the root key is.
///
/// # Errors
/// When it is to be a credential and the service manager handed none over, and when the settings name two places or leave
/// out what belongs to one; the text begins with the setting.
pub fn source(settings: &KeySettings) -> Result<RootKeySource> {
    match (&settings.vault_address, &settings.root_key_credential) {
        (None, None) => Ok(RootKeySource::File(settings.root_key_file.clone())),
        (None, Some(name)) => Ok(RootKeySource::Credential(credential("keys.root_key_credential", name)?)),
        (Some(address), None) => Ok(RootKeySource::Service {
            service: Arc::new(Vault::new(vault(settings, address)?)),
            before: settings.root_key_file.clone(),
        }),
        (Some(_), Some(_)) => Err(Error::internal(
            "keys.vault_address and keys.root_key_credential name two places for the root key: leave one empty",
        )),
    }
}

/// Opens the root key.
///
/// # Errors
/// When it is not there or cannot be read.
pub fn open(settings: &KeySettings, environment: Environment) -> Result<Arc<dyn RootKey>> {
    source(settings)?.open(environment).map_err(Error::of(Part::RootKey))
}

/// The setting that says where the root key is, and what it says.
pub(crate) fn setting(settings: &KeySettings) -> (&'static str, String) {
    match (&settings.vault_address, &settings.root_key_credential) {
        (Some(address), _) => {
            ("keys.vault_address", format!("{address}, {}/keys/{}", settings.vault_mount, settings.vault_key))
        }
        (None, Some(name)) => ("keys.root_key_credential", name.clone()),
        (None, None) => ("keys.root_key_file", settings.root_key_file.display().to_string()),
    }
}

fn vault(settings: &KeySettings, address: &str) -> Result<VaultSettings> {
    let token = match (&settings.vault_token_file, &settings.vault_token_credential) {
        (Some(path), None) => TokenSource::File(path.clone()),
        (None, Some(name)) => TokenSource::Credential(credential("keys.vault_token_credential", name)?),
        _ => {
            return Err(Error::internal(
                "keys.vault_address needs a token: name either keys.vault_token_file or keys.vault_token_credential",
            ));
        }
    };
    let roots = settings.vault_root_file.as_deref().map(|path| {
        let found = fs::read(path).map_err(|error| error.to_string()).and_then(|pem| Roots::from_pem(&pem));
        found.map_err(|why| Error::internal(format!("keys.vault_root_file ({}): {why}", path.display())))
    });
    Ok(VaultSettings {
        address: address.to_owned(),
        mount: settings.vault_mount.clone(),
        key: settings.vault_key.clone(),
        token,
        roots: roots.transpose()?,
        patience: Duration::from_secs(settings.vault_seconds),
    })
}

/// The file of a credential that a setting names.
fn credential(setting: &str, name: &str) -> Result<PathBuf> {
    match std::env::var_os(CREDENTIALS) {
        Some(folder) => Ok(Path::new(&folder).join(name)),
        None => Err(Error::internal(format!(
            "{setting} names a credential, and the service manager handed none over (CREDENTIALS_DIRECTORY is not \
             set): run it as a service, or with `systemd-run`"
        ))),
    }
}

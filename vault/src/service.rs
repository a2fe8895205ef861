//! Where in Vault the root key is, and opening it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyService, RootKey};

use crate::client::{Client, Failure, Roots};
use crate::root::VaultRootKey;
use crate::token::TokenSource;
use crate::transit::TransitKey;

/// Where in Vault the root key is, and how it is reached.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    /// The address, as [`crate::is_address`] has it.
    pub address: String,
    /// Where the transit engine is mounted.
    pub mount: String,
    /// The name of the key.
    pub key: String,
    /// The token.
    pub token: TokenSource,
    /// Certificates that vouch for Vault's; the public authorities do when there are none.
    pub roots: Option<Roots>,
    /// How long an answer may take.
    pub patience: Duration,
}

/// A Vault that holds the root key.
#[derive(Debug)]
pub struct Vault {
    settings: VaultSettings,
}

impl Vault {
    /// The Vault that the settings name. Nothing is asked yet.
    pub fn new(settings: VaultSettings) -> Self {
        Self { settings }
    }

    fn key(&self, environment: Environment) -> Result<TransitKey> {
        let VaultSettings { address, mount, key, token, roots, patience } = &self.settings;
        let client = Client::new(address, token.clone(), roots.as_ref(), *patience, environment);
        Ok(TransitKey::new(client.map_err(|why| self.told(&why))?, mount, key))
    }

    /// An error for the operator.
    fn told(&self, why: &dyn Display) -> Error {
        Error::internal(format!("{}: {why}", self.settings.address))
    }

    fn failed(&self, failure: &Failure) -> Error {
        let VaultSettings { mount, key, .. } = &self.settings;
        let remedy = match failure {
            Failure::Away(_) => "see that it runs and is unsealed".to_owned(),
            Failure::Refused(_) => {
                "the token is not valid any more, or its policy does not allow this; docs/operations.md has the \
                 policy"
                    .to_owned()
            }
            Failure::Absent(_) => format!(
                "there is no key {key} in the transit engine at {mount}/; put it back from Vault's backup, or run \
                 `groeilijn init` for a new installation"
            ),
            Failure::Rejected(_) => "see that it is HashiCorp Vault from 1.13, or OpenBao".to_owned(),
        };
        self.told(&format!("{failure}; {remedy}"))
    }
}

impl KeyService for Vault {
    fn is_there(&self, environment: &Environment) -> Result<bool> {
        match self.key(environment.clone())?.state() {
            Ok(_) => Ok(true),
            Err(Failure::Absent(_)) => Ok(false),
            Err(failure) => Err(self.failed(&failure)),
        }
    }

    fn make(&self, environment: &Environment) -> Result<()> {
        self.key(environment.clone())?.make().map_err(|failure| match failure {
            Failure::Refused(why) => {
                let VaultSettings { mount, key, .. } = &self.settings;
                self.told(&format!(
                    "{why}; the token may not make the key: `vault write -f {mount}/keys/{key}` makes it"
                ))
            }
            failure => self.failed(&failure),
        })
    }

    fn open(&self, environment: Environment) -> Result<Arc<dyn RootKey>> {
        let key = self.key(environment.clone())?;
        let state = key.state().map_err(|failure| self.failed(&failure))?;
        if let Some(fault) = state.fault() {
            return Err(self.told(&fault));
        }
        let root = VaultRootKey::new(key, &self.settings.key, &self.settings.address, environment);
        root.prove().map_err(|failure| self.failed(&failure))?;
        Ok(Arc::new(root))
    }
}

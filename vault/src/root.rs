//! A key in Vault as the root key.

use std::sync::{Mutex, PoisonError};

use groeilijn_engine::crypto::sealed::KeyId;
use groeilijn_engine::crypto::wrap::{self, KeyName};
use groeilijn_engine::database::outage::Outage;
use groeilijn_engine::environment::Environment;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::RootKey;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::client::Failure;
use crate::transit::{TransitKey, version_of};

/// For how long Vault counts as being there after it did something.
const HOLDS: SignedDuration = SignedDuration::from_secs(5);

/// A key in Vault. What it wraps names the key, by a digest of its name, and Vault's version of it.
pub(crate) struct VaultRootKey {
    key: TransitKey,
    id: KeyId,
    /// What a text about it begins with.
    place: String,
    /// When it last did something, unless it failed since.
    did_well: Mutex<Option<Timestamp>>,
    environment: Environment,
}

impl VaultRootKey {
    /// The key of a name, in a Vault at a place.
    pub(crate) fn new(key: TransitKey, name: &str, place: &str, environment: Environment) -> Self {
        Self { key, id: id_of(name), place: place.to_owned(), did_well: Mutex::default(), environment }
    }

    /// Wraps a key for nothing and unwraps it: the token has to allow both, and what is bound has to be checked.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn prove(&self) -> Result<(), Failure> {
        let key = Zeroizing::new(self.environment.bytes());
        let (_, given) = self.key.encrypt(b"groeilijn/proof/1", &key)?;
        let opened = self.key.decrypt(b"groeilijn/proof/1", &given)?;
        let moved = self.key.decrypt(b"groeilijn/proof/2", &given);
        match moved {
            Err(Failure::Rejected(_)) if *opened == *key => {
                self.note(true);
                Ok(())
            }
            Err(failure @ (Failure::Away(_) | Failure::Refused(_) | Failure::Absent(_))) => Err(failure),
            _ => Err(Failure::Rejected("it does not check associated data".to_owned())),
        }
    }

    /// What a failure at work means for whoever asked. What the operator has to know is in the log by then.
    fn told<T>(&self, answered: Result<T, Failure>) -> Result<T> {
        self.note(answered.is_ok());
        answered.map_err(|failure| match failure {
            Failure::Away(_) | Failure::Refused(_) => UNAVAILABLE,
            // It may come back from Vault's backup; what it wrapped is not damaged.
            Failure::Absent(why) => {
                tracing::error!("Vault, which holds the root key: {why}");
                UNAVAILABLE
            }
            Failure::Rejected(why) => {
                tracing::error!("Vault, which holds the root key: {why}");
                UNREADABLE
            }
        })
    }

    fn note(&self, well: bool) {
        let now = well.then(|| self.environment.now());
        *self.did_well.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    fn named(&self, version: u32) -> KeyName {
        KeyName { id: self.id, version }
    }
}

impl RootKey for VaultRootKey {
    fn newest(&self) -> Result<KeyName> {
        Ok(self.named(self.told(self.key.state())?.latest_version))
    }

    fn has(&self, name: &KeyName) -> Result<bool> {
        if name.id != self.id {
            return Ok(false);
        }
        let state = self.told(self.key.state())?;
        Ok((state.min_decryption_version..=state.latest_version).contains(&name.version))
    }

    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>> {
        let bound = wrap::bound_by_service(self.id, kind, context);
        let (version, given) = self.told(self.key.encrypt(&bound, key))?;
        Ok(wrap::of_service(self.named(version), given.as_bytes()))
    }

    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
        let (name, given) = wrap::by_service(wrapped).map_err(|_| UNREADABLE)?;
        let given = str::from_utf8(given).map_err(|_| UNREADABLE)?;
        if name.id != self.id || version_of(given) != Some(name.version) {
            return Err(UNREADABLE);
        }
        self.told(self.key.decrypt(&wrap::bound_by_service(self.id, kind, context), given))
    }

    fn add(&self) -> Result<KeyName> {
        self.key.rotate().map_err(|failure| {
            let remedy = match failure {
                Failure::Refused(_) => {
                    "; the token may not rotate the key: name one that may, or let Vault's \
                     administrator rotate it"
                }
                _ => "",
            };
            Error::internal(format!("{}: {failure}{remedy}", self.place))
        })?;
        self.newest()
    }

    fn forget_older(&self, used: &[KeyName]) -> Result<()> {
        let Some(oldest) = used.iter().filter(|name| name.id == self.id).map(|name| name.version).min()
        else {
            return Ok(());
        };
        match self.key.forget_before(oldest) {
            Err(Failure::Refused(_)) => {
                tracing::warn!(
                    "the token may not change the key in Vault: let Vault's administrator set its \
                     min_decryption_version to {oldest}"
                );
                Ok(())
            }
            answered => self.told(answered),
        }
    }

    fn ready(&self) -> Result<()> {
        let did_well = *self.did_well.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.environment.now();
        if did_well.is_some_and(|at| (SignedDuration::ZERO..HOLDS).contains(&now.duration_since(at))) {
            return Ok(());
        }
        self.told(self.key.state()).map(drop)
    }
}

const UNAVAILABLE: Error = Error::Unavailable(Outage::KeyService);
const UNREADABLE: Error = Error::Unreadable("the key store");

/// The name by which what is wrapped tells one key in Vault from others and from keys in files. It is the same wherever
/// Vault and its engine move to.
fn id_of(key: &str) -> KeyId {
    let digest: [u8; 32] =
        Sha256::digest([b"groeilijn/root-key-id/vault/1\0", key.as_bytes()].concat()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    KeyId::from_bytes([a, b, c, d, e, f, g, h])
}

//! The calls of the transit engine on one key.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::client::{Client, Failure, Repeat};

/// What a ciphertext of Vault begins with, before the number of the version.
const PREFIX: &str = "vault:v";
/// The kinds of key that bind associated data.
const BINDING: [&str; 3] = ["aes256-gcm96", "aes128-gcm96", "chacha20-poly1305"];

/// One key in the transit engine.
pub(crate) struct TransitKey {
    client: Client,
    mount: String,
    name: String,
}

/// How a key stands.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KeyState {
    /// The version that wraps.
    pub(crate) latest_version: u32,
    /// The oldest version that unwraps.
    pub(crate) min_decryption_version: u32,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    derived: bool,
    #[serde(default)]
    exportable: bool,
    #[serde(default)]
    allow_plaintext_backup: bool,
    #[serde(default)]
    imported_key: bool,
}

impl KeyState {
    /// Why the key cannot serve, in words.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.derived {
            return Some("the key derives others from a context; make one that does not".to_owned());
        }
        if self.exportable {
            return Some(
                "the key may be exported, so it is no safer than in a file; make one that may not".to_owned(),
            );
        }
        if self.allow_plaintext_backup {
            return Some(
                "a backup of the key may be taken in the clear, so it is no safer than in a file; make one that \
                 allows none"
                    .to_owned(),
            );
        }
        if self.imported_key {
            return Some(
                "the key was imported, so it exists outside Vault; make one in Vault that never left it"
                    .to_owned(),
            );
        }
        let kind = &self.kind;
        (!BINDING.contains(&kind.as_str()))
            .then(|| format!("the key is of the type {kind}; it must be one of {}", BINDING.join(", ")))
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted<'a> {
    #[serde(borrow)]
    plaintext: Cow<'a, str>,
}

impl TransitKey {
    /// The key `name` of the engine that is mounted at `mount`.
    pub(crate) fn new(client: Client, mount: &str, name: &str) -> Self {
        Self { client, mount: mount.to_owned(), name: name.to_owned() }
    }

    /// How it stands.
    pub(crate) fn state(&self) -> Result<KeyState, Failure> {
        let said = self.client.get(&self.path("keys", ""))?;
        let answer: Answer<KeyState> = understood(&said)?;
        Ok(answer.data)
    }

    /// Makes it.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let body = json!({ "type": "aes256-gcm96" });
        self.client.post(&self.path("keys", ""), &body, Repeat::Yes).map(drop)
    }

    /// Adds a version.
    pub(crate) fn rotate(&self) -> Result<(), Failure> {
        self.client.post(&self.path("keys", "/rotate"), &json!({}), Repeat::No).map(drop)
    }

    /// Lets no version before this one unwrap.
    pub(crate) fn forget_before(&self, version: u32) -> Result<(), Failure> {
        let body = json!({ "min_decryption_version": version });
        self.client.post(&self.path("keys", "/config"), &body, Repeat::Yes).map(drop)
    }

    /// Wraps a key. Gives the version that did and what it gave.
    pub(crate) fn encrypt(&self, bound: &[u8], key: &Zeroizing<[u8; 32]>) -> Result<(u32, String), Failure> {
        let plaintext = Zeroizing::new(STANDARD.encode(key.as_slice()));
        let body = json!({ "plaintext": plaintext.as_str(), "associated_data": STANDARD.encode(bound) });
        let said = self.client.post(&self.path("encrypt", ""), &body, Repeat::Yes)?;
        let Answer { data: Encrypted { ciphertext } } = understood(&said)?;
        let version = version_of(&ciphertext).ok_or_else(unintelligible)?;
        Ok((version, ciphertext))
    }

    /// Unwraps a key.
    pub(crate) fn decrypt(&self, bound: &[u8], ciphertext: &str) -> Result<Zeroizing<[u8; 32]>, Failure> {
        let body = json!({ "ciphertext": ciphertext, "associated_data": STANDARD.encode(bound) });
        let said = self.client.post(&self.path("decrypt", ""), &body, Repeat::Yes)?;
        let Answer { data: Decrypted { plaintext } } = understood(&said)?;
        let bytes = Zeroizing::new(STANDARD.decode(plaintext.as_bytes()).map_err(|_| unintelligible())?);
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(Failure::Rejected("what was wrapped is no key".to_owned()));
        }
        key.copy_from_slice(&bytes);
        Ok(key)
    }

    fn path(&self, what: &str, then: &str) -> String {
        format!("{}/{what}/{}{then}", self.mount, self.name)
    }
}

/// The version that a ciphertext names.
pub(crate) fn version_of(ciphertext: &str) -> Option<u32> {
    let (version, rest) = ciphertext.strip_prefix(PREFIX)?.split_once(':')?;
    version.parse().ok().filter(|version| *version > 0 && !rest.is_empty())
}

fn understood<'a, T: Deserialize<'a>>(said: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(said).map_err(|_| unintelligible())
}

/// Something else answers, such as a page of a proxy.
fn unintelligible() -> Failure {
    Failure::Away("what answers is not Vault's transit engine".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphertext_names_its_version() {
        assert_eq!(version_of("vault:v12:YWJj"), Some(12));
        for wrong in
            ["", "vault:v:YWJj", "vault:v0:YWJj", "vault:v1", "vault:v1:", "v1:YWJj", "vault:v-1:YWJj"]
        {
            assert_eq!(version_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_that_binds_nothing_cannot_serve() {
        let fault = |text: &str| serde_json::from_str::<KeyState>(text).unwrap().fault();
        let state = |kind: &str, derived: bool| {
            json!({ "latest_version": 1, "min_decryption_version": 1, "type": kind, "derived": derived })
                .to_string()
        };
        assert_eq!(fault(&state("aes256-gcm96", false)), None);
        assert!(fault(&state("aes256-gcm96", true)).is_some());
        assert!(fault(&state("rsa-4096", false)).unwrap().contains("aes256-gcm96"));
    }

    #[test]
    fn a_key_that_may_be_outside_vault_cannot_serve() {
        for (flag, why) in [
            ("exportable", "exported"),
            ("allow_plaintext_backup", "in the clear"),
            ("imported_key", "imported"),
        ] {
            let mut state = json!({ "latest_version": 1, "min_decryption_version": 1, "type": "aes256-gcm96", flag: false });
            let fault = |state: &serde_json::Value| {
                serde_json::from_value::<KeyState>(state.clone()).unwrap().fault()
            };
            assert_eq!(fault(&state), None, "{flag}");
            state[flag] = json!(true);
            assert!(fault(&state).unwrap().contains(why), "{flag}");
        }
    }
}

//! Root keys in a file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::root::RootKey;
use crate::crypto::sealed::KeyId;
use crate::crypto::wrap::{self, KeyName, ParentKey};
use crate::crypto::xaes::XaesKey;
use crate::environment::Environment;
use crate::error::{Error, Result};

pub(super) const NOT_HANDED_OVER: &str = "the service manager has handed over no such credential; name it in the unit \
    (LoadCredential or LoadCredentialEncrypted): 64 hexadecimal digits, such as `openssl rand -hex 32` gives";

/// Root keys in a file of its own, outside the data folder, readable by its owner alone: one on each line, the newest
/// last. Another process may add one while this one runs: the file is read again before a key is wrapped, and when a key
/// names one that is not known.
pub struct RootKeyFile {
    path: PathBuf,
    /// Whether the service manager handed it over: it looks after who reads and who changes it.
    handed_over: bool,
    keys: RwLock<Vec<Arc<ParentKey>>>,
    environment: Environment,
}

impl RootKeyFile {
    /// Makes a new key in a new file. An existing file is never overwritten: what it wraps would be lost.
    pub fn create(path: &Path, environment: &Environment) -> Result<()> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| {
                let remedy = "let whoever runs groeilijn write there, or name another place";
                refused(path, &format!("it cannot be made ({error}); {remedy}"))
            })?;
        }
        write_new(path, &line(&Zeroizing::new(environment.bytes())))
    }

    /// Reads the keys. A file that others may read is refused.
    pub fn open(path: &Path, environment: Environment) -> Result<Self> {
        Self::read_from(path, false, environment)
    }

    /// Reads the keys that the service manager handed over: it lets nobody else read them, whatever the file's mode says.
    pub fn handed_over(path: &Path, environment: Environment) -> Result<Self> {
        if !path.exists() {
            return Err(refused(path, &NOT_HANDED_OVER));
        }
        Self::read_from(path, true, environment)
    }

    fn read_from(path: &Path, handed_over: bool, environment: Environment) -> Result<Self> {
        let keys = RwLock::new(read(path, handed_over)?);
        Ok(Self { path: path.to_owned(), handed_over, keys, environment })
    }

    /// Whether one of these keys, as far as they are known, wrapped this.
    pub(super) fn wrapped(&self, wrapped: &[u8]) -> bool {
        wrap::parent_of(wrapped).is_ok_and(|name| self.known(|key| key.name == name).is_some())
    }

    fn text(&self) -> Result<Zeroizing<String>> {
        fs::read_to_string(&self.path).map(Zeroizing::new).map_err(|error| refused(&self.path, &error))
    }

    /// Puts a new file in the place of the old one in one step, so that no crash leaves half of it.
    fn replace(&self, text: &str) -> Result<()> {
        let new = self.path.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(refused(&new, &error)),
            _ => {}
        }
        write_new(&new, text)?;
        fs::rename(&new, &self.path).map_err(|error| refused(&self.path, &error))?;
        self.read_again()
    }

    fn read_again(&self) -> Result<()> {
        let keys = read(&self.path, self.handed_over)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn known(&self, wanted: impl Fn(&ParentKey) -> bool) -> Option<Arc<ParentKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().rev().find(|key| wanted(key)).cloned()
    }
}

impl RootKey for RootKeyFile {
    fn newest(&self) -> Result<KeyName> {
        self.read_again()?;
        Ok(self.known(|_| true).ok_or(UNREADABLE)?.name)
    }

    fn has(&self, name: &KeyName) -> Result<bool> {
        self.read_again()?;
        Ok(self.known(|key| key.name == *name).is_some())
    }

    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>> {
        // Another process may have added a newer one, and taken away the one that was the newest here.
        self.read_again()?;
        let newest = self.known(|_| true).ok_or(UNREADABLE)?;
        Ok(wrap::wrap(&newest, self.environment.bytes(), kind, context, key))
    }

    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
        let name = wrap::parent_of(wrapped).map_err(|_| UNREADABLE)?;
        let parent = match self.known(|key| key.name == name) {
            Some(parent) => parent,
            None => {
                self.read_again()?;
                self.known(|key| key.name == name).ok_or(UNREADABLE)?
            }
        };
        wrap::unwrap_key(&parent, kind, context, wrapped).map_err(|_| UNREADABLE)
    }

    fn add(&self) -> Result<KeyName> {
        if self.handed_over {
            let remedy = "the service manager hands it over: add a line to the credential, the newest last, and restart";
            return Err(refused(&self.path, &remedy));
        }
        let mut text = self.text()?;
        text.push_str(&line(&Zeroizing::new(self.environment.bytes())));
        self.replace(&text)?;
        self.newest()
    }

    fn forget_older(&self, used: &[KeyName]) -> Result<()> {
        if self.handed_over {
            return Ok(());
        }
        let keys = read(&self.path, false)?;
        // One that was added a moment ago wraps nothing yet, and stays as well.
        let Some(oldest) = keys.iter().position(|key| used.contains(&key.name)) else { return Ok(()) };
        let text = self.text()?;
        let kept = text.lines().skip(oldest).fold(Zeroizing::new(String::new()), |mut kept, line| {
            kept.push_str(line);
            kept.push('\n');
            kept
        });
        self.replace(&kept)
    }

    fn ready(&self) -> Result<()> {
        Ok(())
    }
}

const UNREADABLE: Error = Error::Unreadable("the key store");

pub(super) fn refused(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("{}: {why}", path.display()))
}

fn line(key: &Zeroizing<[u8; 32]>) -> Zeroizing<String> {
    Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(**key))))
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut file = new_private_file(path).map_err(|error| refused(path, &error))?;
    file.write_all(text.as_bytes()).map_err(Error::internal)?;
    file.sync_all().map_err(Error::internal)
}

fn read(path: &Path, handed_over: bool) -> Result<Vec<Arc<ParentKey>>> {
    if !handed_over {
        check_private(path).map_err(|why| refused(path, &why))?;
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| refused(path, &error))?);
    let keys = text.lines().map(|line| {
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(line.trim(), key.as_mut_slice())
            .map_err(|_| refused(path, &"it does not hold 64 hexadecimal digits on each line"))?;
        Ok(Arc::new(ParentKey { name: name_of(&key)?, key: XaesKey::new(&key) }))
    });
    let keys: Vec<_> = keys.collect::<Result<_>>()?;
    if keys.is_empty() { Err(refused(path, &"it holds no key")) } else { Ok(keys) }
}

/// The name of a root key: computed from it, says nothing of it, and is the same wherever the file is copied to.
fn name_of(key: &Zeroizing<[u8; 32]>) -> Result<KeyName> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(Error::internal)?;
    mac.update(b"groeilijn/root-key-id/1");
    let digest = mac.finalize().into_bytes();
    let id = digest.first_chunk().ok_or(UNREADABLE)?;
    Ok(KeyName { id: KeyId::from_bytes(*id), version: 1 })
}

#[cfg(unix)]
fn new_private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_private_file(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(|error| missing(&error))?.permissions().mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err("others may read it; its mode must be 0600 (chmod 600)".to_owned())
    }
}

#[cfg(unix)]
fn missing(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "it is not there; put it back from the copy in the safe, or run `groeilijn \
                                         init` for a new installation"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::testing;

    #[test]
    fn a_root_key_is_made_once_and_read_only_when_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/root.key");
        let environment = testing::environment();
        RootKeyFile::create(&path, &environment).unwrap();
        assert!(RootKeyFile::create(&path, &environment).is_err());
        let root = RootKeyFile::open(&path, environment.clone()).unwrap();
        let key = Zeroizing::new([7; 32]);
        let wrapped = root.wrap("test", &[b"a"], &key).unwrap();
        assert_eq!(*root.unwrap("test", &[b"a"], &wrapped).unwrap(), *key);
        assert!(root.unwrap("test", &[b"b"], &wrapped).is_err());

        // Another process adds a key: what it wraps opens here too, and what was wrapped before still does.
        let elsewhere = RootKeyFile::open(&path, environment.clone()).unwrap();
        let before = root.newest().unwrap();
        let added = elsewhere.add().unwrap();
        assert_ne!(added, before);
        let newer = elsewhere.wrap("test", &[b"a"], &key).unwrap();
        assert_eq!(wrap::parent_of(&newer), Ok(added));
        assert_eq!(*root.unwrap("test", &[b"a"], &newer).unwrap(), *key);
        assert_eq!(*elsewhere.unwrap("test", &[b"a"], &wrapped).unwrap(), *key);
        elsewhere.forget_older(&[before, added]).unwrap();
        assert!(elsewhere.unwrap("test", &[b"a"], &wrapped).is_ok(), "it wraps something still");
        elsewhere.forget_older(&[added]).unwrap();
        assert!(elsewhere.unwrap("test", &[b"a"], &wrapped).is_err());
        assert_eq!(elsewhere.newest().unwrap(), added);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(RootKeyFile::open(&path, environment).is_err());
        }
    }
}

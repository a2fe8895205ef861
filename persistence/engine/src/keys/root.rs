//! The root key: what wraps every institution's key.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::crypto::wrap;
use crate::crypto::xaes::XaesKey;
use crate::environment::Environment;
use crate::error::{Error, Result};

/// The key at the top of the hierarchy. A file here; a key-management service can stand behind the same trait.
pub trait RootKey: Send + Sync {
    /// Wraps a data key, bound to `kind` and `context`.
    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>>;

    /// The data key in `wrapped`.
    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>>;
}

/// A root key in a file of its own, outside the data folder, readable by its owner alone.
pub struct RootKeyFile {
    key: XaesKey,
    environment: Environment,
}

impl RootKeyFile {
    /// Makes a new key in a new file. An existing file is never overwritten: what it wraps would be lost.
    pub fn create(path: &Path, environment: &Environment) -> Result<()> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(Error::internal)?;
        }
        let key = Zeroizing::new(environment.bytes::<32>());
        let line = Zeroizing::new(hex::encode(*key));
        let mut file = new_private_file(path).map_err(|error| {
            Error::internal(format!("the root key file {} cannot be made: {error}", path.display()))
        })?;
        writeln!(file, "{}", *line).map_err(Error::internal)?;
        file.sync_all().map_err(Error::internal)
    }

    /// Reads the key. A file that others may read is refused.
    pub fn open(path: &Path, environment: Environment) -> Result<Self> {
        let refuse = |why: String| Error::internal(format!("the root key file {}: {why}", path.display()));
        check_private(path).map_err(refuse)?;
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?);
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut_slice())
            .map_err(|_| refuse("it does not hold 64 hexadecimal digits".to_owned()))?;
        Ok(Self { key: XaesKey::new(&key), environment })
    }
}

impl RootKey for RootKeyFile {
    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>> {
        Ok(wrap::wrap(&self.key, self.environment.bytes(), kind, context, key))
    }

    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
        wrap::unwrap_key(&self.key, kind, context, wrapped).map_err(|_| Error::Unreadable("the key store"))
    }
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
    let mode = fs::metadata(path).map_err(|error| error.to_string())?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err("others may read it; its mode must be 0600".to_owned()) }
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
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(RootKeyFile::open(&path, environment).is_err());
        }
    }
}

//! Where the root key is.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::root::RootKey;
use super::root_file::{NOT_HANDED_OVER, RootKeyFile, refused};
use super::succession::Succession;
use crate::environment::Environment;
use crate::error::Result;

/// Where the root key is.
#[derive(Debug, Clone)]
pub enum RootKeySource {
    /// In a file, which `groeilijn` makes and changes.
    File(PathBuf),
    /// In a file that the service manager hands to the process, such as a credential of systemd: read, never written.
    Credential(PathBuf),
    /// In a service.
    Service {
        /// The service.
        service: Arc<dyn KeyService>,
        /// The file that it was in before. As long as that is there it opens what it wrapped.
        before: PathBuf,
    },
}

/// A service that holds the root key and never gives it away: it wraps and unwraps what it is sent.
pub trait KeyService: fmt::Debug + Send + Sync {
    /// Whether the key is there.
    ///
    /// # Errors
    /// When that cannot be known; the text is for the operator.
    fn is_there(&self, environment: &Environment) -> Result<bool>;

    /// Makes the key.
    ///
    /// # Errors
    /// When it cannot be made, or only somebody else makes it; the text is for the operator.
    fn make(&self, environment: &Environment) -> Result<()>;

    /// Opens the key.
    ///
    /// # Errors
    /// When it is not there or cannot be used as it must; the text is for the operator.
    fn open(&self, environment: Environment) -> Result<Arc<dyn RootKey>>;
}

impl RootKeySource {
    /// Whether it is there.
    ///
    /// # Errors
    /// When a service does not tell.
    pub fn is_there(&self, environment: &Environment) -> Result<bool> {
        match self {
            Self::File(path) | Self::Credential(path) => Ok(path.exists()),
            Self::Service { service, .. } => service.is_there(environment),
        }
    }

    /// Makes the root key of a new installation, unless it is there.
    ///
    /// # Errors
    /// When it cannot be made, or only somebody else makes it.
    pub fn make(&self, environment: &Environment) -> Result<()> {
        match self {
            _ if self.is_there(environment)? => Ok(()),
            Self::File(path) => RootKeyFile::create(path, environment),
            Self::Credential(path) => Err(refused(path, &NOT_HANDED_OVER)),
            Self::Service { service, .. } => service.make(environment),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be read, or others may read it.
    pub fn open(&self, environment: Environment) -> Result<Arc<dyn RootKey>> {
        match self {
            Self::File(path) => Ok(Arc::new(RootKeyFile::open(path, environment)?)),
            Self::Credential(path) => Ok(Arc::new(RootKeyFile::handed_over(path, environment)?)),
            Self::Service { service, before } if before.exists() => {
                let before = RootKeyFile::open(before, environment.clone())?;
                Ok(Arc::new(Succession::new(service.open(environment)?, before)))
            }
            Self::Service { service, .. } => service.open(environment),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use zeroize::Zeroizing;

    use super::*;
    use crate::environment::testing;

    #[test]
    fn a_credential_is_read_as_it_is_handed_over_and_never_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        let environment = testing::environment();
        let source = RootKeySource::Credential(path.clone());
        assert!(source.make(&environment).unwrap_err().to_string().contains("LoadCredential"));
        assert!(source.open(environment.clone()).is_err());
        let older = format!("{}\n", "5f".repeat(32));
        fs::write(&path, &older).unwrap();
        source.make(&environment).unwrap();
        let root = source.open(environment.clone()).unwrap();
        let key = Zeroizing::new([7; 32]);
        let wrapped = root.wrap("test", &[b"a"], &key).unwrap();
        assert!(root.add().is_err());
        root.forget_older(&[root.newest().unwrap()]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), older);

        // A line that the service manager adds wraps from then on.
        let before = root.newest().unwrap();
        fs::write(&path, format!("{older}{}\n", "6e".repeat(32))).unwrap();
        assert_ne!(root.newest().unwrap(), before);
        assert_eq!(*root.unwrap("test", &[b"a"], &wrapped).unwrap(), *key);
    }
}

//! A root key that takes the place of another one.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::root::RootKey;
use super::root_file::RootKeyFile;
use crate::crypto::wrap::KeyName;
use crate::error::Result;

/// A root key elsewhere, and the file that it was in before: that one opens what it wrapped and wraps nothing any more. When
/// everything was wrapped anew the file can go; nobody but the operator takes it away.
pub(super) struct Succession {
    present: Arc<dyn RootKey>,
    before: RootKeyFile,
}

impl Succession {
    pub(super) fn new(present: Arc<dyn RootKey>, before: RootKeyFile) -> Self {
        Self { present, before }
    }
}

impl RootKey for Succession {
    fn newest(&self) -> Result<KeyName> {
        self.present.newest()
    }

    fn has(&self, name: &KeyName) -> Result<bool> {
        Ok(self.before.has(name)? || self.present.has(name)?)
    }

    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>> {
        self.present.wrap(kind, context, key)
    }

    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
        if self.before.wrapped(wrapped) {
            return self.before.unwrap(kind, context, wrapped);
        }
        self.present.unwrap(kind, context, wrapped)
    }

    fn add(&self) -> Result<KeyName> {
        self.present.add()
    }

    fn forget_older(&self, used: &[KeyName]) -> Result<()> {
        self.present.forget_older(used)
    }

    fn ready(&self) -> Result<()> {
        self.present.ready()
    }
}

//! The root key: what wraps every institution's key.

use zeroize::Zeroizing;

use crate::crypto::wrap::KeyName;
use crate::error::Result;

/// The key at the top of the hierarchy. A file, or a key in a service of its own.
///
/// It can have several versions: the newest wraps, and each opens what it wrapped, for a wrapped key names it.
pub trait RootKey: Send + Sync {
    /// The version that wraps.
    fn newest(&self) -> Result<KeyName>;

    /// Whether this is one of the versions.
    fn has(&self, name: &KeyName) -> Result<bool>;

    /// Wraps a data key under the newest version, bound to `kind` and `context`.
    fn wrap(&self, kind: &'static str, context: &[&[u8]], key: &Zeroizing<[u8; 32]>) -> Result<Vec<u8>>;

    /// The data key in `wrapped`.
    fn unwrap(&self, kind: &'static str, context: &[&[u8]], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>>;

    /// Adds a version, which wraps from now on. Everything that an earlier one wraps stays readable.
    ///
    /// # Errors
    /// When it cannot be kept, or is kept where only somebody else adds one.
    fn add(&self) -> Result<KeyName>;

    /// Takes away the versions before the oldest of those in `used`, which name everything that is wrapped; where somebody
    /// else keeps them, nothing happens.
    ///
    /// # Errors
    /// When that cannot be kept.
    fn forget_older(&self, used: &[KeyName]) -> Result<()>;

    /// Whether it can wrap and unwrap at the moment.
    ///
    /// # Errors
    /// What keeps it from that.
    fn ready(&self) -> Result<()>;
}

//! The key store: a database of its own, in which every key is wrapped by the key above it.
//!
//! ```text
//! root key            a file outside the data folder, or a key in a service of its own
//!  ├ system keys      the login index key, the keys that sign access tokens
//!  └ institution key  one per institution
//!     ├ subject key   one for each owner of a kind: without it what is about the owner is unreadable, everywhere
//!     └ shared key    for what belongs to nobody in particular; its owner is the institution itself
//! ```
//!
//! Data keys are random, never derived: what can be derived cannot be destroyed. A new key is durable before
//! its first use. Opened keys are kept in memory, bounded in number and minutes.

mod destroyed;
mod destroying;
pub mod ends;
pub mod history;
mod making;
mod opened;
mod owner;
mod ring;
mod root;
mod root_file;
mod root_source;
mod rotation;
pub(crate) mod second;
mod status;
mod succession;
mod system;

pub use destroying::KeyRecord;
pub use making::{IN_USE, YoungKey};
pub use owner::{KeyKind, KeyOwner, Stored};
pub use ring::{KeyRing, SubjectKey};
pub use root::RootKey;
pub use root_file::RootKeyFile;
pub use root_source::{KeyService, RootKeySource};
pub use status::{InstitutionKeys, KeyStatus, OwnerKeys, RootKeyUse, SystemKeyUse};
pub use system::{LoginIndex, SigningKey, SystemKeys};
pub(crate) use system::{SYSTEM, system_context};

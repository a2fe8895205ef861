//! The key store: a database of its own, in which every key is wrapped by the key above it.
//!
//! ```text
//! root key            a file outside the data folder, or a key-management service
//!  ├ system keys      the login index key, the keys that sign access tokens
//!  └ institution key  one per institution
//!     ├ subject key   one per pupil and per user: without it the person is unreadable, everywhere
//!     └ tenant key    for what belongs to no person; its subject is the institution itself
//! ```
//!
//! Data keys are random, never derived: what can be derived cannot be destroyed. A new key is durable before
//! its first use. Opened keys are kept in memory, bounded in number and minutes.

mod opened;
mod ring;
mod root;
mod system;

pub use ring::{KeyRing, SubjectKey};
pub use root::{RootKey, RootKeyFile};
pub use system::{LoginIndex, SigningKey, SystemKeys};

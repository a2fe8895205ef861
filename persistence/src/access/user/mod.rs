//! Users: the persons behind an institution's accounts, each sealed under a key of her own.

mod change;
mod read;

pub(crate) use read::TABLE;
pub use read::{KnownUser, StoredUser};

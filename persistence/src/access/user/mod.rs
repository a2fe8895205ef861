//! Users: the persons behind an institution's accounts, each sealed under a key of her own.

mod change;
mod read;

pub use read::{KnownUser, StoredUser};

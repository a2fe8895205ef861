//! What a copy of everything is checked by, and what is done to data that was put back beside newer keys.
//!
//! Copying and putting back are the engine's ([`groeilijn_engine::database::copies`]).

mod check;
mod sweep;

pub use check::{CheckedCopy, Trees};
pub use sweep::{Swept, SweptKind};

//! Subprocessors: whom the processor lets process data, and what institutions have to say about it (C134–C137).

mod change;
mod objection;
mod read;
mod standing;

pub use change::{NewCheck, NewSubprocessor};
pub use objection::StoredObjection;
pub use read::{StoredCheck, StoredSubprocessor, Viewer};
pub(crate) use standing::Standings;

//! The handles: what a caller holds while it reads and writes.

pub(crate) mod platform;
pub(crate) mod store;
pub(crate) mod tenant;

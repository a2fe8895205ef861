//! The handles: what a caller holds while it reads and writes.

pub(crate) mod apart;
pub(crate) mod caches;
pub(crate) mod new_keys;
pub(crate) mod once;
pub(crate) mod platform;
pub(crate) mod store;
pub(crate) mod tenant;

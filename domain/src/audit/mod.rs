//! The audit log: what an entry says, and the tree that entries are kept in (C089).

pub mod entry;
pub mod merkle;

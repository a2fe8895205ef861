//! The audit log: what an entry says of its request, and the tree that entries are appended to.

pub mod context;
pub mod tree;

//! The audit log: what an entry says of its request, the tree that entries are appended to, and the index by what they
//! name.

pub mod address;
pub mod context;
pub mod ending;
mod index;
pub mod pending;
pub mod query;
pub mod tree;
pub mod verify;

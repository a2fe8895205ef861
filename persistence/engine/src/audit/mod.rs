//! The audit log: what an entry says of its request, the tree that entries are appended to, what is signed of that, and
//! the index by what entries name.

pub mod address;
pub mod checkpoint;
pub mod context;
pub mod ending;
pub mod export;
pub mod following;
pub mod hidden;
mod index;
pub mod mismatch;
pub mod pending;
pub mod query;
pub mod tiles;
pub mod tree;
pub mod verify;

//! The audit log of an institution, for whoever answers for it.

pub mod checkpoints;
pub mod entries;
pub mod export;

//! An institution's own audit log, for whoever answers for it.

pub mod checkpoints;
pub mod entries;
pub mod export;
pub mod patrol;

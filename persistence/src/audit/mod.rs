//! An institution's own audit log, for whoever answers for it.

pub mod access_log;
pub mod checkpoints;
pub mod entries;
pub mod export;
pub mod exposure;
pub mod patrol;
pub mod readers;

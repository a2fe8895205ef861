//! An institution's own audit log, for whoever answers for it.

pub mod access_log;
pub mod entries;
pub mod readers;

//! An institution's own audit log, for whoever answers for it.

pub mod entries;

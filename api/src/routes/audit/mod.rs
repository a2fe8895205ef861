//! The audit log of an institution, for whoever answers for it.

pub mod entries;

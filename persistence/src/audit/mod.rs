//! An institution's own audit log, for whoever answers for it.

pub mod access_log;
pub mod disclosure;
pub mod entries;
pub mod exposure;
pub mod log_review;
pub mod readers;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;

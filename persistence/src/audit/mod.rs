//! An institution's own audit log, for whoever answers for it.

pub mod access_log;
pub mod checkpoint_letter;
pub mod checkpoints;
pub mod disclosure;
pub mod entries;
pub mod export;
pub mod exposure;
pub mod log_keys;
pub mod log_review;
pub mod patrol;
pub mod readers;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod witnesses;

//! The audit log of an institution, for whoever answers for it.

pub mod access_logs;
pub mod checkpoints;
pub mod disclosures;
pub mod entries;
pub mod export;
pub mod exposure;
pub mod log_reviews;
pub mod readers;

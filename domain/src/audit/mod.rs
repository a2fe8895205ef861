//! The audit log: what an entry says, the Merkle tree that makes the log provable, and how others check it.

pub mod access_log;
pub mod checkpoint;
pub mod checkpoint_letter;
pub mod cosignature;
pub mod data_class;
pub mod disclosure;
pub mod entry;
pub mod export;
pub mod exposure;
pub mod finding;
pub mod in_words;
pub mod log_key;
pub mod log_review;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod proof_check;
pub mod reader;
pub mod tiles;
pub mod verification;
pub mod witness;

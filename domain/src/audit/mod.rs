//! The audit log: what an entry says, and the tree that entries are kept in (C089).

pub mod access_log;
pub mod data_class;
pub mod disclosure;
pub mod entry;
pub mod exposure;
pub mod in_words;
pub mod log_review;
pub mod merkle;
pub mod reader;

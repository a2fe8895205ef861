//! The audit log: what an entry says, and the tree that entries are kept in (C089).

pub mod access_log;
pub mod entry;
pub mod in_words;
pub mod merkle;
pub mod reader;

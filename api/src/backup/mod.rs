//! Backups of an installation: made while it is served, checked before they count, and put back (C075, C076).
//!
//! A backup is two things that live apart: the data, kept for as long as the operator wants, and the keys, kept for a week
//! at most. So what was destroyed is gone from the backups within days, while old data stays of use: it is put back beside
//! the newest keys. See docs/operations.md.

pub mod folder;
pub mod keeping;
pub mod manifest;
pub mod places;
pub mod putting_back;
pub mod sealed_file;
pub mod taking;

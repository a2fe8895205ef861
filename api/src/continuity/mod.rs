//! Exports of one institution, in open formats, and taking them in on another installation (C080). See docs/continuity.md.
//!
//! An export is a tar file of NDJSON files with their JSON Schemas, encrypted to a recipient of age. It is never on a disk
//! in another way.

mod archive;
mod exporting;
mod importing;
pub mod manifest;

pub use exporting::{Exported, export};
pub use importing::{Imported, import};

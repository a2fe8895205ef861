//! What an export says of itself.

use groeilijn_domain::values::ids::check_new;
use groeilijn_persistence::continuity::catalogue::resource;
use groeilijn_persistence::continuity::resource::Resource;
use groeilijn_persistence::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The version of the open format. It rises when what an earlier program wrote cannot be read as it was meant.
pub const FORMAT: u32 = 1;

/// The name of its file.
pub const MANIFEST: &str = "manifest.json";

/// What an export is of, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// Which institution it is of.
    pub institution_id: Uuid,
    /// The name of the institution.
    pub institution_name: String,
    /// The moment before which everything is in it, in UTC.
    pub exported_at: Timestamp,
    /// The audit log at that moment.
    pub audit_log: AuditLog,
    /// The files with data, in the order in which they refer to each other.
    pub files: Vec<DataFile>,
}

/// The institution's audit log: its Merkle tree (RFC 6962, SHA-256).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLog {
    /// How many entries.
    pub size: u64,
    /// The root of the tree, in hexadecimals.
    pub root: String,
}

/// A file with data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its name.
    pub name: String,
    /// How many lines.
    pub lines: u64,
    /// How many more there are that could not be read: their keys were destroyed, or they were damaged.
    pub unreadable: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimals.
    pub sha256: String,
}

impl DataFile {
    /// What is on its lines; `None` when this program does not know it.
    pub fn resource(&self) -> Option<&'static Resource> {
        resource(self.name.strip_suffix(".ndjson")?)
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Internal`] for one of a form that this program does not know, or of no institution.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
            program: String,
        }
        let unreadable = |_| Error::internal(format!("{MANIFEST} is not as it has to be"));
        let Form { format, program } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if format != FORMAT {
            return Err(Error::internal(format!(
                "the export is of format {format}, and this program reads format {FORMAT}; use groeilijn {program} or newer"
            )));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        if check_new(manifest.institution_id).is_err() {
            return Err(Error::internal(format!("{MANIFEST}, institutionId: no institution has this id")));
        }
        match manifest.files.iter().find(|file| file.resource().is_none()) {
            Some(file) => Err(Error::internal(format!(
                "{} is not known to this program; use groeilijn {program} or newer",
                file.name
            ))),
            None => Ok(manifest),
        }
    }

    /// As it is written.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(Error::internal)
    }
}

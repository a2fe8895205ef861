//! What stands beside an encrypted backup, to be read without opening it. Nothing in it is personal.

use std::collections::BTreeMap;

use groeilijn_persistence::backup::Trees;
use groeilijn_persistence::{Error, Result, TreeRoot};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form of manifests and of what they describe.
pub const FORMAT: u32 = 1;

/// Which half of an installation a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// The data.
    Data,
    /// The key store.
    Keys,
}

impl Half {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Data, Self::Keys];

    /// Its name, which is also that of the folder its backups are in.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Keys => "keys",
        }
    }

    /// The name of its encrypted file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Data => "data.age",
            Self::Keys => "keys.age",
        }
    }
}

/// Which kind of database it was copied from. It is put back into one of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// A file of SQLite.
    Sqlite,
    /// An archive of `pg_dump`.
    Postgres,
}

/// Size and digest of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimals.
    pub sha256: String,
}

/// One audit tree at the time of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// How many entries it had.
    pub size: u64,
    /// Its root hash in hexadecimals.
    pub root: String,
}

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// What it holds.
    pub half: Half,
    /// Its name; the halves of one backup have the same.
    pub id: String,
    /// The moment before which everything is in it, in UTC.
    pub taken_at: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// What it was copied from.
    pub database: DatabaseKind,
    /// The last migration that had been run.
    pub schema: String,
    /// The rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The audit trees, by institution; the keys have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trees: BTreeMap<Uuid, Tree>,
    /// When a key was last destroyed, as far as was known, in UTC.
    pub newest_destruction: Option<Timestamp>,
    /// When a key was last made or destroyed, as far as was known, in UTC.
    pub newest_change: Option<Timestamp>,
    /// The encrypted file.
    pub file: FileDigest,
    /// What is in it.
    pub content: FileDigest,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Internal`] for one that this program does not know.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let unreadable = |error| Error::internal(format!("manifest.json cannot be read: {error}"));
        let Form { format } = serde_json::from_str(text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(Error::internal(format!(
                "the backup is of format {format}; use the program that made it"
            )));
        }
        serde_json::from_str(text).map_err(unreadable)
    }

    /// As it is written.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(Error::internal)
    }

    /// Checks that these are the trees that it tells of.
    ///
    /// # Errors
    /// [`Error::Internal`] with the institution whose tree is another.
    pub fn check_trees(&self, found: &Trees) -> Result<()> {
        let found = described(found);
        match self.trees.iter().find(|(institution, tree)| found.get(*institution) != Some(*tree)) {
            None => Ok(()),
            Some((institution, _)) => Err(Error::internal(format!(
                "the audit log of institution {institution} is not what it was when the backup was made"
            ))),
        }
    }
}

/// Trees as a manifest tells of them.
pub fn described(trees: &Trees) -> BTreeMap<Uuid, Tree> {
    let tree = |TreeRoot { size, root }: &TreeRoot| Tree { size: *size, root: hex::encode(root) };
    trees.iter().map(|(institution, root)| (institution.as_uuid(), tree(root))).collect()
}

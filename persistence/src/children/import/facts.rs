//! What is known of a school file as a whole.

use std::collections::BTreeMap;

use groeilijn_domain::children::import::Counts;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::PupilId;
use serde::{Deserialize, Serialize};

/// How many groups and pupils of a file meet each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// The groups.
    pub groups: Counts,
    /// The pupils.
    pub pupils: Counts,
}

/// What else there is to say about a file. It holds texts from the file's first line, so it is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// The school year that the file's groups are in.
    #[serde(deserialize_with = "stored_school_year")]
    pub school_year: SchoolYear,
    /// How many values were dropped unread, by the name of the element or column (C030).
    pub dropped: BTreeMap<String, u64>,
    /// Headers of columns that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many teachers the file holds; they are not taken over.
    pub teachers_seen: u64,
    /// Names of the groups that are made.
    #[serde(default)]
    pub new_groups: Vec<String>,
    /// Those of them that have to be confirmed; none in a report of a version that did not ask.
    #[serde(default)]
    pub groups_to_confirm: Option<Vec<String>>,
    /// Pupils who are in a group and in no record of the file, in the order of their ids.
    #[serde(default)]
    pub missing: Vec<PupilId>,
    /// Whether the file is of another school, by its BRIN.
    #[serde(default)]
    pub other_school: bool,
}

fn stored_school_year<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<SchoolYear, D::Error> {
    SchoolYear::parse(&String::deserialize(stored)?).map_err(serde::de::Error::custom)
}

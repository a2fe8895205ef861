//! What a school file says, whatever its format.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::values::bsn::contains_bsn;
use crate::values::calendar::SchoolYear;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// Most pupils in one file: those of a large board.
pub const MAX_PUPILS: usize = 20_000;
/// Most groups in one file.
pub const MAX_GROUPS: usize = 2_000;
/// Longest value of one element or cell, in bytes.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;

code_list! {
    /// The format of a school file.
    pub enum FileFormat {
        /// EDEXML 2.1 of Edustandaard: one XML document without a namespace, root `EDEX`.
        Edexml = "edexml",
        /// A table with a header row; columns are recognised by their Dutch or English names.
        Csv = "csv",
        /// Such a table as the first sheet of an Excel workbook.
        Xlsx = "xlsx",
    }
}

/// What a school file says, as raw text. It holds personal data, hence no `Debug`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SchoolFile {
    /// The school year the file is about, if it says so.
    #[serde(deserialize_with = "stored_school_year")]
    pub school_year: Option<SchoolYear>,
    /// The school's BRIN code with its two location digits, if any.
    pub brin: Option<String>,
    /// The groups in the order of the file.
    pub groups: Vec<FileGroup>,
    /// The pupils in the order of the file.
    pub pupils: Vec<FilePupil>,
    /// How many values were dropped unread, by the name of the element or column (C030).
    pub dropped: BTreeMap<String, u64>,
    /// Headers of the columns that mean nothing here, at most 50 of at most 64 characters.
    pub ignored_columns: Vec<String>,
    /// How many teachers the file holds; nothing else of them is read.
    pub teachers_seen: u64,
    /// What the file itself calls the fields, by their names in [`super::field`]: a column or an element.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

/// A group in a school file.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FileGroup {
    /// Line on which the record starts, from 1.
    pub line: u64,
    /// What the pupils of this file call the group by.
    pub key: String,
    /// The school administration's key; none in CSV, where a group is just a name.
    pub school_key: Option<String>,
    /// The group's name.
    pub name: String,
    /// The year group in EDEXML's codes (`B`, `D`, `0`, `1` … `8`, `C` …).
    pub year_group: Option<String>,
    /// The location on which all pupils of the group that have one agree.
    pub location: Option<String>,
}

/// A pupil in a school file: raw text, nothing checked, absent where the file says nothing.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FilePupil {
    /// Line on which the record starts, from 1.
    pub line: u64,
    /// The school administration's key.
    pub key: Option<String>,
    /// ECK iD.
    pub eck_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Tussenvoegsel.
    pub infix: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Gender: a code of ISO 5218, a letter or a word.
    pub gender: Option<String>,
    /// Birth date.
    pub birth_date: Option<String>,
    /// Home language.
    pub home_language: Option<String>,
    /// Whether the child has a VVE indication.
    pub vve: Option<String>,
    /// Day-parts a week.
    pub day_parts_per_week: Option<String>,
    /// The year level in EDEXML's codes.
    #[serde(default)]
    pub year_level: Option<String>,
    /// Particulars.
    pub particulars: Option<String>,
    /// [`FileGroup::key`] of the group the pupil is in.
    pub group_key: Option<String>,
    /// Date of placement in the group, or of arrival at the school.
    pub placed_on: Option<String>,
    /// Date on which the pupil left the school.
    pub left_on: Option<String>,
    /// Why the record as a whole cannot be trusted, if so.
    pub broken: Option<BrokenRow>,
}

/// Why a row of a table cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenRow {
    /// It has more or fewer cells than the header.
    CellCount,
    /// A cell is longer than [`MAX_VALUE_BYTES`].
    CellTooLong,
    /// A quotation mark opens a cell and nothing closes it, so the rows that follow are in that cell.
    UnclosedQuote,
    /// It names another school year than the rows before it.
    OtherSchoolYear,
}

impl BrokenRow {
    /// Stable name, in kebab case.
    pub fn code(self) -> &'static str {
        match self {
            Self::CellCount => "cell-count",
            Self::CellTooLong => "cell-too-long",
            Self::UnclosedQuote => "unclosed-quote",
            Self::OtherSchoolYear => "other-school-year",
        }
    }

    /// One sentence for the person who sent the file.
    pub fn detail(self) -> &'static str {
        match self {
            Self::CellCount => "the row has more or fewer cells than the header",
            Self::CellTooLong => "a cell of the row is longer than 64 KiB",
            Self::UnclosedQuote => "a quotation mark in the row is not closed: what follows it is not read",
            Self::OtherSchoolYear => "the row is about another school year than the rows before it",
        }
    }
}

/// Why a file is refused as a whole. It never holds content of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct FileRefusal {
    /// Line, from 1.
    pub line: u64,
    /// Stable name of the reason, in kebab case.
    pub code: &'static str,
    /// One sentence that says what is wrong and what would be right.
    pub detail: String,
}

impl FileRefusal {
    pub(super) fn new(line: u64, code: &'static str, detail: impl Into<String>) -> Self {
        let Refusal { code, detail, .. } = Refusal::new(code, detail);
        Self { line, code, detail }
    }
}

impl SchoolFile {
    pub(super) fn add_pupil(&mut self, pupil: FilePupil) -> Result<(), FileRefusal> {
        if self.pupils.len() >= MAX_PUPILS {
            let detail = format!("the file has more than {MAX_PUPILS} pupils");
            return Err(FileRefusal::new(pupil.line, "too-many-pupils", detail));
        }
        self.pupils.push(pupil);
        Ok(())
    }

    pub(super) fn add_group(&mut self, group: FileGroup) -> Result<(), FileRefusal> {
        if self.groups.len() >= MAX_GROUPS {
            let detail = format!("the file has more than {MAX_GROUPS} groups");
            return Err(FileRefusal::new(group.line, "too-many-groups", detail));
        }
        self.groups.push(group);
        Ok(())
    }

    pub(super) fn count_dropped(&mut self, name: &str) {
        match self.dropped.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.dropped.insert(name.to_owned(), 1);
            }
        }
    }
}

/// The school year that `text`, read on `line`, names; some programs write `2026/2027`.
pub(super) fn school_year(text: &str, line: u64) -> Result<SchoolYear, FileRefusal> {
    SchoolYear::parse(&text.replace('/', "-"))
        .map_err(|refusal| FileRefusal::new(line, refusal.code, refusal.detail))
}

fn stored_school_year<'de, D: Deserializer<'de>>(stored: D) -> Result<Option<SchoolYear>, D::Error> {
    let text = Option::<String>::deserialize(stored)?;
    text.map(|text| SchoolYear::parse(&text)).transpose().map_err(de::Error::custom)
}

/// The first of several first names, for records that have no name the child goes by. Names that hold a citizen
/// service number stay whole, so that they are refused (C030).
pub(super) fn first_of(names: &str) -> Option<String> {
    if contains_bsn(names) {
        return Some(names.to_owned());
    }
    names.split_whitespace().next().map(str::to_owned)
}

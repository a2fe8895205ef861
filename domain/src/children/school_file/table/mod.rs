//! Tables of pupils: what their rows say, wherever the rows come from.

pub(super) mod columns;

use std::collections::HashSet;

use self::columns::{Column, Field, FirstNames};
use super::file::{
    BrokenRow, FileGroup, FilePupil, FileRefusal, MAX_VALUE_BYTES, SchoolFile, first_of, school_year,
};
use super::locations::SharedLocations;
use crate::values::bsn::contains_bsn;

/// Most columns of a table.
pub(super) const MAX_COLUMNS: usize = 256;
/// Most headers without a meaning that are reported, and the most characters of each header that is kept.
const MAX_IGNORED: (usize, usize) = (50, 64);

/// What every row needs, with its names in Dutch and English.
const NEEDED: [(&[Field], &str); 3] = [
    (&[Field::CallName, Field::FirstName, Field::FirstNames], "first name (Voornaam)"),
    (&[Field::LastName], "last name (Achternaam)"),
    (&[Field::BirthDate], "birth date (Geboortedatum)"),
];

/// That a table has too many columns.
pub(super) fn too_many_columns(line: u64) -> FileRefusal {
    FileRefusal::new(line, "too-many-columns", format!("a table has at most {MAX_COLUMNS} columns"))
}

/// A table that is read row by row.
pub(super) struct Table {
    columns: Vec<Column>,
    file: SchoolFile,
    group_names: HashSet<String>,
    locations: SharedLocations,
}

impl Table {
    /// Reads the headers, which stand on this line. Of two columns with the same meaning the first counts.
    pub(super) fn new(headers: &[&str], line: u64) -> Result<Self, FileRefusal> {
        if headers.len() > MAX_COLUMNS {
            return Err(too_many_columns(line));
        }
        let mut columns = Vec::with_capacity(headers.len());
        let mut file = SchoolFile::default();
        for header in headers {
            let mut column = Column::of(header);
            if columns.contains(&column) && !matches!(column, Column::Dropped(_)) {
                column = Column::Ignored;
            }
            if contains_bsn(header) {
                let detail = "the name of a column holds a citizen service number";
                return Err(FileRefusal::new(line, "bsn", detail));
            }
            let kept: String = header.chars().take(MAX_IGNORED.1).collect();
            for field in column.fields() {
                file.columns.entry((*field).to_owned()).or_insert_with(|| kept.clone());
            }
            let is_told = !header.is_empty() && file.ignored_columns.len() < MAX_IGNORED.0;
            if column == Column::Ignored && is_told {
                file.ignored_columns.push(kept);
            }
            columns.push(column);
        }
        let has = |field: &Field| columns.contains(&Column::Pupil(*field));
        let missing = NEEDED.iter().filter(|(fields, _)| !fields.iter().any(has)).map(|(_, name)| *name);
        let missing: Vec<_> = missing.collect();
        if !missing.is_empty() {
            let detail = format!("the first row has no column for the {}", missing.join(", the "));
            return Err(FileRefusal::new(line, "missing-column", detail));
        }
        Ok(Self { columns, file, group_names: HashSet::new(), locations: SharedLocations::default() })
    }

    /// Reads a row that starts on this line.
    pub(super) fn read(&mut self, row: &[&str], line: u64) -> Result<(), FileRefusal> {
        let mut pupil = FilePupil { line, broken: self.broken(row), ..FilePupil::default() };
        if pupil.broken.is_none() {
            self.read_cells(row, &mut pupil)?;
        }
        self.file.add_pupil(pupil)
    }

    fn broken(&self, row: &[&str]) -> Option<BrokenRow> {
        if row.len() != self.columns.len() {
            return Some(BrokenRow::CellCount);
        }
        row.iter().any(|cell| cell.len() > MAX_VALUE_BYTES).then_some(BrokenRow::CellTooLong)
    }

    fn read_cells(&mut self, row: &[&str], pupil: &mut FilePupil) -> Result<(), FileRefusal> {
        let mut names = FirstNames::default();
        let (mut group, mut location, mut year) = (None, None, None);
        for (column, cell) in
            self.columns.iter().zip(row.iter().copied()).filter(|(_, cell)| !cell.is_empty())
        {
            match column {
                Column::Pupil(field) => *field.place(pupil, &mut names) = Some(cell.to_owned()),
                Column::Group => group = Some(cell),
                Column::Location => location = Some(cell),
                Column::SchoolYear => year = Some(cell),
                Column::Dropped(name) => self.file.count_dropped(name),
                Column::Ignored => {}
            }
        }
        pupil.first_name = names.call_name.or(names.first_name).or_else(|| first_of(&names.all?));
        pupil.group_key = group.map(str::to_owned);
        if let Some(year) = year {
            let year = school_year(year, pupil.line)?;
            if *self.file.school_year.get_or_insert(year) != year {
                pupil.broken = Some(BrokenRow::OtherSchoolYear);
            }
        }
        match group {
            Some(group) => self.note_group(group, location, pupil.line),
            None => Ok(()),
        }
    }

    /// A group is known by its name alone, and exists because a row names it.
    fn note_group(&mut self, name: &str, location: Option<&str>, line: u64) -> Result<(), FileRefusal> {
        if let Some(location) = location {
            self.locations.note(name, location);
        }
        if self.group_names.contains(name) {
            return Ok(());
        }
        self.group_names.insert(name.to_owned());
        let group = FileGroup { line, key: name.to_owned(), name: name.to_owned(), ..FileGroup::default() };
        self.file.add_group(group)
    }

    /// What the table says.
    ///
    /// # Errors
    /// `no-rows`.
    pub(super) fn finish(mut self, last_row_is_open: bool) -> Result<SchoolFile, FileRefusal> {
        let Some(last) = self.file.pupils.last_mut() else {
            return Err(FileRefusal::new(1, "no-rows", "the table has a first row and no pupils"));
        };
        if last_row_is_open {
            last.broken = Some(BrokenRow::UnclosedQuote);
        }
        self.locations.assign(&mut self.file.groups, Some);
        Ok(self.file)
    }
}

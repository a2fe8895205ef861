//! Tables of pupils, as a spreadsheet or a smaller administration exports them.

mod columns;

use std::collections::HashSet;

use ::csv::{Position, ReaderBuilder, StringRecord, Trim};

use self::columns::{Column, Field, FirstNames};
use super::file::{
    BrokenRow, FileGroup, FilePupil, FileRefusal, MAX_VALUE_BYTES, SchoolFile, first_of, line_at, school_year,
};
use super::locations::SharedLocations;
use crate::values::bsn::contains_bsn;

/// Most columns of a table.
const MAX_COLUMNS: usize = 256;
/// Most separators on one line. A cell may hold separators too, but a line of nothing else would fill memory.
const MAX_SEPARATORS: usize = 10_000;
/// Most headers without a meaning that are reported, and the most characters of each.
const MAX_IGNORED: (usize, usize) = (50, 64);

/// Parses the text of a table whose first row names the columns. The separator is a semicolon, comma or tab.
pub(super) fn parse(text: &str) -> Result<SchoolFile, FileRefusal> {
    let separator = separator(text);
    refuse_endless_rows(text, separator)?;
    let mut rows =
        ReaderBuilder::new().delimiter(separator).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let headers = rows.headers().map_err(|error| unreadable(&error))?.clone();
    let mut table = Table::new(&headers)?;
    let mut row = StringRecord::new();
    let mut last = Position::new();
    while rows.read_record(&mut row).map_err(|error| unreadable(&error))? {
        if row.iter().any(|cell| !cell.is_empty()) {
            last = row.position().cloned().unwrap_or(last);
            table.read(&row, last.line())?;
        }
    }
    table.finish(ends_in_quote(text, &last))
}

/// Line ends are those of any system: `\n`, `\r\n` or `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

/// The separator that the header row holds most of; a semicolon when in doubt, as Dutch spreadsheets do.
fn separator(text: &str) -> u8 {
    let header = lines(text).next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|&byte| byte == separator).count();
    [b'\t', b',', b';'].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b';')
}

fn refuse_endless_rows(text: &str, separator: u8) -> Result<(), FileRefusal> {
    let bearable = |line: &&str| line.bytes().filter(|&byte| byte == separator).nth(MAX_SEPARATORS).is_none();
    let read: usize = lines(text).take_while(bearable).map(|line| line.len() + 1).sum();
    if read > text.len() { Ok(()) } else { Err(too_many_columns(line_at(text.as_bytes(), read))) }
}

fn too_many_columns(line: u64) -> FileRefusal {
    FileRefusal::new(line, "too-many-columns", format!("a table has at most {MAX_COLUMNS} columns"))
}

fn unreadable(error: &::csv::Error) -> FileRefusal {
    let line = error.position().map_or(1, Position::line);
    FileRefusal::new(line, "unreadable-row", "a row cannot be read as a row of a table")
}

/// Whether the text ends within a quoted cell of the row that starts at `start`: the reader then takes all
/// the lines that are left for one cell.
fn ends_in_quote(text: &str, start: &Position) -> bool {
    let row = usize::try_from(start.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default().trim();
    row.contains('\n') && row.bytes().filter(|&byte| byte == b'"').count() % 2 == 1
}

struct Table {
    columns: Vec<Column>,
    file: SchoolFile,
    group_names: HashSet<String>,
    locations: SharedLocations,
}

impl Table {
    /// Reads the headers. Of two columns with the same meaning the first counts.
    fn new(headers: &StringRecord) -> Result<Self, FileRefusal> {
        if headers.len() > MAX_COLUMNS {
            return Err(too_many_columns(1));
        }
        let mut columns = Vec::with_capacity(headers.len());
        let mut file = SchoolFile::default();
        for header in headers {
            let mut column = Column::of(header);
            if columns.contains(&column) && !matches!(column, Column::Dropped(_)) {
                column = Column::Ignored;
            }
            if contains_bsn(header) {
                return Err(FileRefusal::new(
                    1,
                    "bsn",
                    "the name of a column holds a citizen service number",
                ));
            }
            if column == Column::Ignored && file.ignored_columns.len() < MAX_IGNORED.0 {
                file.ignored_columns.push(header.chars().take(MAX_IGNORED.1).collect());
            }
            columns.push(column);
        }
        let has = |fields: &[Field]| fields.iter().any(|field| columns.contains(&Column::Pupil(*field)));
        if !has(&[Field::FirstName, Field::CallName, Field::FirstNames]) {
            return Err(missing_column("first name (voornaam)"));
        }
        if !has(&[Field::LastName]) {
            return Err(missing_column("last name (achternaam)"));
        }
        Ok(Self { columns, file, group_names: HashSet::new(), locations: SharedLocations::default() })
    }

    fn read(&mut self, row: &StringRecord, line: u64) -> Result<(), FileRefusal> {
        let mut pupil = FilePupil { line, broken: self.broken(row), ..FilePupil::default() };
        if pupil.broken.is_none() {
            self.read_cells(row, &mut pupil)?;
        }
        self.file.add_pupil(pupil)
    }

    fn broken(&self, row: &StringRecord) -> Option<BrokenRow> {
        if row.len() != self.columns.len() {
            return Some(BrokenRow::CellCount);
        }
        row.iter().any(|cell| cell.len() > MAX_VALUE_BYTES).then_some(BrokenRow::CellTooLong)
    }

    fn read_cells(&mut self, row: &StringRecord, pupil: &mut FilePupil) -> Result<(), FileRefusal> {
        let mut names = FirstNames::default();
        let (mut group, mut location, mut year) = (None, None, None);
        for (column, cell) in self.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
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

    fn finish(mut self, last_row_is_open: bool) -> Result<SchoolFile, FileRefusal> {
        if let Some(last) = self.file.pupils.last_mut().filter(|_| last_row_is_open) {
            last.broken = Some(BrokenRow::UnclosedQuote);
        }
        self.locations.assign(&mut self.file.groups, Some);
        Ok(self.file)
    }
}

fn missing_column(name: &str) -> FileRefusal {
    FileRefusal::new(1, "missing-column", format!("the first row has no column for the {name}"))
}

//! Tables as the first sheet of an Excel workbook.
//!
//! A workbook is a zip file of XML. Before it is opened it is unpacked piece by piece, to nothing, and what would take too
//! much memory is refused.

mod cost;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

pub(super) use self::cost::cost;
use self::cost::unreadable;
use super::file::{FileRefusal, SchoolFile};
use super::table::{MAX_COLUMNS, Table, too_many_columns};

/// Serial numbers that Excel shows as days: from 1900-01-01 up to and including 9999-12-31.
const DAYS: std::ops::Range<f64> = 1.0..2_958_466.0;

/// Parses a workbook that costs at most `most` bytes.
///
/// # Errors
/// As [`cost`], and those of a table.
pub(super) fn parse(bytes: &[u8], most: usize) -> Result<SchoolFile, FileRefusal> {
    let room = cost(bytes, most)?;
    // A workbook can be made so that the library panics over it; it is refused like any that cannot be read.
    catch_unwind(AssertUnwindSafe(|| read(bytes, room))).unwrap_or_else(|_| Err(unreadable()))
}

/// Reads a workbook whose cells have at most `room` bytes of text together.
fn read(bytes: &[u8], room: usize) -> Result<SchoolFile, FileRefusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut shown = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = shown.next().ok_or_else(unreadable)?.name.clone();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|_| unreadable())?;
    let mut rows = Rows { table: None, width: 0, row: Vec::new(), number: 0, room };
    while let Some(cell) = cells.next_cell().map_err(|_| unreadable())? {
        let (row, column) = cell.get_position();
        if row != rows.number {
            rows.end()?;
            rows.begin(row)?;
        }
        rows.add(column, text_of(cell.get_value()))?;
    }
    rows.end()?;
    let empty = || FileRefusal::new(1, "empty-file", "the first sheet of the workbook is empty");
    rows.table.ok_or_else(empty)?.finish(false)
}

/// The rows of a sheet, as its cells come in.
struct Rows {
    table: Option<Table>,
    /// How many columns the headers reach over.
    width: usize,
    row: Vec<String>,
    /// Which row it is, from 0.
    number: u32,
    /// How many bytes of text there may still be: many cells can share one.
    room: usize,
}

impl Rows {
    fn begin(&mut self, number: u32) -> Result<(), FileRefusal> {
        if number < self.number {
            return Err(unreadable());
        }
        self.number = number;
        Ok(())
    }

    fn line(&self) -> u64 {
        u64::from(self.number) + 1
    }

    /// Adds a cell. An empty one adds nothing.
    fn add(&mut self, column: u32, text: String) -> Result<(), FileRefusal> {
        if text.is_empty() {
            return Ok(());
        }
        self.room = self.room.checked_sub(text.len()).ok_or_else(too_much_text)?;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            return Err(too_many_columns(self.line()));
        }
        self.row.resize(self.row.len().max(column + 1), String::new());
        if let Some(cell) = self.row.get_mut(column) {
            *cell = text;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), FileRefusal> {
        let mut row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return Ok(());
        }
        let line = self.line();
        row.resize(row.len().max(self.width), String::new());
        let cells: Vec<_> = row.iter().map(String::as_str).collect();
        match &mut self.table {
            Some(table) => table.read(&cells, line),
            None => {
                self.width = cells.len();
                self.table = Some(Table::new(&cells, line)?);
                Ok(())
            }
        }
    }
}

/// What a cell shows, as it would stand in a table of text: a day as `2022-03-14`, a whole number without decimals.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.trim().to_owned()
        }
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(true) => "ja".to_owned(),
        DataRef::Bool(false) => "nee".to_owned(),
        DataRef::DateTime(moment) if moment.is_datetime() && DAYS.contains(&moment.as_f64()) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(number) => number.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn too_much_text() -> FileRefusal {
    FileRefusal::new(1, "file-too-large", "the cells of the workbook hold more text than the workbook itself")
}

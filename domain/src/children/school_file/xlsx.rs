//! Tables as the first sheet of an Excel workbook.
//!
//! A workbook is a zip file of XML, so that a small one can unpack into a large one and promise more than it holds. Before
//! it is opened it is unpacked piece by piece, to nothing, and what would take memory is refused.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::file::{FileRefusal, SchoolFile};
use super::table::{MAX_COLUMNS, Table, too_many_columns};

/// Most parts of a workbook: each sheet is one, and so is each picture.
const MAX_PARTS: usize = 1_000;
/// What a part is announced by in the list at the end of a zip file.
const ANNOUNCEMENT: &[u8] = b"PK\x01\x02";
/// Most texts that the workbook may say its cells share: room for them is made before they are read.
const MAX_SHARED_TEXTS: usize = 1_000_000;
/// The word that it says so with.
const SHARED_TEXTS: &[u8] = b"uniqueCount";
/// Within how many bytes behind the word the number stands.
const NUMBER_BYTES: usize = 40;
/// Largest part that describes the looks of cells, in bytes: each look takes much more memory than its description.
const MAX_STYLE_BYTES: usize = 1 << 20;
/// What a byte costs of the parts that are kept whole in memory, beside those that are read cell by cell.
const COST_OF_KEPT_BYTE: usize = 3;
/// How much is unpacked at a time.
const PIECE_BYTES: u64 = 64 << 10;
/// Serial numbers that Excel shows as days: from 1900-01-01 up to and including 9999-12-31.
const DAYS: std::ops::Range<f64> = 1.0..2_958_466.0;

/// As many bytes of a file that is not packed cost as much memory as reading this workbook.
///
/// # Errors
/// `not-xlsx`; `file-too-large` when it is more than `most` bytes; `too-many-sheets`.
pub(super) fn cost(bytes: &[u8], most: usize) -> Result<usize, FileRefusal> {
    let announced = bytes.windows(ANNOUNCEMENT.len()).filter(|window| *window == ANNOUNCEMENT).count();
    if announced > MAX_PARTS {
        let detail = format!("a workbook has at most {MAX_PARTS} sheets and other parts");
        return Err(FileRefusal::new(1, "too-many-sheets", detail));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut cost = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| unreadable())?;
        let name = part.name().map_err(|_| unreadable())?.to_ascii_lowercase();
        let is_read_by_cell = name.contains("worksheets/") && !name.ends_with("sharedstrings.xml");
        let weight = if is_read_by_cell { 1 } else { COST_OF_KEPT_BYTE };
        let left = most.saturating_sub(cost) / weight;
        let most = if name.ends_with("styles.xml") { left.min(MAX_STYLE_BYTES) } else { left };
        cost += weight * unpack(part, name.ends_with(".xml") || name.ends_with(".rels"), most)?;
    }
    Ok(cost)
}

/// Unpacks one part and gives its size.
fn unpack(mut part: impl Read, is_xml: bool, most: usize) -> Result<usize, FileRefusal> {
    let mut window = Vec::new();
    let mut size = 0;
    loop {
        let read = part.by_ref().take(PIECE_BYTES).read_to_end(&mut window).map_err(|_| unreadable())?;
        // UTF-16 would hide the word that is looked for.
        let is_wide = size == 0 && window.iter().take(4).any(|byte| matches!(byte, 0 | 0xFE | 0xFF));
        size += read;
        if size > most {
            let detail = "the workbook is too large when it is unpacked";
            return Err(FileRefusal::new(1, "file-too-large", detail));
        }
        if is_xml && (is_wide || !promises_are_bearable(&window, read == 0)) {
            return Err(unreadable());
        }
        if read == 0 {
            return Ok(size);
        }
        // A word at the end of this piece may have its number in the next.
        let kept = window.len().saturating_sub(SHARED_TEXTS.len() + NUMBER_BYTES);
        window.drain(..kept);
    }
}

/// Whether each number of shared texts in a piece of XML is one that room can be made for.
fn promises_are_bearable(piece: &[u8], is_last: bool) -> bool {
    let mut places = piece.windows(SHARED_TEXTS.len()).enumerate().filter(|(_, word)| *word == SHARED_TEXTS);
    places.all(|(place, _)| {
        let rest = piece.get(place + SHARED_TEXTS.len()..).unwrap_or_default();
        let Some(rest) = rest.get(..NUMBER_BYTES).or(is_last.then_some(rest)) else { return true };
        let mut parts = rest.split(|byte| matches!(byte, b'"' | b'\''));
        let number = parts.nth(1).filter(|_| parts.next().is_some());
        let number = number.and_then(|digits| str::from_utf8(digits).ok()?.parse::<usize>().ok());
        number.is_some_and(|number| number <= MAX_SHARED_TEXTS)
    })
}

/// Parses a workbook that costs at most `most` bytes.
///
/// # Errors
/// As [`cost`], and those of a table.
pub(super) fn parse(bytes: &[u8], most: usize) -> Result<SchoolFile, FileRefusal> {
    cost(bytes, most)?;
    // A workbook can be made so that the library panics over it; it is refused like any that cannot be read.
    catch_unwind(AssertUnwindSafe(|| read(bytes))).unwrap_or_else(|_| Err(unreadable()))
}

fn read(bytes: &[u8]) -> Result<SchoolFile, FileRefusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let mut shown = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible);
    let name = shown.next().ok_or_else(unreadable)?.name.clone();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|_| unreadable())?;
    let mut rows = Rows { table: None, width: 0, row: Vec::new(), number: 0 };
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

fn unreadable() -> FileRefusal {
    FileRefusal::new(1, "not-xlsx", "the file is no Excel workbook (.xlsx) that can be read")
}

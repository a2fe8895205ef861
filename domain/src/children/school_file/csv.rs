//! Tables as text, as a spreadsheet or a smaller administration exports them.

use ::csv::{ReaderBuilder, StringRecord, Trim};

use super::file::{FileRefusal, SchoolFile};
use super::lines::{Lines, line_at};
use super::table::{Table, too_many_columns};

/// Most separators on one line. A cell may hold separators too, but a line of nothing else would fill memory.
const MAX_SEPARATORS: usize = 10_000;

/// Parses the text of a table whose first row names the columns. The separator is the one that a line `sep=;` before it
/// names, else a semicolon, comma or tab.
pub(super) fn parse(text: &str) -> Result<SchoolFile, FileRefusal> {
    let (separator, start) = named_separator(text).unwrap_or_else(|| (separator(text), 0));
    let rows = text.get(start..).unwrap_or_default();
    refuse_endless_rows(rows, separator, line_at(text.as_bytes(), start))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(rows.as_bytes());
    // The reader takes `\r\n` for an end of a line and counts the line with what follows, so that lines are counted here.
    let mut lines = Lines::of(text.as_bytes());
    let mut table: Option<Table> = None;
    let (mut row, mut line, mut last) = (StringRecord::new(), 1, 0);
    while reader.read_record(&mut row).map_err(|_| unreadable(line))? {
        let byte = row.position().map_or(0, csv::Position::byte);
        let begins = start + usize::try_from(byte).unwrap_or(usize::MAX);
        line = lines.of_content(begins);
        let cells: Vec<_> = row.iter().collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        last = begins;
        match &mut table {
            None => table = Some(Table::new(&cells, line)?),
            Some(table) => table.read(&cells, line)?,
        }
    }
    let empty = || FileRefusal::new(1, "empty-file", "the file is empty");
    table.ok_or_else(empty)?.finish(ends_in_quote(text, last))
}

/// Line ends are those of any system: `\n`, `\r\n` or `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

/// The separator that Excel was told by a first line such as `sep=;`, and where that line ends.
fn named_separator(text: &str) -> Option<(u8, usize)> {
    let line = lines(text).next()?;
    let named = line.trim().trim_matches('"');
    let (word, separator) = named.split_at_checked(4)?;
    let separator = if separator.is_empty() { "\t" } else { separator };
    match (word.eq_ignore_ascii_case("sep="), separator.as_bytes()) {
        (true, [separator]) if separator.is_ascii() && *separator != b'"' => Some((*separator, line.len())),
        _ => None,
    }
}

/// The separator that the header row holds most of; a semicolon when in doubt, as Dutch spreadsheets do.
fn separator(text: &str) -> u8 {
    let header = lines(text.trim_start_matches(['\n', '\r'])).next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|&byte| byte == separator).count();
    [b'\t', b',', b';'].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b';')
}

fn refuse_endless_rows(rows: &str, separator: u8, first_line: u64) -> Result<(), FileRefusal> {
    let bearable = |line: &&str| line.bytes().filter(|&byte| byte == separator).nth(MAX_SEPARATORS).is_none();
    let read: usize = lines(rows).take_while(bearable).map(|line| line.len() + 1).sum();
    if read > rows.len() {
        return Ok(());
    }
    Err(too_many_columns(first_line + line_at(rows.as_bytes(), read) - 1))
}

fn unreadable(line: u64) -> FileRefusal {
    FileRefusal::new(line, "unreadable-row", "a row cannot be read as a row of a table")
}

/// Whether the text ends within a quoted cell of the row that starts at `start`: the reader then takes all
/// the lines that are left for one cell.
fn ends_in_quote(text: &str, start: usize) -> bool {
    let row = text.get(start..).unwrap_or_default().trim();
    row.contains(['\n', '\r']) && row.bytes().filter(|&byte| byte == b'"').count() % 2 == 1
}

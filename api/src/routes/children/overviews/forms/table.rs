//! Overviews as tables, to go on with in a spreadsheet.

use std::iter;

use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::values::language::Language;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::super::bodies::{GroupOverview, LinePosition, OverviewMoment, PupilOverview};
use super::roster::by_name;
use super::words::Words;

/// The media type of values between separators (RFC 4180).
pub(super) const CSV: &str = "text/csv";

/// The media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A table.
pub(super) struct Table {
    name: &'static str,
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

enum Cell {
    Text(String),
    Number(i32),
    Empty,
}

impl Table {
    /// A row for each child, with three columns for each line.
    pub(super) fn of_group(overview: &GroupOverview<'_>, words: &Words) -> Self {
        let known = [
            words.last_name,
            words.infix,
            words.first_name,
            words.birth_date,
            words.year_level,
            words.registered_on,
            words.age_in_months,
            words.corrected_age,
        ];
        let of_lines = overview.lines.iter().flat_map(|line| {
            let title = line.title;
            [
                title.to_owned(),
                format!("{title}, {}", words.difference),
                format!("{title}, {}", words.attention),
            ]
        });
        let rows = by_name(&overview.children).into_iter().map(|child| {
            let moment = child.registration.as_ref();
            let known = [
                Cell::text(child.last_name),
                Cell::of_text(child.infix),
                Cell::text(child.first_name),
                Cell::of_text(child.birth_date.map(|born| born.to_string())),
                Cell::of_text(child.year_level.map(YearLevel::code)),
                Cell::of_text(moment.map(|moment| moment.registered_on.to_string())),
                Cell::of_number(moment.map(|moment| moment.age_months)),
                Cell::of_number(moment.and_then(|moment| moment.corrected_age_months)),
            ];
            let of_lines = overview.lines.iter().flat_map(|line| {
                let cell = child.cells.iter().find(|cell| cell.line == line.line);
                let position = cell.and_then(|cell| cell.position.as_ref());
                let attention = cell.map(|cell| words.yes_or_no(cell.attention));
                reached(position).into_iter().chain([Cell::of_text(attention)])
            });
            known.into_iter().chain(of_lines).collect()
        });
        Self {
            name: words.group_title,
            head: known.into_iter().map(str::to_owned).chain(of_lines).collect(),
            rows: rows.collect(),
        }
    }

    /// A row for each judgement of a line or a scale.
    pub(super) fn of_child(overview: &PupilOverview<'_>, words: &Words) -> Self {
        let head = [
            words.line,
            words.scale,
            words.half_year,
            words.registered_on,
            words.age_in_months,
            words.corrected_age,
            words.reached,
            words.difference,
            words.level,
            words.attention,
            words.step,
        ];
        let lines = overview.lines.iter().flat_map(|line| {
            line.points.iter().map(move |point| {
                let level = point.position.as_ref().map(|position| words.level(position.level));
                row(
                    [Cell::text(line.title), Cell::Empty],
                    &point.moment,
                    reached(point.position.as_ref()),
                    [Cell::of_text(level), Cell::text(words.yes_or_no(point.attention)), Cell::Empty],
                )
            })
        });
        let scales = overview.scales.iter().flat_map(|scale| {
            scale.points.iter().map(move |point| {
                row(
                    [Cell::Empty, Cell::text(scale.title)],
                    &point.moment,
                    reached(None),
                    [Cell::Empty, Cell::Empty, Cell::Number(point.value.into())],
                )
            })
        });
        Self {
            name: words.child_title,
            head: head.into_iter().map(str::to_owned).collect(),
            rows: lines.chain(scales).collect(),
        }
    }

    /// Values with the separator that spreadsheets of the language expect: a semicolon in Dutch, a comma in English.
    ///
    /// # Errors
    /// When it cannot be written: a mistake in the program.
    pub(super) fn to_csv(&self, language: Language) -> Result<Vec<u8>, csv::Error> {
        let separator = match language {
            Language::Dutch => b';',
            Language::English => b',',
        };
        // Spreadsheets take a file for UTF-8 by its byte order mark alone.
        let mut writer =
            csv::WriterBuilder::new().delimiter(separator).from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(&self.head)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::to_csv))?;
        }
        writer.into_inner().map_err(|failed| failed.into_error().into())
    }

    /// A workbook of one sheet.
    ///
    /// # Errors
    /// When it cannot be written: a mistake in the program.
    pub(super) fn to_xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet().set_name(self.name)?.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (column, title) in (0..).zip(&self.head) {
            sheet.write_string_with_format(0, column, title, &bold)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Number(number) => sheet.write_number(row, column, *number)?,
                    Cell::Empty => sheet,
                };
            }
        }
        workbook.save_to_buffer()
    }
}

fn row(of_what: [Cell; 2], moment: &OverviewMoment, reached: [Cell; 2], judged: [Cell; 3]) -> Vec<Cell> {
    let moment = [
        Cell::Text(moment.half_year.to_string()),
        Cell::Text(moment.registered_on.to_string()),
        Cell::Number(moment.age_months.into()),
        Cell::of_number(moment.corrected_age_months),
    ];
    of_what.into_iter().chain(moment).chain(reached).chain(judged).collect()
}

fn reached(position: Option<&LinePosition>) -> [Cell; 2] {
    [
        Cell::of_number(position.map(|position| position.months)),
        Cell::of_number(position.map(|position| position.difference_months)),
    ]
}

impl Cell {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn of_text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.into()))
    }

    fn of_number(number: Option<impl Into<i32>>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.into()))
    }

    /// What a spreadsheet would take for a formula is quoted: it is a text.
    fn to_csv(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                iter::once('\'').chain(text.chars()).collect()
            }
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "Groepsoverzicht",
            head: vec!["Naam".to_owned(), "Verschil".to_owned()],
            rows: vec![
                vec![Cell::text("=HYPERLINK(\"x\")"), Cell::Number(-12)],
                vec![Cell::text("Een; twee"), Cell::Empty],
            ],
        }
    }

    #[test]
    fn a_text_is_no_formula_and_a_number_is_a_number() {
        let csv = String::from_utf8(table().to_csv(Language::Dutch).unwrap()).unwrap();
        assert_eq!(csv, "\u{feff}Naam;Verschil\n\"'=HYPERLINK(\"\"x\"\")\";-12\n\"Een; twee\";\n");
        let csv = String::from_utf8(table().to_csv(Language::English).unwrap()).unwrap();
        assert!(csv.ends_with("\nEen; twee,\n"));
    }

    #[test]
    fn a_workbook_is_made() {
        assert!(table().to_xlsx().unwrap().starts_with(b"PK"));
    }
}

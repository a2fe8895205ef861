//! The report of a group on paper (C085): its children by name, and how far each is on each line.

use std::io;

use groeilijn_domain::values::language::Language;

use super::flow::{Colour, DARK, Flow, INK, LEFT, PALE, Style, WIDTH};
use super::fonts::Weight;

const TITLE: Style = Style::new(11.0, Weight::Semibold, DARK);
const NAME: Style = Style::new(20.0, Weight::Semibold, DARK);
const ASIDE: Style = Style::new(8.5, Weight::Regular, PALE);
const LABEL: Style = Style::new(8.5, Weight::Regular, INK);
const STRONG: Style = Style::new(8.5, Weight::Semibold, INK);
const SMALL: Style = Style::new(7.0, Weight::Regular, INK);

/// How wide the names are, and how far the last heading leans over the edge, in points.
const NAMES: f32 = 140.0;
const LEAN: f32 = 28.0;

/// How many lines stand side by side at most; more of them go in a table of their own.
const MOST_LINES: usize = 18;

/// How wide a column is at most, and how high a row and the headings are.
const COLUMN: f32 = 30.0;
const ROW: f32 = 14.0;
const HEADINGS: f32 = 104.0;

/// How long a heading may be: as high as its room, at the angle at which it leans.
const HEADING: f32 = 112.0;

/// The least that stands on a page beneath the headings.
const BEGINS: f32 = 4.0 * ROW;

/// How far the explanations of marks stand apart.
const EXPLAINED: f32 = 98.0;

/// How wide the sign of attention is, at the right of a cell.
const BADGE: f32 = 4.5;

const BLACK: Colour = [0.1, 0.1, 0.1];
const WHITE: Colour = [1.0, 1.0, 1.0];
const EDGE: Colour = [0.78, 0.78, 0.78];

/// What a report of a group says.
pub(crate) struct GroupReport<'a> {
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) group: &'a str,
    /// When it was made and by whom, and what it is for.
    pub(crate) about: Vec<String>,
    /// What is said in place of a table when there is nobody to tell of.
    pub(crate) nobody: &'a str,
    /// What the marks mean.
    pub(crate) legend: Vec<(Cell, &'a str)>,
    /// What a star behind a name means.
    pub(crate) unregistered: &'a str,
    /// The names of the lines.
    pub(crate) lines: Vec<&'a str>,
    pub(crate) children: Vec<Child>,
    /// How many children there are of each kind, line by line.
    pub(crate) totals: Vec<(&'a str, Vec<u32>)>,
    pub(crate) foot: String,
}

/// A child, and what is known of it on each line.
pub(crate) struct Child {
    pub(crate) name: String,
    /// What stands behind the name, however long that is.
    pub(crate) born: String,
    /// Whether it was registered in this half-year.
    pub(crate) is_registered: bool,
    pub(crate) cells: Vec<Cell>,
}

/// What is known of a child on a line.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    pub(crate) level: Option<Shown>,
    pub(crate) attention: bool,
}

/// How a level looks.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) shade: Colour,
    pub(crate) ink: Colour,
    /// What is written on the shade.
    pub(crate) text: String,
}

impl GroupReport<'_> {
    /// The PDF file, not encrypted yet. `id` is the file's own.
    ///
    /// # Errors
    /// When it cannot be made: a mistake in the program.
    pub(crate) fn pdf(&self, id: &[u8]) -> io::Result<Vec<u8>> {
        let mut flow = Flow::new().map_err(io::Error::other)?;
        flow.paragraph(&self.title, TITLE);
        flow.paragraph(self.group, NAME);
        for text in &self.about {
            flow.paragraph(text, ASIDE);
        }
        flow.skip(8.0);
        if self.children.is_empty() {
            flow.paragraph(self.nobody, LABEL);
        } else {
            self.explain(&mut flow);
            for (at, lines) in self.lines.chunks(MOST_LINES).enumerate() {
                self.table(&mut flow, at * MOST_LINES, lines);
            }
        }
        flow.finish(&self.title, self.language.code(), &self.foot, id)
    }

    fn explain(&self, flow: &mut Flow) {
        let top = flow.at();
        let mut left = LEFT;
        for (cell, text) in &self.legend {
            draw(flow, cell, left, top, 18.0);
            flow.put(left + 22.0, top, text, SMALL);
            left += EXPLAINED;
        }
        flow.put(left, top, &format!("*  {}", self.unregistered), SMALL);
        flow.skip(ROW);
    }

    /// The table of `lines`, the first of which is this one of all.
    fn table(&self, flow: &mut Flow, first: usize, lines: &[&str]) {
        flow.make_room(HEADINGS + BEGINS);
        let columns = Columns::of(lines);
        columns.head(flow, lines);
        for child in &self.children {
            columns.begin_row(flow, lines, ROW);
            let behind = format!("{}{}", child.born, if child.is_registered { "" } else { " *" });
            let room = NAMES - 6.0 - flow.width(&behind, LABEL);
            let name = flow.shortened(&child.name, LABEL, room) + &behind;
            flow.put(LEFT, flow.at() + 1.0, &name, LABEL);
            for (cell, left) in child.cells.iter().skip(first).zip(columns.lefts()) {
                draw(flow, cell, left, flow.at(), columns.width - 1.5);
            }
            flow.skip(ROW);
        }
        flow.skip(4.0);
        for (name, counts) in &self.totals {
            columns.begin_row(flow, lines, ROW);
            flow.put(LEFT, flow.at(), name, STRONG);
            for (count, left) in counts.iter().skip(first).zip(columns.lefts()) {
                centred(flow, &count.to_string(), left, flow.at() + 1.0, columns.width, SMALL);
            }
            flow.skip(ROW);
        }
    }
}

/// The columns of a table.
struct Columns {
    count: u8,
    width: f32,
}

impl Columns {
    fn of(lines: &[&str]) -> Self {
        let count = u8::try_from(lines.len().clamp(1, MOST_LINES)).unwrap_or(u8::MAX);
        Self { count, width: ((WIDTH - NAMES - LEAN) / f32::from(count)).min(COLUMN) }
    }

    /// Where each begins.
    fn lefts(&self) -> impl Iterator<Item = f32> + use<> {
        let width = self.width;
        (0..self.count).map(move |at| LEFT + NAMES + f32::from(at) * width)
    }

    fn head(&self, flow: &mut Flow, lines: &[&str]) {
        let bottom = flow.at() + HEADINGS;
        for (line, left) in lines.iter().zip(self.lefts()) {
            let line = flow.shortened(line, SMALL, HEADING);
            flow.put_leaning(left + self.width / 2.0 + 2.0, bottom - 3.0, &line, SMALL);
        }
        flow.skip(HEADINGS);
    }

    /// Goes on with the next page, beneath the headings, where there is no room for a row.
    fn begin_row(&self, flow: &mut Flow, lines: &[&str], height: f32) {
        if flow.make_room(height) {
            self.head(flow, lines);
        }
    }
}

fn draw(flow: &mut Flow, cell: &Cell, left: f32, top: f32, width: f32) {
    let height = ROW - 2.0;
    flow.rectangle(left, top, width, height, EDGE);
    let (shade, text) = match &cell.level {
        None => (WHITE, None),
        Some(shown) => (shown.shade, Some(shown)),
    };
    flow.rectangle(left + 0.5, top + 0.5, width - 1.0, height - 1.0, shade);
    if let Some(Shown { ink, text, .. }) = text {
        let beside = if cell.attention { BADGE } else { 0.0 };
        centred(flow, text, left, top + 1.0, width - beside, Style::new(7.0, Weight::Regular, *ink));
    }
    if cell.attention {
        let left = left + width - BADGE;
        flow.rectangle(left, top, BADGE, height, BLACK);
        centred(flow, "!", left, top + 1.0, BADGE, Style::new(7.0, Weight::Semibold, WHITE));
    }
}

fn centred(flow: &mut Flow, text: &str, left: f32, top: f32, width: f32, style: Style) {
    let beside = (width - flow.width(text, style)) / 2.0;
    flow.put(left + beside, top, text, style);
}

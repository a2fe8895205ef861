//! The lines as bars: how far the child was at each moment, with a mark at its age on that day.

use super::super::flow::{Colour, Flow, INK, LEFT, PALE, RULE, Style, WIDTH};
use super::super::fonts::Weight;
use super::facts::{DRAWN, Line, ParentReport};
use super::words::Words;

/// How wide the names of lines are, here and in tables.
pub(super) const TITLES: f32 = 128.0;

const LABEL: Style = Style::new(9.0, Weight::Regular, INK);
const SMALL: Style = Style::new(7.5, Weight::Regular, PALE);

/// The height of a bar, of one with the room beneath it, and of the room beneath a line, in points.
const BAR: f32 = 4.6;
const STEP: f32 = 5.8;
const BETWEEN: f32 = 7.0;

/// How high the least row is: its name stands beside the bars.
const LEAST: f32 = 13.0;

const GRID: Colour = [0.87, 0.88, 0.89];
const BLACK: Colour = [0.0, 0.0, 0.0];
const WHITE: Colour = [1.0, 1.0, 1.0];

/// The shades of bars, the newest first: those of the picture on a screen.
const SHADES: [Colour; DRAWN] = [
    [0.106, 0.286, 0.396],
    [0.290, 0.451, 0.565],
    [0.455, 0.592, 0.682],
    [0.616, 0.722, 0.784],
    [0.753, 0.824, 0.863],
    [0.859, 0.898, 0.922],
];

/// Draws the lines of a report.
pub(super) fn draw(flow: &mut Flow, report: &ParentReport<'_>, words: &Words) {
    let axis = Axis::of(report);
    legend(flow, report, words);
    axis.label(flow, words);
    for line in &report.lines {
        let height = row_height(line);
        if flow.make_room(height) {
            axis.label(flow, words);
        }
        axis.grid(flow, height);
        row(flow, line, report, &axis);
        flow.skip(height);
    }
}

/// How high the rows of the picture are together.
pub(super) fn height(report: &ParentReport<'_>) -> f32 {
    report.lines.iter().map(row_height).sum()
}

fn row_height(line: &Line<'_>) -> f32 {
    bars(line).map(|_| STEP).sum::<f32>().max(LEAST) + BETWEEN
}

/// What was judged of a line, with its moment's place, where there is a bar or a mark to draw.
fn bars<'a>(line: &'a Line<'_>) -> impl Iterator<Item = (usize, u16)> + use<'a> {
    line.judged.iter().enumerate().filter_map(|(at, judged)| Some((at, judged.as_ref()?.place?.months)))
}

/// The ages from left to right, in months.
struct Axis {
    first: u16,
    last: u16,
}

impl Axis {
    /// Whole years, with room for all that is drawn.
    fn of(report: &ParentReport<'_>) -> Self {
        let reached = report.lines.iter().flat_map(bars).map(|(_, months)| months);
        let ages: Vec<u16> = reached.chain(report.moments.iter().map(|moment| moment.age_months)).collect();
        let (least, most) =
            (ages.iter().min().copied().unwrap_or(0), ages.iter().max().copied().unwrap_or(36));
        let first = least.saturating_sub(6) / 12 * 12;
        Self { first, last: ((most + 6).div_ceil(12) * 12).max(first + 24) }
    }

    fn x(&self, months: u16) -> f32 {
        let from = |months: u16| f32::from(months.clamp(self.first, self.last) - self.first);
        let left = LEFT + TITLES + 12.0;
        left + from(months) / from(self.last) * (LEFT + WIDTH - 8.0 - left)
    }

    fn years(&self) -> impl Iterator<Item = u16> + use<> {
        self.first / 12..=self.last / 12
    }

    fn label(&self, flow: &mut Flow, words: &Words) {
        let top = flow.at();
        for year in self.years() {
            let text = words.years(year);
            let left = self.x(year * 12) - flow.width(&text, SMALL) / 2.0;
            flow.put(left, top, &text, SMALL);
        }
        flow.skip(13.0);
    }

    fn grid(&self, flow: &mut Flow, height: f32) {
        let top = flow.at();
        for year in self.years() {
            flow.rectangle(self.x(year * 12) - 0.3, top, 0.6, height, GRID);
        }
    }
}

fn row(flow: &mut Flow, line: &Line<'_>, report: &ParentReport<'_>, axis: &Axis) {
    let top = flow.at();
    let title = flow.shortened(line.title, LABEL, TITLES);
    flow.put(LEFT, top, &title, LABEL);
    let mut at = top + 2.0;
    for (moment, months) in bars(line) {
        let left = axis.x(axis.first);
        let shade = SHADES.get(moment).copied().unwrap_or(RULE);
        flow.rectangle(left, at, axis.x(months) - left, BAR, shade);
        if let Some(moment) = report.moments.get(moment) {
            mark(flow, axis.x(moment.age_months), at);
        }
        at += STEP;
    }
}

/// The mark of an age, which stands out on a dark bar and beside it.
fn mark(flow: &mut Flow, x: f32, top: f32) {
    flow.rectangle(x - 1.8, top - 0.4, 3.6, BAR + 0.8, WHITE);
    flow.rectangle(x - 0.8, top - 0.4, 1.6, BAR + 0.8, BLACK);
}

/// Which bar is of which moment, and what the mark is.
fn legend(flow: &mut Flow, report: &ParentReport<'_>, words: &Words) {
    let mut left = LEFT;
    let mut place = |flow: &mut Flow, width: f32| {
        if left > LEFT && left + width > LEFT + WIDTH {
            left = LEFT;
            flow.skip(13.0);
        }
        let this = left;
        left += width + 14.0;
        this
    };
    for (moment, shade) in report.moments.iter().zip(SHADES) {
        let text = words.date(moment.on);
        let width = flow.width(&text, SMALL) + 22.0;
        let x = place(flow, width);
        let top = flow.at();
        flow.rectangle(x, top + 3.0, 18.0, BAR, shade);
        flow.put(x + 22.0, top, &text, SMALL);
    }
    let width = flow.width(words.age_mark, SMALL) + 10.0;
    let x = place(flow, width);
    let top = flow.at();
    mark(flow, x + 3.0, top + 3.0);
    flow.put(x + 10.0, top, words.age_mark, SMALL);
    flow.skip(20.0);
}

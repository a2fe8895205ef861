//! The picture of a group: a row for each child, a column for each line, and how many there are of each level below.

use super::super::bodies::{GroupOverview, LinePosition, LineSummary, OverviewChild};
use super::mark::{ATTENTION, LEVELS, difference, ink, shade, shape, told};
use super::roster::{born, by_name, full_name, name};
use super::svg::{Element, shortened};
use super::words::Words;

/// The measures of the picture, in pixels.
const MARGIN: u32 = 16;
const NAMES: u32 = 250;
const COLUMN: u32 = 50;
const ROW: u32 = 24;
const HEADINGS: u32 = 200;
const LEGEND: u32 = 48;
const LEAST_WIDTH: u32 = 760;

/// How many characters of a name and of a heading there is room for.
const NAME: usize = 36;
const HEADING: usize = 28;

/// Where the rows of children begin.
const FIRST_ROW: u32 = MARGIN + HEADINGS;

/// The picture.
pub(super) fn picture(overview: &GroupOverview<'_>, words: &Words) -> Element {
    let children = by_name(&overview.children);
    let rows = u32::try_from(children.len()).unwrap_or_default().max(1);
    let columns = u32::try_from(overview.lines.len()).unwrap_or_default();
    let foot = FIRST_ROW + rows * ROW + ROW / 2;
    // The last heading leans over the edge of its column.
    let width = (column(columns) + HEADINGS / 2 + MARGIN).max(LEAST_WIDTH);
    let height = foot + 4 * ROW + LEGEND;
    let title = format!("{}, {}", words.group_title, overview.half_year);

    let picture = Element::picture(width, height, &title, &description(&children, words))
        .with(Element::text(MARGIN, MARGIN + 8, &title).set("font-size", 16).set("font-weight", "bold"))
        .with_all(overview.lines.iter().zip(0..).map(|(line, at)| heading(line.title, column(at))))
        .with_all(
            children.iter().zip(0..).map(|(child, at)| row(child, FIRST_ROW + at * ROW, overview, words)),
        )
        .with_all(totals(overview, words, foot))
        .with(legend(words, height - LEGEND / 2));
    if children.is_empty() {
        return picture.with(Element::text(MARGIN, FIRST_ROW + 16, words.nobody));
    }
    picture
}

/// Where a column begins.
fn column(number: u32) -> u32 {
    MARGIN + NAMES + number * COLUMN
}

fn heading(title: &str, x: u32) -> Element {
    let (x, y) = (x + COLUMN / 2, FIRST_ROW - 8);
    Element::text(x, y, &shortened(title, HEADING))
        .set("transform", format_args!("rotate(-60 {x} {y})"))
        .titled(title)
}

fn row(child: &OverviewChild<'_>, y: u32, overview: &GroupOverview<'_>, words: &Words) -> Element {
    let born = born(child);
    let shown = shortened(&name(child), NAME.saturating_sub(born.len())) + &born;
    let name = full_name(child);
    let label = Element::text(MARGIN, y + 16, &shown).titled(&spoken(child, words));
    // Whoever was not registered in this half-year stands out by slanted letters.
    let label = if child.registered_this_half_year { label } else { label.set("font-style", "italic") };
    let cells = overview.lines.iter().zip(0..).map(|(line, at)| {
        let cell = child.cells.iter().find(|cell| cell.line == line.line);
        let position = cell.and_then(|cell| cell.position.as_ref());
        let attention = cell.is_some_and(|cell| cell.attention);
        let told = told(position, attention, words);
        drawn(position, attention, column(at), y).titled(&format!("{name}, {}: {told}", line.title))
    });
    Element::new("g").with(label).with_all(cells)
}

fn drawn(position: Option<&LinePosition>, attention: bool, x: u32, y: u32) -> Element {
    let field = Element::rectangle(x, y, COLUMN - 2, ROW - 2);
    let group = match position {
        None => Element::new("g").with(field.set("fill", "none").set("stroke", "#c8c8c8")),
        Some(position) => {
            let ink = ink(position.level);
            Element::new("g")
                .with(field.set("fill", shade(position.level)).set("stroke", "#c8c8c8"))
                .with(shape(position.level, x + 9, y + 11).set("fill", ink))
                .with(
                    Element::text(x + 16, y + 15, &difference(position))
                        .set("font-size", 11)
                        .set("fill", ink),
                )
        }
    };
    if !attention {
        return group;
    }
    let badge = Element::new("circle").set("cx", x + COLUMN - 6).set("cy", y + 5).set("r", 6);
    let sign = Element::text(x + COLUMN - 6, y + 9, ATTENTION).set("text-anchor", "middle");
    group
        .with(badge.set("fill", "#1a1a1a").set("stroke", "#ffffff"))
        .with(sign.set("fill", "#ffffff").set("font-weight", "bold").set("font-size", 10))
}

type Counted = fn(&LineSummary<'_>) -> u32;

/// What is counted of each line, with its name.
pub(super) fn counted(words: &Words) -> [(&'static str, Counted); 4] {
    [
        (words.behind, |line| line.behind),
        (words.at_level, |line| line.at_level),
        (words.ahead, |line| line.ahead),
        (words.attention, |line| line.attention),
    ]
}

/// How many children there are of each level, line by line.
fn totals<'a>(
    overview: &'a GroupOverview<'_>,
    words: &Words,
    foot: u32,
) -> impl Iterator<Item = Element> + use<'a> {
    counted(words).into_iter().zip(0..).map(move |((name, count), at)| {
        let y = foot + at * ROW + 16;
        let numbers = overview.lines.iter().zip(0..).map(|(line, at)| {
            Element::text(column(at) + COLUMN / 2, y, &count(line).to_string()).set("text-anchor", "middle")
        });
        Element::new("g").with(Element::text(MARGIN, y, name).set("font-weight", "bold")).with_all(numbers)
    })
}

fn legend(words: &Words, y: u32) -> Element {
    let levels = LEVELS.into_iter().zip(0..).map(|(level, at)| {
        let x = MARGIN + at * 150;
        Element::new("g")
            .with(Element::rectangle(x, y - 12, 18, 18).set("fill", shade(level)).set("stroke", "#c8c8c8"))
            .with(shape(level, x + 9, y - 3).set("fill", ink(level)))
            .with(Element::text(x + 24, y + 2, words.level(level)))
    });
    let x = MARGIN + 450;
    Element::new("g")
        .with_all(levels)
        .with(Element::text(x, y + 2, ATTENTION).set("font-weight", "bold"))
        .with(Element::text(x + 12, y + 2, words.attention))
        .with(Element::text(x + 130, y + 2, words.unregistered).set("font-style", "italic"))
}

/// The picture in words: what is in each row.
fn description(children: &[&OverviewChild<'_>], words: &Words) -> String {
    if children.is_empty() {
        return words.nobody.to_owned();
    }
    children.iter().map(|child| spoken(child, words)).collect::<Vec<_>>().join(" ")
}

fn spoken(child: &OverviewChild<'_>, words: &Words) -> String {
    let reached: Vec<_> = child.cells.iter().filter_map(|cell| cell.position.as_ref()).collect();
    let levels = LEVELS.into_iter().map(|level| {
        let count = reached.iter().filter(|position| position.level == level).count();
        format!("{count} {}", words.level(level))
    });
    let attention = child.cells.iter().filter(|cell| cell.attention).count();
    let told: Vec<_> = levels.chain([format!("{attention} {}", words.attention)]).collect();
    format!("{}: {}.", full_name(child), told.join(", "))
}

//! The picture of a child: a bar for each line and moment, as long as the age that was reached, with a mark at its own age.

use super::super::bodies::{LinePoint, LineProgress, OverviewMoment, PupilOverview};
use super::mark::{ATTENTION, difference, shape, told};
use super::svg::{Element, shortened};
use super::words::Words;

/// The measures of the picture, in pixels.
const MARGIN: u32 = 16;
const TITLES: u32 = 210;
const MONTH: u32 = 8;
const BAR: u32 = 7;
const BETWEEN: u32 = 12;
const HEAD: u32 = 56;
const LEGEND: u32 = 48;
const TOLD: u32 = 130;
const LEAST_WIDTH: u32 = 760;

/// How many characters of a title there is room for.
const TITLE: usize = 30;

/// How many moments are drawn: the latest of them.
const MOMENTS: usize = 6;

/// The shades of bars, the newest first.
const SHADES: [&str; MOMENTS] = ["#1b4965", "#4a7390", "#7497ae", "#9db8c8", "#c0d2dc", "#dbe5eb"];

/// The picture.
pub(super) fn picture(overview: &PupilOverview<'_>, words: &Words) -> Element {
    let axis = Axis::of(overview);
    let heights = overview.lines.iter().map(|line| height(latest(line).len()));
    let foot = HEAD + heights.clone().sum::<u32>();
    let width = (axis.x(axis.last) + TOLD + MARGIN).max(LEAST_WIDTH);
    let height = foot + LEGEND;
    let tops = heights.scan(HEAD, |top, height| {
        let this = *top;
        *top += height;
        Some(this)
    });

    let picture = Element::picture(width, height, words.child_title, &description(overview, words))
        .with(
            Element::text(MARGIN, MARGIN + 8, words.child_title)
                .set("font-size", 16)
                .set("font-weight", "bold"),
        )
        .with_all(axis.years(foot, words))
        .with_all(overview.lines.iter().zip(tops).map(|(line, top)| row(line, top, &axis, words)))
        .with(legend(words, height - LEGEND / 2));
    if is_empty(overview) {
        return picture.with(Element::text(MARGIN + TITLES, HEAD + 4, words.nothing_registered));
    }
    picture
}

/// The ages from left to right, in months.
struct Axis {
    first: u32,
    last: u32,
}

impl Axis {
    /// Whole years, with room for all that is judged.
    fn of(overview: &PupilOverview<'_>) -> Self {
        let points = overview.lines.iter().flat_map(latest);
        let ages: Vec<u32> = points
            .flat_map(|point| [Some(point.moment.age_months), point.position.as_ref().map(|at| at.months)])
            .flatten()
            .map(u32::from)
            .collect();
        let (least, most) =
            (ages.iter().min().copied().unwrap_or(0), ages.iter().max().copied().unwrap_or(36));
        let first = least.saturating_sub(6) / 12 * 12;
        Self { first, last: ((most + 6).div_ceil(12) * 12).max(first + 24) }
    }

    fn x(&self, months: u32) -> u32 {
        MARGIN + TITLES + months.clamp(self.first, self.last).saturating_sub(self.first) * MONTH
    }

    fn years<'a>(&self, foot: u32, words: &'a Words) -> impl Iterator<Item = Element> + use<'a> {
        let marks: Vec<_> =
            (self.first / 12..=self.last / 12).map(|year| (year, self.x(year * 12))).collect();
        marks.into_iter().map(move |(year, x)| {
            let label = Element::text(x, HEAD - 10, &format!("{year} {}", words.year));
            Element::new("g")
                .with(Element::line((x, HEAD - 4), (x, foot)).set("stroke", "#d8d8d8"))
                .with(label.set("text-anchor", "middle").set("font-size", 11))
        })
    }
}

fn is_empty(overview: &PupilOverview<'_>) -> bool {
    overview.lines.iter().all(|line| line.points.is_empty())
}

/// The latest points, the newest first.
fn latest<'a>(line: &'a LineProgress<'_>) -> impl ExactSizeIterator<Item = &'a LinePoint> + use<'a> {
    line.points.iter().rev().take(MOMENTS)
}

fn height(moments: usize) -> u32 {
    u32::try_from(moments).unwrap_or_default().max(1) * (BAR + 2) + BETWEEN
}

fn row(line: &LineProgress<'_>, top: u32, axis: &Axis, words: &Words) -> Element {
    let title = Element::text(MARGIN, top + 9, &shortened(line.title, TITLE)).titled(line.title);
    let bars = latest(line).zip(SHADES).zip(0..).map(|((point, shade), at)| {
        bar(point, shade, top + at * (BAR + 2), axis).titled(&format!(
            "{}, {}",
            line.title,
            spoken(point, words)
        ))
    });
    let newest = latest(line).next().map(|point| summary(point, axis.x(axis.last) + 10, top, words));
    Element::new("g").with(title).with_all(bars).with_all(newest)
}

/// One moment: the bar as far as was reached, and the mark at the child's age on that day.
fn bar(point: &LinePoint, shade: &str, top: u32, axis: &Axis) -> Element {
    let age = axis.x(u32::from(point.moment.age_months));
    let reached = point.position.as_ref().map(|position| {
        let (from, to) = (axis.x(axis.first), axis.x(u32::from(position.months)));
        Element::rectangle(from, top, to - from, BAR).set("fill", shade)
    });
    Element::new("g").with_all(reached).with(mark(age, top))
}

/// The mark of an age, which stands out on a dark bar and beside it.
fn mark(x: u32, top: u32) -> Element {
    let stroke = |colour, width| {
        Element::line((x, top), (x, top + BAR)).set("stroke", colour).set("stroke-width", width)
    };
    Element::new("g").with(stroke("#ffffff", 5)).with(stroke("#000000", 2))
}

/// The newest moment in figures.
fn summary(point: &LinePoint, x: u32, top: u32, words: &Words) -> Element {
    let told = point.position.as_ref().map(|position| {
        let text = format!("{} {} ({})", position.months, words.months, difference(position));
        Element::new("g")
            .with(shape(position.level, x, top + 5))
            .with(Element::text(x + 10, top + 9, &text).set("font-size", 11))
    });
    let attention = point.attention.then(|| {
        Element::text(x + 108, top + 9, ATTENTION).set("font-weight", "bold").titled(words.attention)
    });
    Element::new("g").with_all(told).with_all(attention)
}

fn legend(words: &Words, y: u32) -> Element {
    let x = MARGIN;
    let newest = SHADES.first().copied().unwrap_or_default();
    Element::new("g")
        .with(Element::rectangle(x, y - 6, 30, BAR).set("fill", newest))
        .with(Element::text(x + 38, y + 2, &format!("{}, {}", words.reached, words.newest_first)))
        .with(mark(x + 400, y - 6))
        .with(Element::text(x + 410, y + 2, words.age))
        .with(Element::text(x + 610, y + 2, ATTENTION).set("font-weight", "bold"))
        .with(Element::text(x + 620, y + 2, words.attention))
}

/// The picture in words: the newest moment of each line that was judged.
fn description(overview: &PupilOverview<'_>, words: &Words) -> String {
    if is_empty(overview) {
        return words.nothing_registered.to_owned();
    }
    let newest = |line: &LineProgress<'_>| {
        latest(line).next().map(|point| format!("{}: {}.", line.title, spoken(point, words)))
    };
    overview.lines.iter().filter_map(newest).collect::<Vec<_>>().join(" ")
}

fn spoken(point: &LinePoint, words: &Words) -> String {
    let OverviewMoment { registered_on, age_months, .. } = &point.moment;
    let reached = told(point.position.as_ref(), point.attention, words);
    format!("{registered_on}, {} {age_months} {}: {reached}", words.age, words.months)
}

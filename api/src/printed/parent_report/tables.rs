//! The tables of a report: how it is at the newest moment, and how it was at the one before.

use super::super::flow::{Column, DARK, Flow, INK, LEFT, PALE, Style, WIDTH};
use super::super::fonts::Weight;
use super::facts::{Judged, Line, Moment, ParentReport};
use super::picture::TITLES;
use super::words::Words;

pub(super) const HEADING: Style = Style::new(12.5, Weight::Semibold, DARK);
pub(super) const TEXT: Style = Style::new(9.5, Weight::Regular, INK);
pub(super) const STRONG: Style = Style::new(9.5, Weight::Semibold, INK);
pub(super) const ASIDE: Style = Style::new(8.5, Weight::Regular, PALE);

/// Of how many moments the tables tell, the newest ones.
const TOLD: usize = 2;

/// The room between columns, and how much of their width the newest moment has, about which more is told.
const GAP: f32 = 12.0;
const NEWEST: f32 = 0.55;

/// How much room a table wants beneath its heading before it begins on a page.
const BEGINS: f32 = 120.0;

/// How the child is as a whole.
pub(super) fn scales(flow: &mut Flow, report: &ParentReport<'_>, words: &Words) {
    if report.scales.is_empty() {
        return;
    }
    flow.heading(words.scales, HEADING, BEGINS);
    head(flow, report, words);
    for scale in &report.scales {
        let steps: Vec<(String, &str)> = told(report)
            .map(|(at, _)| match scale.steps.get(at).copied().flatten() {
                Some(step) => (words.step(step.value, step.most), step.label),
                None => (words.not_looked_at.to_owned(), ""),
            })
            .collect();
        let cells = steps.iter().map(|(step, label)| vec![(*label, TEXT), (step.as_str(), ASIDE)]);
        row(flow, report, words, scale.title, cells.collect());
    }
}

/// How far the child is on each line.
pub(super) fn lines(flow: &mut Flow, report: &ParentReport<'_>, words: &Words) {
    flow.heading(words.reached, HEADING, BEGINS);
    head(flow, report, words);
    for line in &report.lines {
        let judged: Vec<(String, &str)> = told(report)
            .map(|(at, _)| match line.judged.get(at).copied().flatten() {
                None => (words.not_looked_at.to_owned(), ""),
                Some(Judged { place, attention }) => (
                    place.map_or_else(|| words.no_phase.to_owned(), |place| words.place(&place)),
                    if attention { words.attention } else { "" },
                ),
            })
            .collect();
        let seen: Vec<String> = line.seen.iter().map(|text| format!("– {text}")).collect();
        let mut cells: Vec<_> = judged
            .iter()
            .map(|(place, attention)| vec![(place.as_str(), TEXT), (*attention, STRONG)])
            .collect();
        if let Some(newest) = cells.first_mut() {
            newest.extend(seen.iter().map(|text| (text.as_str(), ASIDE)));
        }
        row(flow, report, words, line.title, cells);
    }
    let has_attention = |line: &Line<'_>| line.judged.iter().take(TOLD).flatten().any(|one| one.attention);
    if report.lines.iter().any(has_attention) {
        flow.skip(4.0);
        flow.paragraph(words.what_attention_is, TEXT);
    }
    if !report.unjudged.is_empty() {
        flow.skip(4.0);
        flow.paragraph(&format!("{} {}.", words.unjudged, report.unjudged.join(", ")), ASIDE);
    }
}

/// The moments that tables tell of, the newest first, with their places among all.
fn told<'a>(report: &'a ParentReport<'_>) -> impl Iterator<Item = (usize, &'a Moment)> {
    report.moments.iter().take(TOLD).enumerate()
}

/// The moments that a table tells of.
fn head(flow: &mut Flow, report: &ParentReport<'_>, words: &Words) {
    let moments: Vec<(String, String)> = told(report)
        .map(|(_, moment)| {
            let corrected = moment.corrected_age_months.map(|months| words.corrected(months));
            let age = format!("{}{}", words.age(moment.age_months), corrected.unwrap_or_default());
            (words.date(moment.on), age)
        })
        .collect();
    let cells = moments.iter().map(|(on, age)| vec![(on.as_str(), STRONG), (age.as_str(), ASIDE)]);
    flow.columns(&columns(report, "", cells.collect()));
    end_row(flow);
}

/// A row, with the head of the table anew where it comes on another page.
fn row(
    flow: &mut Flow,
    report: &ParentReport<'_>,
    words: &Words,
    title: &str,
    cells: Vec<Vec<(&str, Style)>>,
) {
    let columns = columns(report, title, cells);
    if flow.make_room(flow.height(&columns)) {
        head(flow, report, words);
    }
    flow.columns(&columns);
    end_row(flow);
}

fn columns<'a>(
    report: &ParentReport<'_>,
    title: &'a str,
    cells: Vec<Vec<(&'a str, Style)>>,
) -> Vec<Column<'a>> {
    let all = WIDTH - TITLES - GAP;
    let newest = if told(report).count() < TOLD { all } else { all * NEWEST };
    let left = LEFT + TITLES + GAP;
    let places = [(left, newest - GAP), (left + newest, all - newest)];
    let cells = cells.into_iter().zip(places).map(|(texts, (left, width))| Column { left, width, texts });
    let title = Column { left: LEFT, width: TITLES, texts: vec![(title, STRONG)] };
    std::iter::once(title).chain(cells).collect()
}

/// A rule beneath a row.
fn end_row(flow: &mut Flow) {
    flow.skip(3.0);
    flow.rule();
    flow.skip(4.0);
}

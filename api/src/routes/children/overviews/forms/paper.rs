//! The overview of a group on paper.

use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::person::PersonName;
use groeilijn_persistence::children::group_report::GroupReportSheet;

use super::super::bodies::{GroupOverview, LinePosition, LineSummary, OverviewCell, OverviewChild};
use super::group::counted;
use super::mark::{LEVELS, difference, ink, shade};
use super::roster::{born, by_name, name};
use super::words::Words;
use crate::printed::group_report::{Cell, Child, GroupReport, Shown};

/// What the report says in a language.
pub(in super::super) fn report_of_group<'a>(
    sheet: &'a GroupReportSheet,
    overview: &GroupOverview<'a>,
    language: Language,
) -> GroupReport<'a> {
    let words = Words::of(language);
    let levels = LEVELS.into_iter().map(|level| {
        let shown = Shown { shade: shade(level).printed(), ink: ink(level).printed(), text: String::new() };
        (Cell { level: Some(shown), attention: false }, words.level(level))
    });
    let attention = Cell { level: None, attention: true };
    let children = by_name(&overview.children);
    GroupReport {
        language,
        title: format!("{}, {}", words.group_title, overview.half_year),
        group: sheet.group.as_str(),
        about: vec![made(sheet, words), words.purpose.to_owned()],
        nobody: words.nobody,
        legend: levels.chain([(attention, words.attention)]).collect(),
        unregistered: words.unregistered,
        lines: overview.lines.iter().map(|line| line.title).collect(),
        children: children.into_iter().map(|one| child(one, &overview.lines)).collect(),
        totals: counted(words)
            .into_iter()
            .map(|(name, count)| (name, overview.lines.iter().map(count).collect()))
            .collect(),
        foot: foot(sheet, words),
    }
}

fn made(sheet: &GroupReportSheet, words: &Words) -> String {
    let mut told = format!("{} {}", words.made_on, sheet.made_on);
    if let Some(name) = sheet.made_by.name.as_ref().map(PersonName::display) {
        told.push_str(&format!(" {} {name}", words.by));
    }
    told
}

/// That it is confidential, whose it is, and where it is on record.
fn foot(sheet: &GroupReportSheet, words: &Words) -> String {
    let on_record = sheet.disclosure.map(|disclosure| format!(" · {} {disclosure}", words.record));
    format!("{} · {}{}", words.confidential, sheet.institution, on_record.unwrap_or_default())
}

fn child(child: &OverviewChild<'_>, lines: &[LineSummary<'_>]) -> Child {
    let cell = |line: &LineSummary<'_>| child.cells.iter().find(|cell| cell.line == line.line);
    Child {
        name: name(child),
        born: born(child),
        is_registered: child.registered_this_half_year,
        cells: lines.iter().map(|line| cell(line).map(Cell::from).unwrap_or_default()).collect(),
    }
}

impl From<&OverviewCell<'_>> for Cell {
    fn from(cell: &OverviewCell<'_>) -> Self {
        Self { level: cell.position.as_ref().map(Shown::from), attention: cell.attention }
    }
}

impl From<&LinePosition> for Shown {
    fn from(position: &LinePosition) -> Self {
        let level = position.level;
        Self { shade: shade(level).printed(), ink: ink(level).printed(), text: difference(position) }
    }
}

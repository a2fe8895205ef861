//! What a report says, from what it is made of.

use std::cmp::Reverse;

use groeilijn_domain::children::framework::{
    FrameworkDocument, Line as FrameworkLine, Scale as FrameworkScale,
};
use groeilijn_domain::children::overview::{ChildRegistration, LineProgress, ScaleProgress};
use groeilijn_domain::children::registration::MilestoneState;
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::children::overview::SheetRegistration;
use groeilijn_persistence::children::parent_report::ReportSheet;

use crate::printed::parent_report::{DRAWN, Judged, Line, Moment, Note, ParentReport, Place, Scale, Step};

/// A registration that the report tells of, with what it was made with.
struct Told<'a> {
    of: ChildRegistration<'a>,
    framework: &'a FrameworkDocument,
}

/// The report in a language.
pub(super) fn contents(sheet: &ReportSheet, language: Language) -> ParentReport<'_> {
    let told = newest_first(&sheet.child.registrations);
    let overview = sheet.child.overview();
    let titles: Vec<&FrameworkDocument> = std::iter::once(&sheet.child.framework.document)
        .chain(told.iter().map(|told| told.framework))
        .collect();
    let (lines, unjudged): (Vec<_>, Vec<_>) = overview
        .lines
        .iter()
        .map(|progress| line(progress, &told, &titles))
        .partition(|line| line.judged.iter().any(Option::is_some));
    let scales = overview.scales.iter().map(|progress| scale(progress, &told, &titles));
    ParentReport {
        language,
        institution: &sheet.institution,
        name: sheet.name.display(),
        birth_date: sheet.birth_date,
        group: sheet.group.as_ref().map(Label::as_str),
        made_on: sheet.made_on,
        made_by: sheet.made_by.name.as_ref().map(PersonName::display),
        record: sheet.disclosure.to_string(),
        moments: told.iter().map(|told| moment(&told.of)).collect(),
        lines,
        unjudged: unjudged.into_iter().map(|line| line.title).collect(),
        scales: scales.filter(|scale| scale.steps.iter().any(Option::is_some)).collect(),
        notes: sheet
            .notes
            .iter()
            .map(|note| Note {
                on: note.observed_on,
                text: note.text.as_str(),
                by: note.author.name.as_ref().map(PersonName::display),
            })
            .collect(),
    }
}

fn newest_first(registrations: &[SheetRegistration]) -> Vec<Told<'_>> {
    let mut told: Vec<_> =
        registrations.iter().map(|one| Told { of: one.read(), framework: &one.framework.document }).collect();
    told.sort_by_key(|told| Reverse((told.of.moment.date, told.of.moment.registration)));
    told.truncate(DRAWN);
    told
}

fn moment(of: &ChildRegistration<'_>) -> Moment {
    let moment = of.moment;
    Moment {
        on: moment.date,
        age_months: moment.age_months,
        corrected_age_months: moment.corrected_age_months,
    }
}

fn line<'a>(progress: &LineProgress<'a>, told: &[Told<'a>], titles: &[&'a FrameworkDocument]) -> Line<'a> {
    let code = progress.line;
    let judged = told.iter().map(|told| {
        let judgement = told.of.judgements.lines.get(code)?;
        let registration = told.of.moment.registration;
        let point = progress.points.iter().find(|point| point.moment.registration == registration);
        let place = judgement.phase().and_then(|(from, completeness)| {
            let phase = told.of.framework.line(code)?.phase_from(from)?;
            let months = point?.position?.months;
            Some(Place { phase: (phase.from_month, phase.to_month), completeness, months })
        });
        Some(Judged { place, attention: judgement.attention })
    });
    Line {
        title: titles.iter().find_map(|known| line_of(known, code)).map_or(code, |line| &line.title),
        judged: judged.collect(),
        seen: told.first().map(|newest| seen(newest, code)).unwrap_or_default(),
    }
}

/// What the child was seen to do of its phase.
fn seen<'a>(told: &Told<'a>, code: &str) -> Vec<&'a str> {
    let judgements = told.of.judgements;
    let phase = judgements.lines.get(code).and_then(|judgement| {
        let (from, _) = judgement.phase()?;
        line_of(told.framework, code)?.phases.iter().find(|phase| phase.from_month == from)
    });
    let reached = |code| judgements.milestones.get(code) == Some(&MilestoneState::Reached);
    phase
        .into_iter()
        .flat_map(|phase| &phase.milestones)
        .filter(|milestone| reached(&milestone.code))
        .map(|milestone| milestone.text.as_str())
        .collect()
}

fn scale<'a>(progress: &ScaleProgress<'a>, told: &[Told<'a>], titles: &[&'a FrameworkDocument]) -> Scale<'a> {
    let code = progress.scale;
    let steps = told.iter().map(|told| {
        let value = *told.of.judgements.scales.get(code)?;
        let scale = scale_of(told.framework, code)?;
        let label = &scale.steps.iter().find(|step| step.value == value)?.label;
        Some(Step { value, most: scale.steps.iter().map(|step| step.value).max()?, label })
    });
    Scale {
        title: titles.iter().find_map(|known| scale_of(known, code)).map_or(code, |scale| &scale.title),
        steps: steps.collect(),
    }
}

fn line_of<'a>(document: &'a FrameworkDocument, code: &str) -> Option<&'a FrameworkLine> {
    document.lines().find(|line| line.code.as_str() == code)
}

fn scale_of<'a>(document: &'a FrameworkDocument, code: &str) -> Option<&'a FrameworkScale> {
    document.scales.iter().find(|scale| scale.code.as_str() == code)
}

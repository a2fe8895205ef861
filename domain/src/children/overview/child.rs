//! The overview of one child: every line and scale through time.

use jiff::civil::Date;
use serde::Serialize;

use super::by_code::ByCode;
use super::{Position, RegistrationMoment};
use crate::children::framework::{FrameworkIndex, IndexedLine, IndexedScale, LineCode};
use crate::children::registration::Judgements;
use crate::values::ids::NoteId;

/// A final registration of the child.
pub struct ChildRegistration<'a> {
    /// Which one, and when.
    pub moment: RegistrationMoment,
    /// The version of the framework that it was made with.
    pub framework: &'a FrameworkIndex,
    /// What it holds.
    pub judgements: &'a Judgements,
}

/// A note about the child.
pub struct ChildNote<'a> {
    /// The note.
    pub note: NoteId,
    /// The day of what was seen.
    pub observed_on: Date,
    /// The lines it is about.
    pub lines: &'a [LineCode],
}

/// How a child develops, line by line (C028).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildOverview<'a> {
    /// Every line of the framework in use, also where nothing was judged, then lines of older versions.
    pub lines: Vec<LineProgress<'a>>,
    /// Every scale of the framework in use, then scales of older versions.
    pub scales: Vec<ScaleProgress<'a>>,
}

/// One line through time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineProgress<'a> {
    /// Code of the line.
    pub line: &'a str,
    /// A point for each registration that judges it, oldest first.
    pub points: Vec<Point>,
    /// The notes about it, oldest first.
    pub notes: Vec<NoteId>,
}

/// What one registration says of one line.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Which registration, and when.
    pub moment: RegistrationMoment,
    /// Where the child was; absent when only the attention flag was judged.
    pub position: Option<Position>,
    /// Whether the line needed extra attention (C025).
    pub attention: bool,
}

/// One scale through time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleProgress<'a> {
    /// Code of the scale.
    pub scale: &'a str,
    /// A point for each registration that judges it, oldest first.
    pub points: Vec<ScalePoint>,
}

/// What one registration says of one scale.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub struct ScalePoint {
    /// Which registration, and when.
    pub moment: RegistrationMoment,
    /// The step on which the child was placed.
    pub value: u8,
}

impl<'a> ChildOverview<'a> {
    /// The overview from the child's final registrations and notes, given in any order, arranged by
    /// `framework`, the version in use.
    pub fn new(
        framework: &'a FrameworkIndex,
        registrations: &[ChildRegistration<'a>],
        notes: &[ChildNote<'a>],
    ) -> Self {
        let mut registrations: Vec<_> = registrations.iter().collect();
        registrations
            .sort_by_key(|registration| (registration.moment.date, registration.moment.registration));
        let mut notes: Vec<_> = notes.iter().collect();
        notes.sort_by_key(|note| (note.observed_on, note.note));
        Self {
            lines: line_progress(framework, &registrations, &notes),
            scales: scale_progress(framework, &registrations),
        }
    }
}

fn line_progress<'a>(
    framework: &'a FrameworkIndex,
    registrations: &[&ChildRegistration<'a>],
    notes: &[&ChildNote<'a>],
) -> Vec<LineProgress<'a>> {
    let mut lines =
        ByCode::<(Vec<Point>, Vec<NoteId>)>::new(framework.lines().iter().map(|line| line.code().as_str()));
    for registration in registrations {
        let moment = registration.moment;
        for (code, judgement) in &registration.judgements.lines {
            let line = registration.framework.line(code.as_str());
            let position = line.and_then(|line| Position::of(line, judgement, moment.age_months));
            let point = Point { moment, position, attention: judgement.attention };
            lines.update(code.as_str(), line.map(IndexedLine::number), |(points, _)| points.push(point));
        }
    }
    for note in notes {
        for code in note.lines {
            let number = framework.line(code.as_str()).map(IndexedLine::number);
            lines.update(code.as_str(), number, |(_, notes)| notes.push(note.note));
        }
    }
    lines.into_iter().map(|(line, (points, notes))| LineProgress { line, points, notes }).collect()
}

fn scale_progress<'a>(
    framework: &'a FrameworkIndex,
    registrations: &[&ChildRegistration<'a>],
) -> Vec<ScaleProgress<'a>> {
    let mut scales =
        ByCode::<Vec<ScalePoint>>::new(framework.scales().iter().map(|scale| scale.code().as_str()));
    for registration in registrations {
        for (code, value) in &registration.judgements.scales {
            let number = registration.framework.scale(code.as_str()).map(IndexedScale::number);
            let point = ScalePoint { moment: registration.moment, value: *value };
            scales.update(code.as_str(), number, |points| points.push(point));
        }
    }
    scales.into_iter().map(|(scale, points)| ScaleProgress { scale, points }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::children::framework::fixture;
    use crate::children::overview::Level;
    use crate::values::calendar::HalfYear;
    use crate::values::ids::RegistrationId;

    fn moment(number: u128, date: Date, age_months: u16) -> RegistrationMoment {
        RegistrationMoment {
            registration: RegistrationId::from_uuid(Uuid::from_u128(number)),
            date,
            half_year: HalfYear::containing(date),
            age_months,
            corrected_age_months: None,
        }
    }

    fn judgements(json: serde_json::Value) -> Judgements {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn c028_lines_and_scales_through_time() {
        let framework = fixture::index();
        let autumn = judgements(json!({
            "scales": {"well-being": 2},
            "lines": {"gross-motor": {"phaseFromMonth": 42, "completeness": "partly"}},
        }));
        let spring = judgements(json!({
            "scales": {"well-being": 4},
            "lines": {
                "gross-motor": {"phaseFromMonth": 48, "completeness": "complete", "attention": true},
                "early-reading": {"attention": true},
            },
        }));
        let (first, second) = (moment(1, date(2025, 11, 3), 50), moment(2, date(2026, 4, 9), 55));
        let registrations = [(second, &spring), (first, &autumn)]
            .map(|(moment, judgements)| ChildRegistration { moment, framework: &framework, judgements });

        let overview = ChildOverview::new(&framework, &registrations, &[]);

        let codes: Vec<_> = overview.lines.iter().map(|line| line.line).collect();
        assert_eq!(codes, ["spoken-language", "early-reading", "gross-motor"]);
        assert_eq!(overview.lines[0].points, []);
        assert_eq!(overview.lines[1].points, [Point { moment: second, position: None, attention: true }]);
        let position = |months, difference_months, level| Some(Position { months, difference_months, level });
        assert_eq!(
            overview.lines[2].points,
            [
                Point { moment: first, position: position(45, -5, Level::Behind), attention: false },
                Point { moment: second, position: position(54, -1, Level::Behind), attention: true },
            ]
        );
        assert_eq!(overview.scales.len(), 1);
        assert_eq!(
            overview.scales[0].points,
            [ScalePoint { moment: first, value: 2 }, ScalePoint { moment: second, value: 4 }]
        );
    }

    #[test]
    fn an_older_version_keeps_its_meaning_and_its_lines() {
        let mut older = fixture::document();
        older.areas.swap(0, 1);
        older.areas[0].lines[0].phases[0].to_month = 9;
        older.areas[1].lines[0].code = LineCode::parse("babbling").unwrap();
        let (older, framework) = (FrameworkIndex::new(&older), fixture::index());
        let judgements = judgements(json!({
            "lines": {
                "babbling": {"phaseFromMonth": 6, "completeness": "begun"},
                "gross-motor": {"phaseFromMonth": 0, "completeness": "complete"},
            },
        }));
        let moment = moment(1, date(2025, 11, 3), 9);
        let registration = ChildRegistration { moment, framework: &older, judgements: &judgements };

        let overview = ChildOverview::new(&framework, &[registration], &[]);

        let months: Vec<_> = overview
            .lines
            .iter()
            .map(|line| (line.line, line.points.first().and_then(|point| point.position).map(|p| p.months)))
            .collect();
        assert_eq!(
            months,
            [
                ("spoken-language", None),
                ("early-reading", None),
                ("gross-motor", Some(9)),
                ("babbling", Some(6))
            ]
        );
    }

    #[test]
    fn notes_stand_at_each_line_they_are_about() {
        let framework = fixture::index();
        let codes = ["gross-motor", "spoken-language"].map(|code| LineCode::parse(code).unwrap());
        let id = |number| NoteId::from_uuid(Uuid::from_u128(number));
        let notes = [
            ChildNote { note: id(1), observed_on: date(2026, 5, 2), lines: &codes },
            ChildNote { note: id(2), observed_on: date(2026, 5, 1), lines: &codes[..1] },
            ChildNote { note: id(3), observed_on: date(2026, 5, 1), lines: &[] },
        ];
        let overview = ChildOverview::new(&framework, &[], &notes);
        let notes: Vec<_> = overview.lines.into_iter().map(|line| line.notes).collect();
        assert_eq!(notes, [vec![id(1)], vec![], vec![id(2), id(1)]]);
    }
}

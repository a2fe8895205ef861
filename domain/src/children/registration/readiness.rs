//! What is still to be looked at before a registration becomes final. It proposes and never judges (C070).

use super::Judgements;
use jiff::civil::Date;

use crate::children::framework::{FrameworkIndex, LineCode, ScaleCode};
use crate::children::overview::ChildNote;
use crate::values::ids::NoteId;

/// What a registration has, and what it has not.
#[derive(Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The scales on which the child is not placed, in the order of the framework.
    pub unjudged_scales: Vec<ScaleCode>,
    /// The lines that have a phase at the child's age, in the order of the framework.
    pub lines: Vec<LineReadiness>,
}

/// One line that has a phase at the child's age.
#[derive(Debug, PartialEq, Eq)]
pub struct LineReadiness {
    /// The line.
    pub line: LineCode,
    /// The phase of the child's age, by the month at which it begins.
    pub phase_from_month: u16,
    /// Whether something was judged on it. That a milestone was not observed is a judgement too: somebody looked.
    pub is_judged: bool,
    /// Notes about it that may be evidence, the oldest first.
    pub notes: Vec<NoteId>,
}

/// The days of which notes may be evidence for a registration, in Amsterdam.
#[derive(Debug, Clone, Copy)]
pub struct EvidencePeriod {
    /// The day of the child's latest final registration before it, if there is one: what was seen then is in that one.
    pub since: Option<Date>,
    /// The day of the registration itself.
    pub until: Date,
}

impl EvidencePeriod {
    fn holds(self, day: Date) -> bool {
        self.since.is_none_or(|since| since < day) && day <= self.until
    }
}

/// What a registration of a child of this age, in completed months, has with these judgements; `notes` are all about the child.
pub fn readiness(
    judgements: &Judgements,
    framework: &FrameworkIndex,
    age_months: u16,
    notes: &[ChildNote<'_>],
    period: EvidencePeriod,
) -> Readiness {
    let mut evidence: Vec<_> = notes.iter().filter(|note| period.holds(note.observed_on)).collect();
    evidence.sort_by_key(|note| (note.observed_on, note.note));
    let judged_by_milestone: Vec<_> = judgements
        .milestones
        .keys()
        .filter_map(|code| framework.milestone(code.as_str()).map(|place| place.line))
        .collect();
    let at_this_age = framework.lines().iter().filter_map(|line| {
        let of_age = |from: u16, to: u16| (from..to).contains(&age_months);
        let phase = line.phases().iter().find(|phase| of_age(phase.from_month, phase.to_month))?;
        Some((line, phase.from_month))
    });
    let lines = at_this_age.map(|(line, phase_from_month)| {
        let own = judgements.lines.get(line.code());
        let about_it = evidence.iter().filter(|note| note.lines.contains(line.code()));
        LineReadiness {
            line: line.code().clone(),
            phase_from_month,
            is_judged: own.is_some_and(|own| own.phase_from_month.is_some())
                || judged_by_milestone.contains(&line.number()),
            notes: about_it.map(|note| note.note).collect(),
        }
    });
    let unjudged = framework.scales().iter().filter(|scale| !judgements.scales.contains_key(scale.code()));
    Readiness {
        unjudged_scales: unjudged.map(|scale| scale.code().clone()).collect(),
        lines: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::children::framework::fixture;

    const PERIOD: EvidencePeriod =
        EvidencePeriod { since: Some(date(2026, 3, 10)), until: date(2026, 11, 20) };

    fn line(code: &str) -> LineCode {
        LineCode::parse(code).unwrap()
    }

    fn told(json: serde_json::Value, age: u16) -> Vec<(String, u16, bool)> {
        let readiness =
            readiness(&serde_json::from_value(json).unwrap(), &fixture::index(), age, &[], PERIOD);
        readiness
            .lines
            .into_iter()
            .map(|line| (line.line.as_str().to_owned(), line.phase_from_month, line.is_judged))
            .collect()
    }

    #[test]
    fn c070_what_nobody_looked_at_is_told_apart_from_what_was_not_observed() {
        let judged = json!({
            "lines": {"spoken-language": {"phaseFromMonth": 48}, "early-reading": {"attention": true}},
            "milestones": {"gross-motor.48-54.1": "not-observed"},
        });
        let expected = [("spoken-language", true), ("early-reading", false), ("gross-motor", true)]
            .map(|(line, is_judged)| (line.to_owned(), 48, is_judged));
        assert_eq!(told(judged, 53), expected);
        assert!(told(json!({}), 95).iter().all(|(_, from, is_judged)| *from == 90 && !is_judged));
        assert_eq!(told(json!({}), 96), []);
    }

    #[test]
    fn scales_without_a_step_are_named() {
        let unjudged = |json| {
            let judgements = serde_json::from_value(json).unwrap();
            readiness(&judgements, &fixture::index(), 12, &[], PERIOD).unjudged_scales
        };
        assert_eq!(unjudged(json!({})), [ScaleCode::parse("well-being").unwrap()]);
        assert_eq!(unjudged(json!({"scales": {"well-being": 3}})), []);
    }

    #[test]
    fn notes_stand_with_their_lines_from_the_day_after_the_last_time_on() {
        let lines = [line("gross-motor"), line("x")];
        let days = [date(2026, 11, 21), date(2026, 11, 20), date(2026, 3, 11), date(2026, 3, 10)];
        let id = |number: usize| NoteId::from_uuid(uuid::Uuid::from_u128(number as u128));
        let notes: Vec<_> = (0..days.len())
            .map(|number| ChildNote { note: id(number), observed_on: days[number], lines: &lines })
            .collect();
        let of_motor = |period| {
            let found = readiness(&Judgements::default(), &fixture::index(), 12, &notes, period);
            let found: Vec<_> = found.lines.into_iter().map(|line| line.notes).collect();
            assert!(found[0].is_empty() && found[1].is_empty());
            found[2].clone()
        };
        assert_eq!(of_motor(PERIOD), [id(2), id(1)]);
        assert_eq!(of_motor(EvidencePeriod { since: None, ..PERIOD }), [id(3), id(2), id(1)]);
    }
}

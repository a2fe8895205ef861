//! What is still to be looked at before a registration becomes final. It proposes and never judges (C070).

use super::Judgements;
use crate::children::framework::{FrameworkIndex, LineCode, ScaleCode};
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
    /// Notes about it, in the order given.
    pub notes: Vec<NoteId>,
}

/// What a registration of a child of this age, in completed months, has with these judgements. `notes` are those that may be
/// evidence, each with its lines.
pub fn readiness(
    judgements: &Judgements,
    framework: &FrameworkIndex,
    age_months: u16,
    notes: &[(NoteId, Vec<LineCode>)],
) -> Readiness {
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
        let about_it = |(note, lines): &(NoteId, Vec<LineCode>)| lines.contains(line.code()).then_some(*note);
        LineReadiness {
            line: line.code().clone(),
            phase_from_month,
            is_judged: own.is_some_and(|own| own.phase_from_month.is_some())
                || judged_by_milestone.contains(&line.number()),
            notes: notes.iter().filter_map(about_it).collect(),
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
    use serde_json::json;

    use super::*;
    use crate::children::framework::fixture;

    fn line(code: &str) -> LineCode {
        LineCode::parse(code).unwrap()
    }

    fn told(json: serde_json::Value, age: u16) -> Vec<(String, u16, bool)> {
        let readiness = readiness(&serde_json::from_value(json).unwrap(), &fixture::index(), age, &[]);
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
    fn scales_without_a_step_are_named_and_notes_stand_with_their_lines() {
        let notes = [1, 2].map(|number| NoteId::from_uuid(uuid::Uuid::from_u128(number)));
        let about = [(notes[0], vec![line("gross-motor")]), (notes[1], vec![line("gross-motor"), line("x")])];
        let none = readiness(&Judgements::default(), &fixture::index(), 12, &about);
        assert_eq!(none.unjudged_scales, [ScaleCode::parse("well-being").unwrap()]);
        let found: Vec<_> = none.lines.iter().map(|line| line.notes.clone()).collect();
        assert_eq!(found, [vec![], vec![], notes.to_vec()]);
        let placed = serde_json::from_value(json!({"scales": {"well-being": 3}})).unwrap();
        assert_eq!(readiness(&placed, &fixture::index(), 12, &[]).unjudged_scales, []);
    }
}

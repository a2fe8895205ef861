//! What a registration holds.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::children::framework::{
    FrameworkIndex, IndexedLine, IndexedScale, LineCode, MilestoneCode, ScaleCode,
};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

/// All judgements of one registration. Absent means not judged; nothing is filled in by default.
///
/// It is stored as one sealed JSON document, so the JSON form is compact and its keys are in order: the same
/// judgements are always the same bytes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Judgements {
    /// The step of each scale on which the child is placed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scales: BTreeMap<ScaleCode, u8>,
    /// How far the child is on each development line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<LineCode, LineJudgement>,
    /// What was seen of each milestone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub milestones: BTreeMap<MilestoneCode, MilestoneState>,
}

/// The judgement of one development line: a phase and how much of it is reached, extra attention, or both.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineJudgement {
    /// The phase the child is in, named by the age in months at which it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_from_month: Option<u16>,
    /// How much of that phase is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    /// Whether the line needs extra attention (C025).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attention: bool,
}

code_list! {
    /// How much of a phase a child has reached, from little to all.
    pub enum Completeness {
        /// The first signs.
        Begun = "begun",
        /// About half.
        Partly = "partly",
        /// All of it.
        Complete = "complete",
    }
}

code_list! {
    /// What was seen of a milestone (C025).
    pub enum MilestoneState {
        /// The child does it.
        Reached = "reached",
        /// The child was watched and does not do it yet.
        NotYet = "not-yet",
        /// There was no occasion to see it, which says nothing about the child.
        NotObserved = "not-observed",
    }
}

impl LineJudgement {
    /// The phase, by the month at which it begins, and how much of it is reached.
    pub fn phase(&self) -> Option<(u16, Completeness)> {
        self.phase_from_month.zip(self.completeness)
    }

    fn says_something(&self) -> bool {
        self.attention || self.phase().is_some()
    }

    fn check(&self, line: &IndexedLine) -> Result<(), (&'static str, Refusal)> {
        match (self.phase_from_month, self.completeness) {
            (Some(_), None) => Err(("completeness", missing("a phase comes with how much of it is reached"))),
            (None, Some(_)) => {
                Err(("phase_from_month", missing("what is reached comes with the phase it is of")))
            }
            (Some(from_month), Some(_)) if line.phase_from(from_month).is_none() => Err((
                "phase_from_month",
                Refusal::new("unknown-phase", "no phase of this line begins at that month"),
            )),
            _ => Ok(()),
        }
    }
}

impl Judgements {
    /// Checks that everything judged is in the framework and every value is one it allows.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place within the judgements, such as
    /// `lines/gross-motor/phase_from_month`.
    pub fn check(&self, framework: &FrameworkIndex) -> Result<(), FieldRefusals> {
        let scales = self.scales.iter().filter_map(|(code, value)| {
            let refusal = check_step(framework.scale(code.as_str()), *value).err()?;
            Some((format!("scales/{code}"), refusal))
        });
        let lines = self.lines.iter().filter_map(|(code, judgement)| match framework.line(code.as_str()) {
            None => Some((format!("lines/{code}"), unknown("line"))),
            Some(line) => {
                let (field, refusal) = judgement.check(line).err()?;
                Some((format!("lines/{code}/{field}"), refusal))
            }
        });
        let milestones = self
            .milestones
            .keys()
            .filter(|code| framework.milestone(code.as_str()).is_none())
            .map(|code| (format!("milestones/{code}"), unknown("milestone")));

        let found: FieldRefusals = scales.chain(lines).chain(milestones).collect();
        found.or(())
    }

    /// Whether anything is said about the child. A milestone that could not be observed says nothing.
    pub(super) fn judge_something(&self) -> bool {
        !self.scales.is_empty()
            || self.lines.values().any(LineJudgement::says_something)
            || self.milestones.values().any(|state| *state != MilestoneState::NotObserved)
    }
}

/// Counts only: how a child develops does not belong in a log.
impl fmt::Debug for Judgements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judgements")
            .field("scales", &self.scales.len())
            .field("lines", &self.lines.len())
            .field("milestones", &self.milestones.len())
            .finish()
    }
}

fn check_step(scale: Option<&IndexedScale>, value: u8) -> Result<(), Refusal> {
    match scale {
        None => Err(unknown("scale")),
        Some(scale) if !scale.values().contains(&value) => {
            Err(Refusal::new("unknown-step", "the scale has no step with that value"))
        }
        Some(_) => Ok(()),
    }
}

fn unknown(kind: &str) -> Refusal {
    Refusal::new("not-in-framework", format!("the framework of this registration has no such {kind}"))
}

fn missing(detail: &str) -> Refusal {
    Refusal::new("missing", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::children::framework::fixture;

    #[test]
    fn the_json_form_is_compact() {
        let json = json!({
            "scales": {"well-being": 3},
            "lines": {
                "early-reading": {"attention": true},
                "gross-motor": {"phaseFromMonth": 42, "completeness": "partly"},
            },
            "milestones": {"gross-motor.42-48.1": "not-yet"},
        });
        let judgements: Judgements = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&judgements).unwrap(), json);
        assert_eq!(serde_json::to_string(&Judgements::default()).unwrap(), "{}");
        assert_eq!(judgements.check(&fixture::index()), Ok(()));
    }

    #[test]
    fn only_known_fields_and_codes_are_read() {
        for json in [
            json!({"colour": 1}),
            json!({"lines": {"gross-motor": {"colour": 1}}}),
            json!({"lines": {"Gross motor": {}}}),
            json!({"milestones": {"gross-motor.42-48.1": "maybe"}}),
        ] {
            assert!(serde_json::from_value::<Judgements>(json).is_err());
        }
    }

    #[test]
    fn everything_outside_the_framework_is_reported_together() {
        let judgements: Judgements = serde_json::from_value(json!({
            "scales": {"involvement": 3, "well-being": 6},
            "lines": {
                "early-reading": {"phaseFromMonth": 42},
                "fine-motor": {"attention": true},
                "gross-motor": {"phaseFromMonth": 43, "completeness": "begun"},
                "spoken-language": {"completeness": "begun", "attention": true},
            },
            "milestones": {"fine-motor.1": "reached"},
        }))
        .unwrap();
        let found = judgements.check(&fixture::index()).unwrap_err();
        let found: Vec<_> = found.into_iter().map(|(field, refusal)| (field, refusal.code)).collect();
        assert_eq!(
            found,
            [
                ("scales/involvement".to_owned(), "not-in-framework"),
                ("scales/well-being".to_owned(), "unknown-step"),
                ("lines/early-reading/completeness".to_owned(), "missing"),
                ("lines/fine-motor".to_owned(), "not-in-framework"),
                ("lines/gross-motor/phase_from_month".to_owned(), "unknown-phase"),
                ("lines/spoken-language/phase_from_month".to_owned(), "missing"),
                ("milestones/fine-motor.1".to_owned(), "not-in-framework"),
            ]
        );
    }

    #[test]
    fn debug_shows_no_judgement() {
        let judgements: Judgements = serde_json::from_value(json!({"scales": {"well-being": 1}})).unwrap();
        assert_eq!(format!("{judgements:?}"), "Judgements { scales: 1, lines: 0, milestones: 0 }");
    }
}

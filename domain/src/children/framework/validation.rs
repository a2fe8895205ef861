//! Whether a framework document hangs together.

use std::collections::HashSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::{FrameworkDocument, Line, Milestone, MilestoneCode, Phase, Scale};
use crate::children::pupil::AGE_LIMIT_MONTHS;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText};

/// How many scales a framework has.
pub const SCALES: RangeInclusive<usize> = 0..=10;
/// How many steps a scale has.
pub const STEPS: RangeInclusive<usize> = 2..=10;
/// How many areas a framework has.
pub const AREAS: RangeInclusive<usize> = 1..=20;
/// How many lines an area has.
pub const LINES_PER_AREA: RangeInclusive<usize> = 1..=20;
/// How many phases a line has.
pub const PHASES_PER_LINE: RangeInclusive<usize> = 1..=48;
/// How many milestones a phase has.
pub const MILESTONES_PER_PHASE: RangeInclusive<usize> = 1..=12;
/// How many milestones of the version before one milestone takes the place of.
pub const REPLACED_PER_MILESTONE: RangeInclusive<usize> = 0..=12;

impl FrameworkDocument {
    /// Checks what the shape of the document cannot: that codes are unique, that the phases of a line follow
    /// each other without gaps, that steps ascend, that no milestone replaces one that is still there, and that no
    /// list or text is empty or out of bounds.
    ///
    /// A line may begin at any age: before it there is nothing to see.
    ///
    /// # Errors
    /// Everything that is wrong, each with the place of the part at fault, such as `areas/0/lines/1/code`.
    pub fn validate(&self) -> Result<(), FieldRefusals> {
        let mut review =
            Review { living: self.milestones().map(|it| it.code.as_str()).collect(), ..Review::default() };
        review.framework(self);
        review.found.or(())
    }
}

/// What has been found so far, the codes seen, each with the kind of thing it names, and those of all milestones.
#[derive(Default)]
struct Review<'a> {
    found: FieldRefusals,
    codes: HashSet<(&'static str, &'a str)>,
    living: HashSet<&'a str>,
}

impl<'a> Review<'a> {
    fn framework(&mut self, framework: &'a FrameworkDocument) {
        if framework.version == 0 {
            self.refuse("version", Refusal::new("too-small", "versions count from 1"));
        }
        self.title("title", &framework.title);
        self.description("description", &framework.description);
        self.count("scales", framework.scales.len(), SCALES);
        for (number, scale) in framework.scales.iter().enumerate() {
            self.scale(&format!("scales/{number}"), scale);
        }
        self.count("areas", framework.areas.len(), AREAS);
        for (number, area) in framework.areas.iter().enumerate() {
            let at = format!("areas/{number}");
            self.code(&at, "area", area.code.as_str());
            self.title(format_args!("{at}/title"), &area.title);
            self.count(format_args!("{at}/lines"), area.lines.len(), LINES_PER_AREA);
            for (number, line) in area.lines.iter().enumerate() {
                self.line(&format!("{at}/lines/{number}"), line);
            }
        }
    }

    fn scale(&mut self, at: &str, scale: &'a Scale) {
        self.code(at, "scale", scale.code.as_str());
        self.title(format_args!("{at}/title"), &scale.title);
        self.description(format_args!("{at}/description"), &scale.description);
        self.count(format_args!("{at}/steps"), scale.steps.len(), STEPS);
        let mut previous = None;
        for (number, step) in scale.steps.iter().enumerate() {
            self.title(format_args!("{at}/steps/{number}/label"), &step.label);
            if previous.is_some_and(|previous| previous >= step.value) {
                self.refuse(
                    format_args!("{at}/steps/{number}/value"),
                    Refusal::new("not-ascending", "each step has a higher value than the one before it"),
                );
            }
            previous = Some(step.value);
        }
    }

    fn line(&mut self, at: &str, line: &'a Line) {
        self.code(at, "line", line.code.as_str());
        self.title(format_args!("{at}/title"), &line.title);
        self.description(format_args!("{at}/description"), &line.description);
        self.count(format_args!("{at}/phases"), line.phases.len(), PHASES_PER_LINE);
        let mut previous = None;
        for (number, phase) in line.phases.iter().enumerate() {
            self.phase(&format!("{at}/phases/{number}"), phase, previous);
            previous = Some(phase.to_month);
        }
    }

    fn phase(&mut self, at: &str, phase: &'a Phase, previous_to: Option<u16>) {
        if previous_to.is_some_and(|to| to != phase.from_month) {
            self.refuse(
                format_args!("{at}/from_month"),
                Refusal::new("not-contiguous", "a phase begins in the month in which the one before it ends"),
            );
        }
        if phase.to_month <= phase.from_month || phase.to_month > AGE_LIMIT_MONTHS {
            self.refuse(
                format_args!("{at}/to_month"),
                Refusal::new(
                    "out-of-range",
                    format!("a phase ends after it begins, and not after month {AGE_LIMIT_MONTHS}"),
                ),
            );
        }
        self.count(format_args!("{at}/milestones"), phase.milestones.len(), MILESTONES_PER_PHASE);
        for (number, milestone) in phase.milestones.iter().enumerate() {
            self.milestone(&format!("{at}/milestones/{number}"), milestone);
        }
    }

    fn milestone(&mut self, at: &str, milestone: &'a Milestone) {
        self.code(at, "milestone", milestone.code.as_str());
        self.title(format_args!("{at}/text"), &milestone.text);
        if let Some(source) = &milestone.source {
            self.title(format_args!("{at}/source"), source);
        }
        let replaced = milestone.replaces.as_deref().unwrap_or_default();
        self.count(format_args!("{at}/replaces"), replaced.len(), REPLACED_PER_MILESTONE);
        let mut before = HashSet::new();
        for (number, code) in replaced.iter().map(MilestoneCode::as_str).enumerate() {
            if self.living.contains(code) || !before.insert(code) {
                let detail =
                    "a milestone that this framework still has is not replaced, and none is named twice";
                self.refuse(format_args!("{at}/replaces/{number}"), Refusal::new("not-unique", detail));
            }
        }
    }

    fn code(&mut self, at: &str, kind: &'static str, code: &'a str) {
        if !self.codes.insert((kind, code)) {
            let detail = format!("another {kind} of this framework has the same code");
            self.refuse(format_args!("{at}/code"), Refusal::new("not-unique", detail));
        }
    }

    fn count(&mut self, at: impl Display, count: usize, allowed: RangeInclusive<usize>) {
        if !allowed.contains(&count) {
            let detail = format!("between {} and {} of these are allowed", allowed.start(), allowed.end());
            self.refuse(at, Refusal::new("wrong-count", detail));
        }
    }

    fn title(&mut self, at: impl Display, text: &str) {
        if let Err(refusal) = ShortText::parse(text) {
            self.refuse(at, refusal);
        }
    }

    fn description(&mut self, at: impl Display, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Err(refusal) = FreeText::parse(text) {
            self.refuse(at, refusal);
        }
    }

    fn refuse(&mut self, at: impl Display, refusal: Refusal) {
        self.found.refuse(at.to_string(), refusal);
    }
}

#[cfg(test)]
mod tests {
    use crate::children::framework::{FrameworkDocument, MilestoneCode, Step, fixture};

    fn found(change: impl FnOnce(&mut FrameworkDocument)) -> Vec<(String, &'static str)> {
        let mut document = fixture::document();
        change(&mut document);
        let found = document.validate().err().unwrap_or_default();
        found.into_iter().map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
        vec![(field.to_owned(), code)]
    }

    #[test]
    fn the_example_is_valid_and_survives_json() {
        let document = fixture::document();
        assert_eq!(document.validate(), Ok(()));
        let json = serde_json::to_string(&document).unwrap();
        assert!(json.contains("\"locale\":\"nl\""));
        assert!(json.contains("\"fromMonth\":6"));
        assert_eq!(serde_json::from_str::<FrameworkDocument>(&json).unwrap(), document);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let mut json = serde_json::to_value(fixture::document()).unwrap();
        json["areas"][0]["colour"] = "red".into();
        assert!(serde_json::from_value::<FrameworkDocument>(json).is_err());
    }

    #[test]
    fn codes_are_unique_in_the_whole_framework_per_kind() {
        let doubled_line = found(|f| f.areas[1].lines[0].code = f.areas[0].lines[1].code.clone());
        assert_eq!(doubled_line, one("areas/1/lines/0/code", "not-unique"));

        let doubled_milestone = found(|f| {
            let code = f.areas[0].lines[0].phases[3].milestones[0].code.clone();
            f.areas[1].lines[0].phases[0].milestones[1].code = code;
        });
        assert_eq!(doubled_milestone, one("areas/1/lines/0/phases/0/milestones/1/code", "not-unique"));

        let same_code_for_another_kind =
            found(|f| f.areas[0].code = super::super::AreaCode::parse("spoken-language").unwrap());
        assert_eq!(same_code_for_another_kind, []);
    }

    #[test]
    fn phases_follow_each_other() {
        let gap = found(|f| f.areas[0].lines[0].phases[2].from_month += 1);
        assert_eq!(gap, one("areas/0/lines/0/phases/2/from_month", "not-contiguous"));

        let backwards = found(|f| {
            let phase = &mut f.areas[0].lines[0].phases[15];
            phase.to_month = phase.from_month;
        });
        assert_eq!(backwards, one("areas/0/lines/0/phases/15/to_month", "out-of-range"));

        let beyond_the_age = found(|f| f.areas[0].lines[0].phases[15].to_month = 97);
        assert_eq!(beyond_the_age, one("areas/0/lines/0/phases/15/to_month", "out-of-range"));
    }

    #[test]
    fn a_line_begins_when_there_is_something_to_see() {
        let later = found(|f| {
            f.areas[0].lines[0].phases.drain(..3);
        });
        assert_eq!(later, []);
    }

    #[test]
    fn what_is_still_there_is_not_replaced() {
        let replacing = |codes: &[&str]| {
            let codes = codes.iter().map(|code| MilestoneCode::parse(code).unwrap()).collect();
            found(|f| f.areas[0].lines[0].phases[1].milestones[0].replaces = Some(codes))
        };
        let at = |number: usize| format!("areas/0/lines/0/phases/1/milestones/0/replaces/{number}");
        assert_eq!(replacing(&["gone.1", "gone.2"]), []);
        assert_eq!(replacing(&["gone.1", "gross-motor.0-6.1"]), one(&at(1), "not-unique"));
        assert_eq!(replacing(&["gone.1", "gone.2", "gone.1"]), one(&at(2), "not-unique"));
        let many: Vec<_> = (0..13).map(|number| format!("gone.{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(replacing(&many), one("areas/0/lines/0/phases/1/milestones/0/replaces", "wrong-count"));
    }

    #[test]
    fn a_source_is_a_short_text_and_written_only_when_there_is_one() {
        let empty = found(|f| f.areas[0].lines[0].phases[0].milestones[1].source = Some(" ".into()));
        assert_eq!(empty, one("areas/0/lines/0/phases/0/milestones/1/source", "empty"));
        let json = serde_json::to_string(&fixture::document()).unwrap();
        assert!(!json.contains("source") && !json.contains("replaces"));
    }

    #[test]
    fn steps_ascend() {
        let level = found(|f| f.scales[0].steps[2].value = f.scales[0].steps[1].value);
        assert_eq!(level, one("scales/0/steps/2/value", "not-ascending"));

        let single = found(|f| f.scales[0].steps = vec![Step { value: 1, label: "Enige".into() }]);
        assert_eq!(single, one("scales/0/steps", "wrong-count"));
    }

    #[test]
    fn everything_wrong_is_reported_together() {
        let found = found(|f| {
            f.version = 0;
            f.title = "  ".into();
            f.scales.clear();
            f.areas[0].lines[0].phases[0].milestones.clear();
            f.areas[1].lines.clear();
        });
        let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["version", "title", "areas/0/lines/0/phases/0/milestones", "areas/1/lines"]);
    }
}

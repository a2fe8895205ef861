//! Which framework an institution follows children of which age by.

use serde::{Deserialize, Serialize};

use super::{FrameworkCode, Locale};
use crate::children::pupil::AGE_LIMIT_MONTHS;
use crate::values::refusal::{FieldRefusals, Refusal};

/// That children between two ages are followed by the newest published version of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameworkChoice {
    /// Age in completed months from which on it is chosen.
    pub from_month: u16,
    /// Age in completed months at which it is chosen no longer; at most 96 (C026).
    pub to_month: u16,
    /// The framework, whatever its version.
    pub code: FrameworkCode,
    /// The language of its texts.
    pub locale: Locale,
}

/// What an institution chose, for ages that do not overlap. For an age without a choice nothing is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkChoices(Vec<FrameworkChoice>);

impl FrameworkChoices {
    /// How many there are at most.
    pub const MOST: usize = 10;

    /// These choices, in the order in which they are given.
    ///
    /// # Errors
    /// Everything that is wrong, each at its place, such as `choices/1/from_month`.
    pub fn new(choices: Vec<FrameworkChoice>) -> Result<Self, FieldRefusals> {
        let mut refusals = FieldRefusals::default();
        if choices.len() > Self::MOST {
            let detail = format!("at most {} choices are allowed", Self::MOST);
            refusals.refuse("choices", Refusal::new("wrong-count", detail));
        }
        for (number, choice) in choices.iter().enumerate() {
            if choice.to_month <= choice.from_month || choice.to_month > AGE_LIMIT_MONTHS {
                let detail = format!("ages end after they begin, and not after month {AGE_LIMIT_MONTHS}");
                refusals.refuse(format!("choices/{number}/to_month"), Refusal::new("out-of-range", detail));
            }
            if choices.iter().take(number).any(|before| before.overlaps(choice)) {
                let detail = "a choice before it is for some of these ages already";
                refusals.refuse(format!("choices/{number}/from_month"), Refusal::new("overlaps", detail));
            }
        }
        refusals.or(Self(choices))
    }

    /// What is chosen for a child of this age in completed months.
    pub fn for_age(&self, months: u16) -> Option<&FrameworkChoice> {
        self.0.iter().find(|choice| (choice.from_month..choice.to_month).contains(&months))
    }

    /// All of them, in the order in which they were given.
    pub fn as_slice(&self) -> &[FrameworkChoice] {
        &self.0
    }
}

impl FrameworkChoice {
    fn overlaps(&self, other: &Self) -> bool {
        self.from_month < other.to_month && other.from_month < self.to_month
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(from_month: u16, to_month: u16, code: &str) -> FrameworkChoice {
        FrameworkChoice {
            from_month,
            to_month,
            code: FrameworkCode::parse(code).unwrap(),
            locale: Locale::Nl,
        }
    }

    fn refused(choices: Vec<FrameworkChoice>) -> Vec<(String, &'static str)> {
        let refusals = FrameworkChoices::new(choices).unwrap_err();
        refusals.into_iter().map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn each_age_has_at_most_one_choice() {
        let chosen = FrameworkChoices::new(vec![choice(48, 96, "school"), choice(0, 36, "early")]).unwrap();
        let of = |months| chosen.for_age(months).map(|choice| choice.code.as_str());
        assert_eq!(
            [0, 35, 36, 47, 48, 95, 96].map(of),
            [Some("early"), Some("early"), None, None, Some("school"), Some("school"), None,]
        );
        assert_eq!(FrameworkChoices::default().for_age(40), None);
    }

    #[test]
    fn everything_wrong_is_told_at_its_place() {
        let overlapping = vec![choice(0, 48, "early"), choice(47, 96, "school"), choice(0, 1, "early")];
        assert_eq!(
            refused(overlapping),
            [
                ("choices/1/from_month".to_owned(), "overlaps"),
                ("choices/2/from_month".to_owned(), "overlaps"),
            ]
        );
        let of_no_age = vec![choice(5, 5, "early"), choice(60, 97, "school")];
        assert_eq!(
            refused(of_no_age),
            [
                ("choices/0/to_month".to_owned(), "out-of-range"),
                ("choices/1/to_month".to_owned(), "out-of-range"),
            ]
        );
        let many = (0..11).map(|from| choice(from, from + 1, "early")).collect();
        assert_eq!(refused(many), [("choices".to_owned(), "wrong-count")]);
    }

    #[test]
    fn they_survive_being_kept() {
        let chosen = FrameworkChoices::new(vec![choice(0, 48, "early")]).unwrap();
        let kept = serde_json::to_string(&chosen).unwrap();
        assert_eq!(kept, r#"[{"fromMonth":0,"toMonth":48,"code":"early","locale":"nl"}]"#);
        assert_eq!(serde_json::from_str::<FrameworkChoices>(&kept).unwrap(), chosen);
        assert_eq!(serde_json::from_str::<FrameworkChoices>("[]").unwrap(), FrameworkChoices::default());
    }
}

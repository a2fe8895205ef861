//! Processing that a law forces upon the processor, beyond what was instructed (C039).

use jiff::civil::Date;

use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, ShortText};

/// A processing that a law forces upon the processor.
#[derive(Clone, PartialEq, Eq)]
pub struct ForcedProcessing {
    /// The provision of the law.
    pub provision: ShortText,
    /// What is processed.
    pub what: FreeText,
    /// On which day the institution was told, before it was processed, in Amsterdam.
    pub told_on: Option<Date>,
    /// Which weighty public interest forbids to tell it.
    pub not_told_because: Option<ShortText>,
}

impl ForcedProcessing {
    /// That it says whether the institution was told beforehand, or why not; seen on the day `today` in Amsterdam.
    ///
    /// # Errors
    /// For `told_on` `in-the-future`; for `not_told_because` `reason-required` when the institution was not told, and
    /// `was-told` when it was.
    pub fn check(&self, today: Date) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        match (self.told_on, &self.not_told_because) {
            (Some(told_on), _) if told_on > today => {
                refusals.refuse("told_on", Refusal::new("in-the-future", "must not be after today"));
            }
            (Some(_), Some(_)) => {
                let detail = "must be null: the institution was told";
                refusals.refuse("not_told_because", Refusal::new("was-told", detail));
            }
            (None, None) => {
                let detail = "the institution is told beforehand, unless the law forbids it for a weighty public interest";
                refusals.refuse("not_told_because", Refusal::new("reason-required", detail));
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        refusals.or(())
    }

    /// Whether the institution sees it: not as long as the law forbids to tell it.
    pub const fn is_visible(&self) -> bool {
        self.told_on.is_some()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn forced(told_on: Option<Date>, because: Option<&str>) -> ForcedProcessing {
        ForcedProcessing {
            provision: ShortText::parse("Wetboek van Strafvordering, artikel 126nd.").unwrap(),
            what: FreeText::parse("Gegevens van een gebruiker.").unwrap(),
            told_on,
            not_told_because: because.map(|text| ShortText::parse(text).unwrap()),
        }
    }

    #[test]
    fn c039_the_institution_is_told_beforehand_or_it_is_said_why_not() {
        let today = date(2026, 11, 21);
        let code = |told, because| {
            let refused = forced(told, because).check(today).err().into_iter().flatten().next();
            refused.map(|(field, refusal)| (field, refusal.code))
        };
        assert_eq!(code(Some(today), None), None);
        assert_eq!(code(None, Some("Opsporing.")), None);
        assert_eq!(code(None, None), Some(("not_told_because".to_owned(), "reason-required")));
        assert_eq!(code(Some(today), Some("x")), Some(("not_told_because".to_owned(), "was-told")));
        assert_eq!(code(Some(date(2026, 11, 22)), None), Some(("told_on".to_owned(), "in-the-future")));
    }

    #[test]
    fn c039_what_may_not_be_told_is_not_seen() {
        assert!(forced(Some(date(2026, 11, 21)), None).is_visible());
        assert!(!forced(None, Some("Opsporing.")).is_visible());
    }
}

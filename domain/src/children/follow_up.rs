//! What is planned for a line of a registration that needs extra attention, and the day on which somebody looks again (C025).
//!
//! It stands beside a registration, whose versions never change once they are final (C070): it is planned with it or later,
//! and finished when somebody has looked.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::children::framework::LineCode;
use crate::children::registration::Judgements;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::bounded_text;

bounded_text! {
    /// What is planned for a child, or what came of it, in lines. Special-category data always: encrypted and never logged.
    FollowUpText(2_000, Allowed)
}

/// How many follow-ups one registration has at most.
pub const MOST_FOLLOW_UPS: usize = 100;

/// How far ahead somebody looks again, in calendar years.
const YEARS_AHEAD: i32 = 2;

/// What is planned for one line.
#[derive(Clone, PartialEq, Eq)]
pub struct FollowUpFields {
    /// The development line.
    pub line: LineCode,
    /// What is planned.
    pub plan: FollowUpText,
    /// The day on which somebody looks again, in Europe/Amsterdam.
    pub follow_up_on: Date,
}

impl FollowUpFields {
    /// Checks a new one against the registration that it stands beside: the day that the child was looked at, in Amsterdam, and
    /// what is judged.
    ///
    /// # Errors
    /// For `line` `no-attention`; for `follow_up_on` what [`check_day`] refuses.
    pub fn check(&self, registered_on: Date, judgements: &Judgements) -> Result<(), FieldRefusals> {
        let mut refused = FieldRefusals::new();
        if !judgements.lines.get(&self.line).is_some_and(|judged| judged.attention) {
            let detail = "the registration asks no extra attention for that line: judge that first";
            refused.refuse("line", Refusal::new("no-attention", detail));
        }
        refused.check("follow_up_on", check_day(self.follow_up_on, registered_on));
        refused.or(())
    }
}

/// That somebody can look again on the day `on` at what was seen on the day `registered_on`, both in Amsterdam.
///
/// # Errors
/// `before-registration`; `too-far-ahead` when it is more than two years later.
pub fn check_day(on: Date, registered_on: Date) -> Result<(), Refusal> {
    if on < registered_on {
        let detail = "must be the day of the registration or a later one";
        return Err(Refusal::new("before-registration", detail));
    }
    if on > registered_on.saturating_add(YEARS_AHEAD.years()) {
        let detail = format!("must be at most {YEARS_AHEAD} years after the day of the registration");
        return Err(Refusal::new("too-far-ahead", detail));
    }
    Ok(())
}

/// That one is not finished yet: what came of it is said once.
///
/// # Errors
/// `already-finished`.
pub fn check_open(is_finished: bool) -> Result<(), Refusal> {
    if is_finished {
        return Err(Refusal::new("already-finished", "it is finished, and never changed again"));
    }
    Ok(())
}

/// That one more can stand beside a registration that has so many.
///
/// # Errors
/// `too-many`.
pub fn check_room(follow_ups: usize) -> Result<(), Refusal> {
    if follow_ups < MOST_FOLLOW_UPS {
        return Ok(());
    }
    Err(Refusal::new("too-many", format!("a registration has at most {MOST_FOLLOW_UPS} follow-ups")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const REGISTERED: Date = date(2026, 11, 20);

    fn refused(line: &str, day: Date) -> Vec<(String, &'static str)> {
        let judged = json!({"lines": {"play": {"attention": true}, "drawing": {"phaseFromMonth": 48, "completeness": "begun"}}});
        let judgements: Judgements = serde_json::from_value(judged).unwrap();
        let fields = FollowUpFields {
            line: LineCode::parse(line).unwrap(),
            plan: FollowUpText::parse("Samen spelen.").unwrap(),
            follow_up_on: day,
        };
        let refused = fields.check(REGISTERED, &judgements).err().into_iter().flatten();
        refused.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c025_what_needs_attention_is_followed_up_within_two_years() {
        assert_eq!(refused("play", REGISTERED), []);
        assert_eq!(refused("play", date(2028, 11, 20)), []);
        for (line, day, expected) in [
            ("play", date(2026, 11, 19), vec![("follow_up_on", "before-registration")]),
            ("play", date(2028, 11, 21), vec![("follow_up_on", "too-far-ahead")]),
            ("drawing", REGISTERED, vec![("line", "no-attention")]),
            ("singing", Date::MAX, vec![("line", "no-attention"), ("follow_up_on", "too-far-ahead")]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(field, code)| (field.to_owned(), code)).collect();
            assert_eq!(refused(line, day), expected, "{line} {day}");
        }
    }

    #[test]
    fn what_is_finished_stays_as_it_is_and_a_registration_has_so_many() {
        assert_eq!(check_open(false), Ok(()));
        assert_eq!(check_open(true).unwrap_err().code, "already-finished");
        assert_eq!(check_room(MOST_FOLLOW_UPS - 1), Ok(()));
        assert_eq!(check_room(MOST_FOLLOW_UPS).unwrap_err().code, "too-many");
    }
}

//! Registrations: what a professional judges a child to have reached at one moment (C025).
//!
//! A registration begins as a draft that is saved step by step (C071) and becomes final when its maker says
//! so. Only people change it (C070): nothing here derives one judgement from another.

mod judgements;
mod line_judgements;
mod patch;
mod readiness;

use jiff::civil::Date;

pub use judgements::{Completeness, Judgements, LineJudgement, MilestoneState};
pub use line_judgements::LineJudgements;
pub use patch::{JudgementPatch, LinePatch, MapPatch};
pub use readiness::{EvidencePeriod, LineReadiness, Readiness, readiness};

use crate::children::framework::FrameworkIndex;
use crate::children::note::check_observed_on;
use crate::children::placement::{Placement, group_on};
use crate::children::pupil::{Birth, check_age};
use crate::values::calendar::age_in_months;
use crate::values::ids::{GroupId, RegistrationId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

code_list! {
    /// How far a registration is.
    pub enum RegistrationState {
        /// Being filled in; counts nowhere yet.
        Draft = "draft",
        /// Complete according to its maker; counts in overviews.
        Final = "final",
    }
}

/// Whether a draft with these judgements can become final.
///
/// # Errors
/// `no-judgements` while nothing is judged: such a registration would make the child count as registered in
/// this half-year (C027) although nobody looked.
pub fn may_finalise(judgements: &Judgements) -> Result<(), Refusal> {
    if judgements.judge_something() {
        return Ok(());
    }
    Err(Refusal::new("no-judgements", "a registration becomes final only with at least one judgement in it"))
}

/// That a registration can become final beside `other`, a final one of the same child and half-year, if there is one. Whoever
/// means it says so.
///
/// # Errors
/// `second-in-half-year`, with the other one.
pub fn may_be_second(other: Option<RegistrationId>, is_meant: bool) -> Result<(), Refusal> {
    match other.filter(|_| !is_meant) {
        None => Ok(()),
        Some(other) => {
            let detail = "the child has a final registration in this half-year already; say that it is meant, or correct that one";
            Err(Refusal::new("second-in-half-year", detail).because_of(other))
        }
    }
}

/// That there is an open draft to save, finalise or discard, given its number.
///
/// # Errors
/// `registration-final` when there is none: a final version never changes (C070).
pub fn require_draft(draft: Option<i32>) -> Result<(), Refusal> {
    if draft.is_some() {
        return Ok(());
    }
    Err(Refusal::new("registration-final", "a final registration changes only by a new version"))
}

/// That a correction can begin, given the number of the open draft.
///
/// # Errors
/// `draft-open` when there is one: it can still change.
pub fn may_correct(draft: Option<i32>) -> Result<(), Refusal> {
    if draft.is_none() {
        return Ok(());
    }
    Err(draft_open())
}

/// That a registration can be withdrawn, given the numbers of its open draft and of its latest final version.
///
/// # Errors
/// `never-final` when it was not final yet: it is discarded. `draft-open` while it is being corrected.
pub fn may_withdraw(draft: Option<i32>, finalised: Option<i32>) -> Result<(), Refusal> {
    if finalised.is_none() {
        return Err(Refusal::new("never-final", "a registration that was never final is discarded"));
    }
    may_correct(draft)
}

/// The refusal of what cannot be done while there is an open draft.
pub fn draft_open() -> Refusal {
    Refusal::new("draft-open", "the registration has an open draft, which can still change")
}

/// What a registration is held against besides the judgements themselves.
pub struct Grounds<'a> {
    /// The day of birth of the child.
    pub birth: Date,
    /// The child's placements, the first one first.
    pub placements: &'a [Placement],
    /// The published framework that it is judged by, or else the reason why there is none.
    pub framework: Result<&'a FrameworkIndex, Refusal>,
    /// The present day in Europe/Amsterdam.
    pub today: Date,
}

/// The child's age in completed months and its group on the day `on`, for a registration with these judgements.
///
/// # Errors
/// Everything that is wrong: for `framework_id` the reason why there is none; below `judgements` what the framework
/// does not allow; for `registered_on` what [`age_at_registration`] refuses, and `not-in-a-group` when the child was
/// in no group then.
pub fn begin(
    on: Date,
    judgements: &Judgements,
    grounds: Grounds<'_>,
) -> Result<(u16, GroupId), FieldRefusals> {
    let mut refused = FieldRefusals::new();
    match grounds.framework {
        Err(refusal) => refused.refuse("framework_id", refusal),
        Ok(framework) => refused.extend(check_judgements(judgements, framework)),
    }
    let age = age_at_registration(grounds.birth, on, grounds.today);
    let group = group_on(grounds.placements, on)
        .ok_or_else(|| Refusal::new("not-in-a-group", "the child was not in a group on that day"));
    match (age, group) {
        (Ok(age), Ok(group)) => refused.or((age, group)),
        (age, group) => {
            refused.check("registered_on", age);
            refused.check("registered_on", group);
            Err(refused)
        }
    }
}

/// Checks the judgements of a registration against the framework that it is made with.
///
/// # Errors
/// Everything that is wrong, below `judgements`.
pub fn check_judgements(judgements: &Judgements, framework: &FrameworkIndex) -> Result<(), FieldRefusals> {
    judgements.check(framework).map_err(|refused| refused.inside("judgements"))
}

/// The child's age in completed months on the day it is registered (C026).
///
/// # Errors
/// `in-the-future` when that day is after `today`, `before-birth` when it is before the birth, `too-old` when
/// the child was 8 years or older.
pub fn age_at_registration(birth: Date, on: Date, today: Date) -> Result<u16, Refusal> {
    check_observed_on(on, birth, today)?;
    check_age(birth, on)
}

/// The child's age in completed months on the day it was registered, by the date of birth that is known now; `then` is what
/// it was by the one that was known then, and holds where there is no other.
pub fn age_shown(birth: Option<Birth>, registered_on: Date, then: u16) -> u16 {
    birth.and_then(|birth| age_in_months(birth.date, registered_on)).unwrap_or(then)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    #[test]
    fn something_has_to_be_judged() {
        let judged =
            |json| may_finalise(&serde_json::from_value(json).unwrap()).map_err(|refusal| refusal.code);

        assert_eq!(judged(json!({})), Err("no-judgements"));
        assert_eq!(judged(json!({"lines": {"gross-motor": {"attention": false}}})), Err("no-judgements"));
        assert_eq!(
            judged(json!({"milestones": {"gross-motor.6-12.1": "not-observed"}})),
            Err("no-judgements")
        );

        assert_eq!(judged(json!({"scales": {"well-being": 3}})), Ok(()));
        assert_eq!(judged(json!({"lines": {"gross-motor": {"attention": true}}})), Ok(()));
        assert_eq!(judged(json!({"milestones": {"gross-motor.6-12.1": "not-yet"}})), Ok(()));
    }

    #[test]
    fn only_what_is_final_and_not_being_corrected_is_withdrawn() {
        assert_eq!(may_withdraw(None, Some(2)), Ok(()));
        assert_eq!(may_withdraw(Some(1), None).unwrap_err().code, "never-final");
        assert_eq!(may_withdraw(Some(2), Some(1)).unwrap_err().code, "draft-open");
    }

    #[test]
    fn c027_a_second_registration_in_a_half_year_has_to_be_meant() {
        let other = RegistrationId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(may_be_second(None, false), Ok(()));
        assert_eq!(may_be_second(Some(other), true), Ok(()));
        let refused = may_be_second(Some(other), false).unwrap_err();
        assert_eq!((refused.code, refused.conflicts_with), ("second-in-half-year", Some(other.as_uuid())));
    }

    #[test]
    fn c026_the_age_follows_the_birth_date() {
        let on = date(2026, 11, 20);
        let born = |date| Some(Birth { date, weeks_premature: None });
        assert_eq!(age_shown(born(date(2022, 5, 4)), on, 40), 54);
        assert_eq!(age_shown(None, on, 40), 40);
        assert_eq!(age_shown(born(on.tomorrow().unwrap()), on, 40), 40);
    }

    #[test]
    fn c026_children_of_0_up_to_and_including_7_years_are_registered() {
        let birth = date(2018, 11, 21);
        let today = date(2026, 11, 21);
        let age = |on| age_at_registration(birth, on, today).map_err(|refusal| refusal.code);

        assert_eq!(age(date(2018, 11, 20)), Err("before-birth"));
        assert_eq!(age(birth), Ok(0));
        assert_eq!(age(date(2022, 12, 20)), Ok(48));
        assert_eq!(age(date(2026, 11, 20)), Ok(95));
        assert_eq!(age(today), Err("too-old"));
        assert_eq!(age(date(2026, 11, 22)), Err("in-the-future"));
    }
}

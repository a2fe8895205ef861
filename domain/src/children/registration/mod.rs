//! Registrations: what a professional judges a child to have reached at one moment (C025).
//!
//! A registration begins as a draft that is saved step by step (C071) and becomes final when its maker says
//! so. Only people change it (C070): nothing here derives one judgement from another.

mod judgements;
mod line_judgements;
mod patch;

use jiff::civil::Date;

pub use judgements::{Completeness, Judgements, LineJudgement, MilestoneState};
pub use line_judgements::LineJudgements;
pub use patch::{JudgementPatch, LinePatch, MapPatch};

use crate::children::note::check_observed_on;
use crate::children::pupil::check_age;
use crate::values::refusal::Refusal;
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

/// The child's age in completed months on the day it is registered (C026).
///
/// # Errors
/// `in-the-future` when that day is after `today`, `before-birth` when it is before the birth, `too-old` when
/// the child was 8 years or older.
pub fn age_at_registration(birth: Date, on: Date, today: Date) -> Result<u16, Refusal> {
    check_observed_on(on, birth, today)?;
    check_age(birth, on)
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

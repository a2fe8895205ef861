//! How an institution whose last administrator is gone, or lost her second factor, gets one who can log in (C006, C007).
//!
//! The licence holder asks. The processor's support checks who she is, a second member of staff approves, and both she and
//! the administrators who are known are told. A day later it is carried out, unless anybody stopped it.

use jiff::{SignedDuration, Timestamp};

use crate::values::ids::UserId;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How long it waits after it was approved, so that it can be stopped.
pub const WAITING_TIME: SignedDuration = SignedDuration::from_hours(24);

code_list! {
    /// What the licence holder asks for.
    pub enum RecoveryKind {
        /// Another administrator: the last one is gone.
        NewAdministrator = "new-administrator",
        /// That the sole administrator, who lost her second factor, sets up another one.
        SecondFactor = "second-factor",
    }
}

code_list! {
    /// How far it is.
    pub enum RecoveryState {
        /// It was recorded that the licence holder asks.
        Asked = "asked",
        /// It was checked who she is.
        Checked = "checked",
        /// A second member of staff approved it: it waits.
        Waiting = "waiting",
        /// It was stopped.
        Stopped = "stopped",
        /// It was carried out.
        CarriedOut = "carried-out",
    }
}

/// Who did a step, and when, in UTC.
pub type Step = (UserId, Timestamp);

/// The steps that were taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecoverySteps {
    /// It was checked who asks.
    pub checked: Option<Step>,
    /// It was approved.
    pub approved: Option<Step>,
    /// It was stopped.
    pub stopped: Option<Step>,
    /// It was carried out.
    pub carried_out: Option<Step>,
}

impl RecoverySteps {
    /// How far it is.
    pub const fn state(&self) -> RecoveryState {
        match (self.stopped, self.carried_out, self.approved, self.checked) {
            (Some(_), ..) => RecoveryState::Stopped,
            (_, Some(_), ..) => RecoveryState::CarriedOut,
            (_, _, Some(_), _) => RecoveryState::Waiting,
            (_, _, _, Some(_)) => RecoveryState::Checked,
            _ => RecoveryState::Asked,
        }
    }

    /// Whether it goes on.
    pub const fn is_open(&self) -> bool {
        !matches!(self.state(), RecoveryState::Stopped | RecoveryState::CarriedOut)
    }

    /// From when it can be carried out, in UTC, once it was approved.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.approved.map(|(_, at)| at.checked_add(WAITING_TIME).unwrap_or(Timestamp::MAX))
    }

    /// That it can be checked now who asks.
    ///
    /// # Errors
    /// `not-the-next-step`.
    pub fn check_checking(&self) -> Result<(), Refusal> {
        self.require(RecoveryState::Asked)
    }

    /// That `by` can approve it now: somebody else than who checked who asks.
    ///
    /// # Errors
    /// `not-the-next-step`; `second-person-needed`.
    pub fn check_approval(&self, by: UserId) -> Result<(), Refusal> {
        self.require(RecoveryState::Checked)?;
        if self.checked.is_some_and(|(checker, _)| checker == by) {
            let detail = "Somebody else than who checked the identity has to approve this.";
            return Err(Refusal::new("second-person-needed", detail));
        }
        Ok(())
    }

    /// That it can be stopped.
    ///
    /// # Errors
    /// `not-the-next-step` once it was stopped or carried out.
    pub fn check_stop(&self) -> Result<(), Refusal> {
        if self.is_open() { Ok(()) } else { Err(not_next()) }
    }

    /// That it can be carried out at the moment `now`.
    ///
    /// # Errors
    /// `not-the-next-step`; `too-early` before the waiting time is over.
    pub fn check_carrying_out(&self, now: Timestamp) -> Result<(), Refusal> {
        self.require(RecoveryState::Waiting)?;
        if self.due_at().is_some_and(|due| now < due) {
            return Err(Refusal::new("too-early", "This waits for a day after it was approved."));
        }
        Ok(())
    }

    fn require(&self, state: RecoveryState) -> Result<(), Refusal> {
        if self.state() == state { Ok(()) } else { Err(not_next()) }
    }
}

fn not_next() -> Refusal {
    Refusal::new("not-the-next-step", "This is not the next step: read again how far it is.")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn somebody(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c006_the_steps_follow_each_other() {
        let step = Some((somebody(1), at("2026-11-21T09:00:00Z")));
        let asked = RecoverySteps::default();
        let checked = RecoverySteps { checked: step, ..asked };
        let waiting = RecoverySteps { approved: Some((somebody(2), at("2026-11-21T10:00:00Z"))), ..checked };
        let done = RecoverySteps { carried_out: step, ..waiting };
        let stopped = RecoverySteps { stopped: step, ..waiting };
        let all = [asked, checked, waiting, stopped, done];
        assert_eq!(all.map(|steps| steps.state()), RecoveryState::ALL);
        let late = at("2027-01-01T00:00:00Z");
        for steps in all {
            let state = steps.state();
            assert_eq!(steps.check_checking().is_ok(), state == RecoveryState::Asked, "{state:?}");
            assert_eq!(
                steps.check_approval(somebody(2)).is_ok(),
                state == RecoveryState::Checked,
                "{state:?}"
            );
            assert_eq!(steps.check_carrying_out(late).is_ok(), state == RecoveryState::Waiting, "{state:?}");
            assert_eq!(steps.check_stop().is_ok(), steps.is_open(), "{state:?}");
        }
    }

    #[test]
    fn c006_two_persons_are_needed() {
        let checked = RecoverySteps {
            checked: Some((somebody(1), at("2026-11-21T09:00:00Z"))),
            ..RecoverySteps::default()
        };
        assert_eq!(checked.check_approval(somebody(1)).unwrap_err().code, "second-person-needed");
        assert_eq!(checked.check_approval(somebody(2)), Ok(()));
    }

    #[test]
    fn c006_it_waits_a_day_also_when_the_clock_goes_forward() {
        let step = Some((somebody(1), at("2027-03-27T12:00:00Z")));
        let waiting = RecoverySteps { checked: step, approved: step, ..RecoverySteps::default() };
        let refused = waiting.check_carrying_out(at("2027-03-28T11:59:59Z"));
        assert_eq!(refused.unwrap_err().code, "too-early");
        assert_eq!(waiting.check_carrying_out(at("2027-03-28T12:00:00Z")), Ok(()));
    }
}

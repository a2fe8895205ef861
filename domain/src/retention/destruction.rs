//! Destructions: begun by a rule, or asked for by administrators and stopped by anybody at the institution.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::values::calendar::{amsterdam_date, days_later};
use crate::values::ids::{PupilId, UserId};
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// How many calendar days a request of one administrator waits, in which anybody at the institution can stop it.
pub const COOLING_OFF_DAYS: i32 = 7;

/// The most children that one request names.
pub const MOST_PUPILS: usize = 100;

code_list! {
    /// How far a destruction is.
    pub enum DestructionState {
        /// Another administrator has to approve it.
        Proposed = "proposed",
        /// One administrator alone asked for it: it can be stopped until the days of cooling off are over.
        CoolingOff = "cooling-off",
        /// It has begun, and nothing brings back what it is about.
        Running = "running",
        /// Everything is destroyed, and there is a certificate.
        Done = "done",
        /// Somebody stopped it before it began.
        Stopped = "stopped",
    }
}

impl DestructionState {
    /// Whether it can still be stopped.
    pub const fn can_be_stopped(self) -> bool {
        matches!(self, Self::Proposed | Self::CoolingOff)
    }
}

/// How many calendar days a backup of the key store is kept at most.
pub const KEY_BACKUP_DAYS: i32 = 7;

/// The first day, in Amsterdam, on which no backup of the key store holds a key any more that was destroyed at this moment.
pub fn complete_on(destroyed_at: Timestamp) -> Date {
    amsterdam_date(destroyed_at).saturating_add((KEY_BACKUP_DAYS + 1).days())
}

/// When a destruction that one administrator asks for alone begins, in UTC: at the same time of day in Amsterdam.
pub fn begins_alone(requested_at: Timestamp) -> Timestamp {
    days_later(requested_at, COOLING_OFF_DAYS)
}

/// That a request can name these children.
///
/// # Errors
/// `empty`, `too-many-pupils`, `repeated`.
pub fn check_pupils(pupils: &[PupilId]) -> Result<(), Refusal> {
    let distinct: BTreeSet<_> = pupils.iter().collect();
    if pupils.is_empty() {
        Err(Refusal::new("empty", "must name at least one child"))
    } else if pupils.len() > MOST_PUPILS {
        Err(Refusal::new("too-many-pupils", format!("must name at most {MOST_PUPILS} children")))
    } else if distinct.len() < pupils.len() {
        Err(Refusal::new("repeated", "must not name a child twice"))
    } else {
        Ok(())
    }
}

/// That `approver` may approve what `requested_by` asked for in that state.
///
/// # Errors
/// `second-person` for one's own request; `not-proposed` when it does not wait for approval.
pub fn check_approval(
    state: DestructionState,
    requested_by: Option<UserId>,
    approver: UserId,
) -> Result<(), Refusal> {
    if requested_by == Some(approver) {
        let detail = "another administrator than the one who asked for it has to approve a destruction";
        return Err(Refusal::new("second-person", detail));
    }
    if state == DestructionState::Proposed {
        return Ok(());
    }
    Err(Refusal::new("not-proposed", "the destruction does not wait for an approval"))
}

/// That a destruction in this state can be stopped.
///
/// # Errors
/// `begun` when it cannot any more.
pub fn check_stop(state: DestructionState) -> Result<(), Refusal> {
    if state.can_be_stopped() {
        return Ok(());
    }
    Err(Refusal::new("begun", "the destruction has begun or is over; it cannot be stopped any more"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nobody_approves_alone() {
        let user = |number| UserId::from_uuid(Uuid::from_u128(number));
        let proposed = DestructionState::Proposed;
        assert_eq!(check_approval(proposed, Some(user(1)), user(2)), Ok(()));
        assert_eq!(check_approval(proposed, Some(user(1)), user(1)).unwrap_err().code, "second-person");
        for state in DestructionState::ALL.into_iter().filter(|state| *state != proposed) {
            assert_eq!(check_approval(state, Some(user(1)), user(2)).unwrap_err().code, "not-proposed");
        }
    }

    #[test]
    fn what_has_begun_is_not_stopped() {
        let stoppable = DestructionState::ALL.into_iter().filter(|state| check_stop(*state).is_ok());
        assert_eq!(stoppable.collect::<Vec<_>>(), [DestructionState::Proposed, DestructionState::CoolingOff]);
    }

    #[test]
    fn the_last_backup_with_a_key_is_gone_after_a_week() {
        let destroyed_at = "2026-11-21T23:30:00Z".parse().unwrap();
        assert_eq!(complete_on(destroyed_at), jiff::civil::date(2026, 11, 30));
    }

    #[test]
    fn cooling_off_lasts_seven_days_of_the_clock_in_amsterdam() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(begins_alone(at("2026-11-21T10:00:00Z")), at("2026-11-28T10:00:00Z"));
        assert_eq!(begins_alone(at("2027-03-25T10:00:00Z")), at("2027-04-01T09:00:00Z"));
        assert_eq!(begins_alone(at("2026-10-20T10:00:00Z")), at("2026-10-27T11:00:00Z"));
    }
}

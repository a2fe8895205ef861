//! Couplings: which adviser works for which institution, and for how long (C099–C101).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::access::session::AccountState;
use crate::access::{ProcessorFunction, Role};
use crate::values::calendar::{amsterdam_date, end_of_day};
use crate::values::refusal::Refusal;

/// How far ahead a coupling may end, in calendar years.
const LONGEST_COUPLING_YEARS: i8 = 1;

/// That an adviser works for an institution from one day up to and including another, in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coupling {
    /// The first day.
    pub starts_on: Date,
    /// The last day.
    pub ends_on: Date,
    /// Whether it was ended before that.
    pub decoupled: bool,
}

impl Coupling {
    /// Whether it holds at the moment `now`. It ends by the clock, whether or not anybody ends it (C101).
    pub fn holds(&self, now: Timestamp) -> bool {
        let today = amsterdam_date(now);
        !self.decoupled && self.starts_on <= today && today <= self.ends_on
    }

    /// When it ends by itself, in UTC.
    pub fn ends_at(&self) -> Timestamp {
        end_of_day(self.ends_on)
    }
}

/// Whether somebody with this role, whose account stands like this, can be coupled: an adviser who can log in.
pub fn can_be_coupled(role: Role, state: AccountState) -> bool {
    role == Role::Processor(ProcessorFunction::Adviser) && state == AccountState::Active
}

/// That an adviser may be coupled for this period, as seen on the day `today` in Amsterdam: a year at most.
///
/// # Errors
/// For the last day: `before-start`, `expiry-past`, `expiry-too-far`.
pub fn check_period(starts_on: Date, ends_on: Date, today: Date) -> Result<(), Refusal> {
    if ends_on < starts_on {
        return Err(Refusal::new("before-start", "must not be before the first day"));
    }
    if ends_on < today {
        return Err(Refusal::new("expiry-past", "must not be before today"));
    }
    if ends_on > starts_on.max(today).saturating_add(LONGEST_COUPLING_YEARS.years()) {
        return Err(Refusal::new("expiry-too-far", "an adviser is coupled for a year at most"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c101_a_coupling_ends_with_its_last_day_in_amsterdam() {
        let coupling =
            Coupling { starts_on: date(2026, 11, 22), ends_on: date(2026, 11, 23), decoupled: false };
        for (now, holds) in [
            ("2026-11-21T22:59:59Z", false),
            ("2026-11-21T23:00:00Z", true),
            ("2026-11-23T22:59:59Z", true),
            ("2026-11-23T23:00:00Z", false),
        ] {
            assert_eq!(coupling.holds(moment(now)), holds, "{now}");
            assert!(!Coupling { decoupled: true, ..coupling }.holds(moment(now)));
        }
        assert_eq!(coupling.ends_at(), moment("2026-11-23T23:00:00Z"));
    }

    #[test]
    fn c100_an_adviser_is_coupled_for_a_year_at_most() {
        let today = date(2026, 11, 21);
        let check =
            |starts_on, ends_on| check_period(starts_on, ends_on, today).map_err(|refusal| refusal.code);
        assert_eq!(check(today, date(2027, 11, 21)), Ok(()));
        assert_eq!(check(today, date(2027, 11, 22)), Err("expiry-too-far"));
        assert_eq!(check(today, date(2026, 11, 20)), Err("before-start"));
        assert_eq!(check(date(2026, 11, 1), date(2026, 11, 20)), Err("expiry-past"));
        assert_eq!(check(date(2020, 1, 1), date(2027, 11, 21)), Ok(()));
    }

    #[test]
    fn c099_only_advisers_who_can_log_in_are_coupled() {
        for role in Role::ALL {
            for state in AccountState::ALL {
                let wanted =
                    (role, state) == (Role::Processor(ProcessorFunction::Adviser), AccountState::Active);
                assert_eq!(can_be_coupled(role, state), wanted, "{role:?} {state:?}");
            }
        }
    }
}

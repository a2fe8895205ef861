//! The clock of a controller: how long it has to report a datalek to the authority (GDPR, article 33(1); C127).

use jiff::{SignedDuration, Timestamp};

/// The hours from knowing of a datalek to reporting it. They are hours that passed, whatever clocks on walls do.
pub const TERM: SignedDuration = SignedDuration::from_hours(72);

/// How the clock of an incident stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentClock {
    /// Until when the authority is to be notified, in UTC.
    pub deadline: Timestamp,
    /// When it stopped, in UTC: the authority was notified, or it was recorded that it is not.
    pub stopped_at: Option<Timestamp>,
    /// Whole seconds that are left; none when the deadline is over or the clock stopped.
    pub seconds_left: u64,
    /// Whether the deadline passed before the clock stopped.
    pub is_overdue: bool,
}

impl IncidentClock {
    /// The clock of who knew at the moment `known_at`, at the moment `now`.
    pub fn of(known_at: Timestamp, stopped_at: Option<Timestamp>, now: Timestamp) -> Self {
        let deadline = deadline(known_at);
        let left = if stopped_at.is_some() { 0 } else { deadline.duration_since(now).as_secs() };
        Self {
            deadline,
            stopped_at,
            seconds_left: u64::try_from(left).unwrap_or_default(),
            is_overdue: stopped_at.unwrap_or(now) > deadline,
        }
    }
}

/// Until when who knew at the moment `known_at` has to notify the authority.
pub fn deadline(known_at: Timestamp) -> Timestamp {
    known_at.checked_add(TERM).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::values::calendar::full_hour;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c127_the_hours_are_those_that_passed_over_both_changes_of_the_clock() {
        // Friday noon, with the night in between in which an hour is skipped: Monday at one, not at noon.
        let spring = full_hour(jiff::civil::date(2026, 3, 27), 12);
        assert_eq!(deadline(spring), full_hour(jiff::civil::date(2026, 3, 30), 13));
        // And the one in which an hour comes twice: Monday at eleven.
        let autumn = full_hour(jiff::civil::date(2026, 10, 23), 12);
        assert_eq!(deadline(autumn), full_hour(jiff::civil::date(2026, 10, 26), 11));
        let ordinary = full_hour(jiff::civil::date(2026, 11, 20), 12);
        assert_eq!(deadline(ordinary), full_hour(jiff::civil::date(2026, 11, 23), 12));
    }

    #[test]
    fn c127_what_is_left_runs_out_on_the_second() {
        let known = at("2026-11-21T09:00:00Z");
        let clock = |now| IncidentClock::of(known, None, at(now));
        assert_eq!(clock("2026-11-21T09:00:00Z").seconds_left, 72 * 3600);
        let last = clock("2026-11-24T08:59:59Z");
        assert_eq!((last.seconds_left, last.is_overdue), (1, false));
        let end = clock("2026-11-24T09:00:00Z");
        assert_eq!((end.seconds_left, end.is_overdue), (0, false));
        let over = clock("2026-11-24T09:00:01Z");
        assert_eq!((over.seconds_left, over.is_overdue), (0, true));
    }

    #[test]
    fn c127_a_clock_that_stopped_in_time_is_never_overdue() {
        let known = at("2026-11-21T09:00:00Z");
        let later = at("2027-11-21T09:00:00Z");
        let in_time = IncidentClock::of(known, Some(at("2026-11-24T09:00:00Z")), later);
        assert_eq!((in_time.seconds_left, in_time.is_overdue), (0, false));
        assert!(IncidentClock::of(known, Some(at("2026-11-24T09:00:01Z")), later).is_overdue);
    }

    #[test]
    fn the_end_of_time_does_no_harm() {
        assert_eq!(deadline(Timestamp::MAX), Timestamp::MAX);
        assert!(IncidentClock::of(Timestamp::MAX, None, Timestamp::MIN).seconds_left > 0);
    }

    proptest! {
        #[test]
        fn c127_the_clock_only_runs_down(known in 0i64..4_000_000_000, first in 0i64..1_000_000, more in 0i64..1_000_000) {
            let known = Timestamp::from_second(known).unwrap();
            let now = known + SignedDuration::from_secs(first);
            let later = now + SignedDuration::from_secs(more);
            let (one, other) = (IncidentClock::of(known, None, now), IncidentClock::of(known, None, later));
            prop_assert!(other.seconds_left <= one.seconds_left);
            prop_assert!(other.is_overdue >= one.is_overdue);
            prop_assert_eq!(one.is_overdue, first > TERM.as_secs());
        }
    }
}

//! How long backups are kept: those of the keys so short that what is destroyed is gone from them within days.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::values::calendar::{amsterdam_date, full_hour};

/// The days that a backup of the key store lives at most, whatever is set.
pub const KEY_DAYS_AT_MOST: u16 = 7;

/// Whether a backup that was made at `taken_at` has been kept for its `days`, of 24 hours each, at the moment `now`.
pub fn has_lapsed(taken_at: Timestamp, days: u16, now: Timestamp) -> bool {
    now.duration_since(taken_at) >= SignedDuration::from_hours(24 * i64::from(days))
}

/// The first day, in Amsterdam, on which no backup of the key store can hold a key any more that was destroyed at this
/// moment: the last one that may hold it was begun just before, and is taken away in the course of the day on which it
/// lapses.
pub fn last_key_backup_ends(destroyed_at: Timestamp) -> Date {
    let lapses = amsterdam_date(destroyed_at + SignedDuration::from_hours(24 * i64::from(KEY_DAYS_AT_MOST)));
    lapses.checked_add(1.day()).unwrap_or(Date::MAX)
}

/// Whether a backup is to be made at the moment `now`, every night at this full hour in Amsterdam, when the last good one
/// was made at `last`. The first one is made at once.
pub fn is_due(last: Option<Timestamp>, hour: i8, now: Timestamp) -> bool {
    let today = amsterdam_date(now);
    let tonight = full_hour(today, hour);
    let scheduled =
        if tonight <= now { tonight } else { full_hour(today.yesterday().unwrap_or(today), hour) };
    last.is_none_or(|last| last < scheduled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_backup_lapses_after_its_days_to_the_second() {
        let taken = at("2026-11-20T01:00:00Z");
        assert!(!has_lapsed(taken, 7, at("2026-11-27T00:59:59Z")));
        assert!(has_lapsed(taken, 7, at("2026-11-27T01:00:00Z")));
        assert!(!has_lapsed(taken, 30, at("2026-11-27T01:00:00Z")));
        // A clock that was set back keeps a backup longer, never shorter.
        assert!(!has_lapsed(taken, 7, at("2026-11-19T01:00:00Z")));
    }

    #[test]
    fn a_backup_is_due_once_a_night_also_when_the_clock_changes() {
        assert!(is_due(None, 2, at("2026-11-20T12:00:00Z")));
        for (last, now, due) in [
            ("2026-11-20T01:00:00Z", "2026-11-21T00:59:59Z", false),
            ("2026-11-20T01:00:00Z", "2026-11-21T01:00:00Z", true),
            ("2026-11-21T01:00:01Z", "2026-11-21T23:59:59Z", false),
            ("2026-11-18T01:00:00Z", "2026-11-21T00:00:00Z", true),
            // In March the clock skips two o'clock, in October it shows it twice.
            ("2027-03-27T01:00:00Z", "2027-03-28T00:59:59Z", false),
            ("2027-03-27T01:00:00Z", "2027-03-28T01:00:00Z", true),
            ("2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z", true),
            ("2026-10-25T00:00:01Z", "2026-10-25T01:30:00Z", false),
        ] {
            assert_eq!(is_due(Some(at(last)), 2, at(now)), due, "{last} {now}");
        }
    }

    /// What is said to be complete on a day is so, whatever the hour, the clock's change or the leap day.
    #[test]
    fn the_day_on_which_the_keys_are_gone_is_after_the_last_backup_lapsed() {
        for (destroyed, gone) in [
            ("2026-11-20T09:00:00Z", "2026-11-28"),
            ("2026-11-20T23:30:00Z", "2026-11-29"),
            ("2026-10-24T22:30:00Z", "2026-11-01"),
            ("2026-03-22T22:30:00Z", "2026-03-31"),
            ("2028-02-22T12:00:00Z", "2028-03-01"),
        ] {
            let destroyed = at(destroyed);
            let day = last_key_backup_ends(destroyed);
            assert_eq!(day.to_string(), gone, "{destroyed}");
            let begins = crate::values::calendar::end_of_day(day.yesterday().unwrap());
            assert!(has_lapsed(destroyed, KEY_DAYS_AT_MOST, begins));
        }
    }
}

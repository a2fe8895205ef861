//! How long backups are kept: those of the keys so short that what is destroyed is gone from them within days.

use jiff::Timestamp;

use crate::values::calendar::{amsterdam_date, days_later, full_hour};

/// Whether a backup that was made at `taken_at` has been kept for its `days` of the calendar at the moment `now`.
///
/// No backup of the keys is kept longer than [`KEY_BACKUP_DAYS`](crate::retention::destruction::KEY_BACKUP_DAYS), so that on
/// the day on which a destruction is [complete](crate::retention::destruction::complete_on) none holds its keys.
pub fn has_lapsed(taken_at: Timestamp, days: i32, now: Timestamp) -> bool {
    now >= days_later(taken_at, days)
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
    use crate::retention::destruction::{KEY_BACKUP_DAYS, complete_on};
    use crate::values::calendar::end_of_day;

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

    /// What is certified to be complete on a day is so, whatever the hour, the clock's change or the leap day.
    #[test]
    fn on_the_day_of_completion_no_backup_of_before_the_destruction_is_left() {
        for destroyed in [
            "2026-11-20T09:00:00Z",
            "2026-11-20T23:30:00Z",
            "2026-10-24T22:30:00Z",
            "2026-03-22T22:30:00Z",
            "2028-02-22T12:00:00Z",
        ] {
            let destroyed = at(destroyed);
            let begins = end_of_day(complete_on(destroyed).yesterday().unwrap());
            assert!(has_lapsed(destroyed, KEY_BACKUP_DAYS, begins), "{destroyed}");
        }
    }
}

//! What becomes of a password after it was set: how long it counts, and what is not taken again (C059, C060).
use std::ops::Range;

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::values::calendar::{amsterdam_date, months_later};
use crate::values::text::code_list;

/// How many of the last passwords, the present one among them, may not be chosen again.
pub const HISTORY: usize = 5;
/// How many calendar months a password can be used (C059).
pub const PASSWORD_MONTHS: i8 = 3;

code_list! {
    /// How long before its password expires a user is reminded.
    pub enum Reminder {
        /// 14 calendar days.
        FourteenDays = "14-days",
        /// 3 calendar days.
        ThreeDays = "3-days",
    }
}

impl Reminder {
    /// The number of calendar days before the day on which the password expires.
    pub const fn days(self) -> i8 {
        match self {
            Self::FourteenDays => 14,
            Self::ThreeDays => 3,
        }
    }
}

code_list! {
    /// Whose passwords expire at an institution.
    pub enum PasswordExpiry {
        /// Everybody's (C059).
        Always = "always",
        /// Those of users without a second factor.
        UnlessSecondFactor = "unless-second-factor",
    }
}

/// The first moment, in UTC, at which a password that was set at `set_at` no longer counts: the same time of day
/// in Europe/Amsterdam three calendar months later (C059), on the last day of a month that is too short.
pub fn expires_at(set_at: Timestamp) -> Timestamp {
    months_later(set_at, PASSWORD_MONTHS)
}

/// Whether a password that was set at `set_at` no longer counts at the moment `now` (C059).
pub fn is_expired(set_at: Timestamp, now: Timestamp, rule: PasswordExpiry, has_second_factor: bool) -> bool {
    let exempt = rule == PasswordExpiry::UnlessSecondFactor && has_second_factor;
    !exempt && now >= expires_at(set_at)
}

/// The latest reminder that is due at the moment `now`, counted in calendar days in Europe/Amsterdam; `None` when
/// it is too early for one, and once the password has expired.
pub fn reminders_due(set_at: Timestamp, now: Timestamp) -> Option<Reminder> {
    let expires_at = expires_at(set_at);
    if now >= expires_at {
        return None;
    }
    let (today, last_day) = (amsterdam_date(now), amsterdam_date(expires_at));
    let is_due = |reminder: &Reminder| today >= last_day.saturating_sub(reminder.days().days());
    Reminder::ALL.into_iter().rfind(is_due)
}

/// Between which moments, both in UTC, a password was set of which a reminder may be due at the moment `now`: three
/// months are 89 days at least and 92 at most, and the first reminder comes 14 days before their end.
pub fn reminder_window(now: Timestamp) -> Range<Timestamp> {
    now - SignedDuration::from_hours(24 * 94)..now - SignedDuration::from_hours(24 * 70)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c059_a_password_counts_for_three_calendar_months() {
        for (set_at, expires) in [
            ("2026-11-22T12:00:00+01:00", "2027-02-22T12:00:00+01:00"),
            ("2026-11-30T12:00:00+01:00", "2027-02-28T12:00:00+01:00"),
            ("2027-11-30T12:00:00+01:00", "2028-02-29T12:00:00+01:00"),
            ("2026-08-31T12:00:00+02:00", "2026-11-30T12:00:00+01:00"),
            // Before midnight in Amsterdam it is still the 30th, whatever the day in UTC.
            ("2026-12-01T00:30:00+01:00", "2027-03-01T00:30:00+01:00"),
        ] {
            assert_eq!(expires_at(at(set_at)), at(expires), "{set_at}");
        }
    }

    #[test]
    fn c059_the_clock_in_amsterdam_decides_when_it_changes() {
        for (set_at, expires) in [
            ("2026-01-15T08:00:00+01:00", "2026-04-15T08:00:00+02:00"),
            ("2026-09-15T08:00:00+02:00", "2026-12-15T08:00:00+01:00"),
            // 02:30 does not exist on 29 March 2026 and is there twice on 25 October 2026.
            ("2025-12-29T02:30:00+01:00", "2026-03-29T03:30:00+02:00"),
            ("2026-07-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00"),
            ("2026-10-25T02:30:00+01:00", "2027-01-25T02:30:00+01:00"),
        ] {
            assert_eq!(expires_at(at(set_at)), at(expires), "{set_at}");
        }
    }

    #[test]
    fn c059_a_password_expires_to_the_microsecond() {
        let set_at = at("2026-11-22T12:00:00.123456+01:00");
        let expires = at("2027-02-22T12:00:00.123456+01:00");
        assert!(!is_expired(set_at, expires - MICROSECOND, PasswordExpiry::Always, false));
        assert!(is_expired(set_at, expires, PasswordExpiry::Always, false));
        assert!(is_expired(set_at, expires, PasswordExpiry::Always, true));
        assert!(is_expired(set_at, expires, PasswordExpiry::UnlessSecondFactor, false));
        assert!(!is_expired(set_at, expires, PasswordExpiry::UnlessSecondFactor, true));
    }

    #[test]
    fn reminders_come_fourteen_and_three_days_before() {
        let set_at = at("2026-11-22T12:00:00+01:00");
        let due = |now: &str| reminders_due(set_at, at(now));
        assert_eq!(due("2027-02-07T23:59:59.999999+01:00"), None);
        assert_eq!(due("2027-02-08T00:00:00+01:00"), Some(Reminder::FourteenDays));
        assert_eq!(due("2027-02-18T23:59:59.999999+01:00"), Some(Reminder::FourteenDays));
        assert_eq!(due("2027-02-19T00:00:00+01:00"), Some(Reminder::ThreeDays));
        assert_eq!(due("2027-02-22T11:59:59.999999+01:00"), Some(Reminder::ThreeDays));
        assert_eq!(due("2027-02-22T12:00:00+01:00"), None);
    }

    #[test]
    fn the_end_of_time_does_no_harm() {
        assert_eq!(expires_at(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(reminders_due(Timestamp::MAX, Timestamp::MAX), None);
    }

    proptest! {
        #[test]
        fn c059_three_months_are_89_to_92_days(second in 0i64..4_000_000_000) {
            let set_at = Timestamp::from_second(second).unwrap();
            let hours = expires_at(set_at).duration_since(set_at).as_hours();
            prop_assert!((89 * 24 - 1..=92 * 24 + 1).contains(&hours));
        }

        #[test]
        fn no_reminder_is_due_outside_the_window(second in 0i64..4_000_000_000, hours in 0i64..24 * 120) {
            let set_at = Timestamp::from_second(second).unwrap();
            let now = set_at + SignedDuration::from_hours(hours);
            prop_assert!(reminders_due(set_at, now).is_none() || reminder_window(now).contains(&set_at));
        }
    }
}

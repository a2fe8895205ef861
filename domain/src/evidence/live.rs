//! What can be counted at this moment of whether a clause is kept: for one institution, or for the service.
//!
//! A count says nothing of what is not counted. It stands beside the state of a clause and never changes it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::clause::ClauseId;
use crate::access::user::check_own_address;
use crate::audit::log_review::ReviewDuty;
use crate::values::calendar::amsterdam_date;
use crate::values::email::{EmailAddress, MailDomain};
use crate::values::text::code_list;

/// How many hours the last backup may be old: a night, the hour by which clocks change, and one to make it.
const BACKUP_HOURS: u32 = 26;

code_list! {
    /// What is counted.
    pub enum LiveCheckKind {
        /// Users whose address is not on a mail domain of the institution, or is on one that is free for everybody.
        ForeignAccounts = "accounts-on-foreign-domains",
        /// Children whose term is over, whom nothing holds, and whose destruction did not begin.
        BeyondTerm = "children-beyond-their-term",
        /// Holds whose day of review has passed.
        UnreviewedHolds = "holds-past-their-review",
        /// Subprocessors in use whose yearly check is overdue.
        UncheckedSubprocessors = "subprocessors-without-a-yearly-check",
        /// Accounts of the processor's staff that work without a statement of confidentiality.
        UnboundStaff = "staff-without-a-statement",
        /// Full hours since the last good backup.
        BackupAge = "hours-since-the-last-backup",
        /// Days since the oldest entry of the log that no review goes up to.
        UnreviewedLog = "days-since-the-oldest-unreviewed-log",
    }
}

impl LiveCheckKind {
    /// The clauses that it tells something of.
    const fn clauses(self) -> &'static [u8] {
        match self {
            Self::ForeignAccounts => &[54, 55],
            Self::BeyondTerm => &[105, 108],
            Self::UnreviewedHolds => &[109],
            Self::UncheckedSubprocessors => &[84, 136],
            Self::UnboundStaff => &[45],
            Self::BackupAge => &[75],
            Self::UnreviewedLog => &[90],
        }
    }

    /// Whether it tells something of a clause.
    pub fn is_about(self, clause: ClauseId) -> bool {
        self.clauses().contains(&clause.number())
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveCheck {
    /// What.
    pub kind: LiveCheckKind,
    /// How many; `None` when it cannot be told.
    pub figure: Option<u32>,
    /// How many it may be at most.
    pub norm: u32,
    /// When, in UTC.
    pub computed_at: Timestamp,
}

impl LiveCheck {
    /// What was counted at a moment.
    pub fn of(kind: LiveCheckKind, count: usize, computed_at: Timestamp) -> Self {
        Self { kind, figure: Some(u32::try_from(count).unwrap_or(u32::MAX)), norm: 0, computed_at }
    }

    /// How old the last good backup is at the moment `now`. Without one nobody can tell.
    pub fn of_backup(last: Option<Timestamp>, now: Timestamp) -> Self {
        let hours = last.map(|last| u32::try_from(now.duration_since(last).as_hours().max(0)));
        Self {
            kind: LiveCheckKind::BackupAge,
            figure: hours.map(|hours| hours.unwrap_or(u32::MAX)),
            norm: BACKUP_HOURS,
            computed_at: now,
        }
    }

    /// How many days ago the log was looked through that was looked through last, at the moment `now`: up to the day
    /// `reviewed_until`, or else the day on which the institution began. It may be until the next review is due.
    pub fn of_log_review(reviewed_until: Date, duty: ReviewDuty, now: Timestamp) -> Self {
        Self {
            kind: LiveCheckKind::UnreviewedLog,
            figure: Some(days_between(reviewed_until, amsterdam_date(now))),
            norm: days_between(reviewed_until, duty.next_due_on),
            computed_at: now,
        }
    }

    /// Whether the norm is kept. What cannot be told is not kept.
    pub fn is_kept(&self) -> bool {
        self.figure.is_some_and(|figure| figure <= self.norm)
    }
}

/// How many days the day `until` is after `from`; none when it is before.
fn days_between(from: Date, until: Date) -> u32 {
    u32::try_from(until.duration_since(from).as_hours() / 24).unwrap_or(0)
}

/// How many of these addresses an account of an institution with these mail domains could not be made with today. One that
/// cannot be read is not shown to be the institution's, and counts.
pub fn foreign(domains: &[MailDomain], addresses: &[Option<EmailAddress>]) -> usize {
    let is_own = |address: &EmailAddress| check_own_address(domains, address).is_ok();
    addresses.iter().filter(|address| !address.as_ref().is_some_and(is_own)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::clauses;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_check_is_about_clauses_that_are_there() {
        for kind in LiveCheckKind::ALL {
            assert!(!kind.clauses().is_empty(), "{kind:?}");
            let found = |number: &u8| clauses::find(ClauseId::from_number(*number)).is_some();
            assert!(kind.clauses().iter().all(found), "{kind:?}");
        }
    }

    #[test]
    fn a_backup_is_as_old_as_its_full_hours_and_none_is_too_old() {
        let now = at("2026-11-21T04:00:00Z");
        for (last, hours, is_kept) in [
            (Some("2026-11-21T03:00:01Z"), Some(0), true),
            (Some("2026-11-20T01:00:01Z"), Some(26), true),
            (Some("2026-11-20T01:00:00Z"), Some(27), false),
            // A clock that was set back makes no backup older.
            (Some("2026-11-21T05:00:00Z"), Some(0), true),
            (None, None, false),
        ] {
            let check = LiveCheck::of_backup(last.map(at), now);
            assert_eq!((check.figure, check.is_kept()), (hours, is_kept), "{last:?}");
        }
    }

    #[test]
    fn one_too_many_is_not_kept() {
        let check = |count| LiveCheck::of(LiveCheckKind::UnboundStaff, count, at("2026-11-21T04:00:00Z"));
        assert!(check(0).is_kept());
        assert!(!check(1).is_kept());
    }

    #[test]
    fn c090_a_log_may_go_without_a_review_until_the_next_one_is_due() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let duty = |due: &str, today: &str| ReviewDuty::new(Some(day(due)), day("2026-11-01"), 1, day(today));
        let check = |now: &str| {
            LiveCheck::of_log_review(day("2026-11-21"), duty("2026-12-21", "2026-11-21"), at(now))
        };
        let first = check("2026-11-21T22:59:00Z");
        assert_eq!((first.figure, first.norm, first.is_kept()), (Some(0), 30, true));
        // The days of Amsterdam count.
        assert_eq!(check("2026-11-21T23:00:00Z").figure, Some(1));
        assert!(check("2026-12-21T22:59:00Z").is_kept());
        let late = check("2026-12-21T23:00:00Z");
        assert_eq!((late.figure, late.is_kept()), (Some(31), false));
        // A clock that was set back.
        assert_eq!(check("2026-11-01T12:00:00Z").figure, Some(0));
    }

    #[test]
    fn c054_an_address_is_foreign_when_no_account_could_be_made_with_it() {
        let domains = ["school.example", "gmail.com"].map(|domain| MailDomain::parse(domain).unwrap());
        let addresses = ["a@school.example", "b@other.example", "c@gmail.com"];
        let mut addresses = addresses.map(|address| EmailAddress::parse(address).ok()).to_vec();
        assert_eq!(foreign(&domains, &addresses), 2);
        addresses.push(None);
        assert_eq!(foreign(&domains, &addresses), 3);
    }
}

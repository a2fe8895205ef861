//! Whose password is tried, how often somebody may try to log in, and what looks like an attack (C060,
//! C079).
//!
//! Three wrong passwords in a row block an account. That would let a stranger lock a school out, so before the
//! count come limits on failures: of one e-mail address, and of one network, of which nobody has many.
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::session::AccountState;
/// The wrong password in a row that blocks an account (C060).
pub const STRIKES: i32 = 3;
/// How long a failed login counts.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// How long a request to choose a new password counts.
const RESET_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// How many accounts are blocked within [`WINDOW`] before that looks like an attack.
pub const BLOCKS_THAT_ALERT: i64 = 5;

/// What is known of an account whose password is tried.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts {
    /// How the account stands.
    pub state: AccountState,
    /// Wrong passwords since the last right one, and those that are being checked at this moment.
    pub strikes: i32,
}

impl AccountFacts {
    /// Whether a password is still checked: not for an account that is blocked, or would be if every password that is
    /// being checked were wrong (C060). Where it then logs in is for the memberships to say
    /// ([`MembershipFacts::admits`](super::membership::MembershipFacts::admits)).
    pub fn can_be_tried(&self) -> bool {
        self.state == AccountState::Active && self.strikes < STRIKES
    }
}

/// Something that only so many logins may fail for, or only so many passwords may be forgotten for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// One e-mail address, whether or not there is such an account.
    Account,
    /// One IPv4 address or IPv6 /64: a whole school may be behind it.
    Address,
    /// The different e-mail addresses that fail from there.
    AccountsOfAddress,
    /// One IPv6 /48: all schools of a board may be in it.
    Site,
    /// The different e-mail addresses that fail from there.
    AccountsOfSite,
    /// Requests to choose a new password for one e-mail address, whether or not there is such an account.
    ResetsOfAccount,
    /// Such requests from one IPv4 address or IPv6 /64.
    ResetsOfAddress,
    /// Such requests from one IPv6 /48.
    ResetsOfSite,
}

impl Limit {
    /// How many failures, or requests, within [`Self::window`] are let through.
    pub const fn quota(self) -> u32 {
        match self {
            Self::Account => 10,
            Self::Address => 75,
            Self::AccountsOfAddress => 25,
            Self::Site => 300,
            Self::AccountsOfSite => 100,
            Self::ResetsOfAccount => 3,
            Self::ResetsOfAddress => 30,
            Self::ResetsOfSite => 120,
        }
    }

    /// Its name in the `RateLimit` header.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::AccountsOfAddress => "accounts-of-address",
            Self::Site => "site",
            Self::AccountsOfSite => "accounts-of-site",
            Self::ResetsOfAccount => "resets-of-account",
            Self::ResetsOfAddress => "resets-of-address",
            Self::ResetsOfSite => "resets-of-site",
        }
    }

    /// How long each counts.
    pub const fn window(self) -> SignedDuration {
        match self {
            Self::Account | Self::Address | Self::AccountsOfAddress | Self::Site | Self::AccountsOfSite => {
                WINDOW
            }
            Self::ResetsOfAccount | Self::ResetsOfAddress | Self::ResetsOfSite => RESET_WINDOW,
        }
    }

    /// Whether reaching it looks like an attack: somebody goes through accounts.
    pub const fn alerts(self) -> bool {
        matches!(self, Self::AccountsOfAddress | Self::AccountsOfSite)
    }
}

/// Failures, or requests, within the window before some moment, under one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// Under which limit.
    pub limit: Limit,
    /// How many.
    pub count: u32,
    /// When the oldest of them happened, in UTC; nothing for none.
    pub oldest: Option<Timestamp>,
}

/// How much of a limit is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// How many more failures are let through.
    pub remaining: u32,
    /// Seconds until the oldest failure no longer counts.
    pub reset_seconds: u64,
}

/// Too many failed, or were asked for, before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitReached {
    /// Which limit refuses.
    pub limit: Limit,
    /// In how many seconds it no longer does.
    pub retry_after: u64,
}

impl Failures {
    /// So many, of which the oldest happened then.
    pub fn counted(limit: Limit, (count, oldest): (i64, Option<Timestamp>)) -> Self {
        Self { limit, count: u32::try_from(count).unwrap_or(u32::MAX), oldest }
    }

    /// What is left of the limit at the moment `now`.
    pub fn allowance(&self, now: Timestamp) -> Allowance {
        let lapses = self
            .oldest
            .map_or(SignedDuration::ZERO, |oldest| oldest.duration_since(now) + self.limit.window());
        Allowance {
            remaining: self.limit.quota().saturating_sub(self.count),
            reset_seconds: lapses
                .as_millis()
                .max(0)
                .unsigned_abs()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX),
        }
    }
}

/// The limit that refuses now; of several the one that does so longest.
pub fn refused_by(failures: &[Failures], now: Timestamp) -> Option<LimitReached> {
    failures
        .iter()
        .map(|failures| (failures.limit, failures.allowance(now)))
        .filter(|(_, allowance)| allowance.remaining == 0)
        .map(|(limit, allowance)| LimitReached { limit, retry_after: allowance.reset_seconds.max(1) })
        .max_by_key(|reached| reached.retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c060_no_password_is_checked_for_an_account_that_is_blocked_or_about_to_be() {
        let open = AccountFacts { state: AccountState::Active, strikes: STRIKES - 1 };
        assert!(open.can_be_tried());
        for shut in [
            AccountFacts { strikes: STRIKES, ..open },
            AccountFacts { state: AccountState::Blocked, strikes: 0 },
            AccountFacts { state: AccountState::Invited, strikes: 0 },
        ] {
            assert!(!shut.can_be_tried(), "{shut:?}");
        }
    }

    fn failures(limit: Limit, count: u32, ago: i64, now: Timestamp) -> Failures {
        Failures { limit, count, oldest: Some(now - SignedDuration::from_secs(ago)) }
    }

    #[test]
    fn a_limit_refuses_when_nothing_is_left_and_until_the_oldest_failure_lapses() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let all_but_one = failures(Limit::Account, Limit::Account.quota() - 1, 60, now);
        assert_eq!(all_but_one.allowance(now), Allowance { remaining: 1, reset_seconds: 840 });
        assert_eq!(refused_by(&[all_but_one], now), None);
        let account = failures(Limit::Account, Limit::Account.quota(), 60, now);
        let address = failures(Limit::Address, Limit::Address.quota() + 5, 10, now);
        let reached = |limit, retry_after| Some(LimitReached { limit, retry_after });
        assert_eq!(refused_by(&[account], now), reached(Limit::Account, 840));
        assert_eq!(refused_by(&[account, address], now), reached(Limit::Address, 890));
        let resets = failures(Limit::ResetsOfAccount, 3, 60, now);
        assert_eq!(refused_by(&[resets], now), reached(Limit::ResetsOfAccount, 3540));
    }

    #[test]
    fn whoever_never_failed_has_the_whole_limit() {
        let none = Failures { limit: Limit::Address, count: 0, oldest: None };
        let whole = Allowance { remaining: Limit::Address.quota(), reset_seconds: 0 };
        assert_eq!(none.allowance(Timestamp::UNIX_EPOCH), whole);
    }

    #[test]
    fn c079_a_site_may_fail_more_often_than_one_of_its_networks() {
        assert!(Limit::Site.quota() > Limit::Address.quota());
        assert!(Limit::AccountsOfSite.quota() > Limit::AccountsOfAddress.quota());
    }

    #[test]
    fn c060_an_account_is_blocked_before_its_limit_is_reached() {
        assert!(STRIKES.unsigned_abs() < Limit::Account.quota());
    }
}

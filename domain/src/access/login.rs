//! How often somebody may try to log in, and what looks like an attack (C060, C079).
//!
//! Three wrong passwords in a row block an account. That would let a stranger lock a school out, so before the
//! count come two limits on failures: of one e-mail address, and of one network address.
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The wrong password in a row that blocks an account (C060).
pub const STRIKES: i32 = 3;
/// How long a failed login counts.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// How many accounts are blocked within [`WINDOW`] before that looks like an attack.
pub const BLOCKS_THAT_ALERT: i64 = 5;

/// Something that only so many logins may fail for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// One e-mail address, whether or not there is such an account.
    Account,
    /// One network address: a whole school may be behind it.
    Address,
    /// The different e-mail addresses that fail from one network address.
    AccountsOfAddress,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 3] = [Self::Account, Self::Address, Self::AccountsOfAddress];

    /// How many failures within [`WINDOW`] are let through.
    pub const fn quota(self) -> u32 {
        match self {
            Self::Account => 10,
            Self::Address => 75,
            Self::AccountsOfAddress => 25,
        }
    }

    /// Its name in the `RateLimit` header.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::AccountsOfAddress => "accounts-of-address",
        }
    }
}

/// Failures within [`WINDOW`] before some moment, under one limit.
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

impl Failures {
    /// What is left of the limit at the moment `now`.
    pub fn allowance(&self, now: Timestamp) -> Allowance {
        let lapses = self.oldest.map_or(SignedDuration::ZERO, |oldest| oldest.duration_since(now) + WINDOW);
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

/// The limit that refuses a login now, and for how many seconds still; the longest of them.
pub fn refused_by(failures: &[Failures], now: Timestamp) -> Option<(Limit, u64)> {
    failures
        .iter()
        .map(|failures| (failures.limit, failures.allowance(now)))
        .filter(|(_, allowance)| allowance.remaining == 0)
        .map(|(limit, allowance)| (limit, allowance.reset_seconds.max(1)))
        .max_by_key(|(_, seconds)| *seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(refused_by(&[account], now), Some((Limit::Account, 840)));
        assert_eq!(refused_by(&[account, address], now), Some((Limit::Address, 890)));
    }

    #[test]
    fn whoever_never_failed_has_the_whole_limit() {
        let none = Failures { limit: Limit::Address, count: 0, oldest: None };
        let whole = Allowance { remaining: Limit::Address.quota(), reset_seconds: 0 };
        assert_eq!(none.allowance(Timestamp::UNIX_EPOCH), whole);
    }

    #[test]
    fn c060_an_account_is_blocked_before_its_limit_is_reached() {
        assert!(STRIKES.unsigned_abs() < Limit::Account.quota());
    }
}

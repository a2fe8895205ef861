//! What users of an institution allow the processor's staff: that somebody looks along (C012), or sees who they are
//! (C050).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::end::check_later;
use crate::access::session::AccountState;
use crate::values::calendar::end_of_day;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// What a user of an institution allows the processor's staff.
    pub enum ConsentKind {
        /// That the helpdesk looks along with her (C012).
        LookAlong = "look-along",
        /// That her name and address are shown to whoever helps her (C050).
        Contact = "contact",
    }
}

/// What a user allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportConsent {
    /// When it ends by itself, in UTC.
    pub ends_at: Timestamp,
    /// Whether she took it back.
    pub withdrawn: bool,
    /// Whether she is still let in herself.
    pub user_is_active: bool,
}

impl SupportConsent {
    /// How a consent stands that ends at `ends_at` unless it was withdrawn, of a user whose account stands like `user`. It
    /// does not outlast the last day of her own rights, in Amsterdam.
    pub fn new(ends_at: Timestamp, withdrawn: bool, user: AccountState, last_day: Option<Date>) -> Self {
        let last_moment = last_day.map_or(Timestamp::MAX, end_of_day);
        Self { ends_at: ends_at.min(last_moment), withdrawn, user_is_active: user == AccountState::Active }
    }

    /// Whether it holds at the moment `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.withdrawn && self.user_is_active && now < self.ends_at
    }
}

impl ConsentKind {
    const fn longest(self) -> SignedDuration {
        match self {
            Self::LookAlong => SignedDuration::from_hours(24),
            Self::Contact => SignedDuration::from_hours(30 * 24),
        }
    }
}

/// That a consent that is given at the moment `now` may last until `ends_at`: a day for looking along, thirty days for
/// being shown by name.
///
/// # Errors
/// `expiry-past`, `expiry-too-far`.
pub fn check_consent_end(kind: ConsentKind, ends_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    check_later(ends_at, now)?;
    if ends_at.duration_since(now) > kind.longest() {
        let detail = format!("must be at most {} hours ahead", kind.longest().as_hours());
        return Err(Refusal::new("expiry-too-far", detail));
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
    fn c012_consent_holds_until_it_ends_is_taken_back_or_the_user_leaves() {
        let now = moment("2026-11-21T09:00:00Z");
        let later = now + SignedDuration::from_mins(1);
        let consent = SupportConsent::new(later, false, AccountState::Active, None);
        assert!(consent.holds(now));
        assert!(!consent.holds(later));
        for gone in [
            SupportConsent::new(later, true, AccountState::Active, None),
            SupportConsent::new(later, false, AccountState::Blocked, None),
            SupportConsent::new(later, false, AccountState::Active, Some(date(2026, 11, 20))),
        ] {
            assert!(!gone.holds(now), "{gone:?}");
        }
    }

    #[test]
    fn a_consent_ends_with_the_last_day_of_the_users_rights() {
        let ends_at = moment("2026-11-30T09:00:00Z");
        let ends = |last_day| SupportConsent::new(ends_at, false, AccountState::Active, last_day).ends_at;
        assert_eq!(ends(Some(date(2026, 11, 21))), moment("2026-11-21T23:00:00Z"));
        assert_eq!(ends(Some(date(2026, 12, 31))), ends_at);
        assert_eq!(ends(None), ends_at);
    }

    #[test]
    fn consent_is_given_for_a_while() {
        let now = moment("2026-11-21T09:00:00Z");
        let check = |kind, hours| {
            check_consent_end(kind, now + SignedDuration::from_hours(hours), now)
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(check(ConsentKind::LookAlong, 24), Ok(()));
        assert_eq!(check(ConsentKind::LookAlong, 25), Err("expiry-too-far"));
        assert_eq!(check(ConsentKind::Contact, 30 * 24), Ok(()));
        assert_eq!(check(ConsentKind::Contact, 30 * 24 + 1), Err("expiry-too-far"));
        assert_eq!(check(ConsentKind::Contact, 0), Err("expiry-past"));
    }
}

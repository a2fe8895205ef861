//! What a look into an institution rests on, and whether that still holds.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{ConsentKind, expiry_past};
use crate::values::calendar::{amsterdam_date, end_of_day};
use crate::values::refusal::Refusal;

/// How far ahead a coupling may end, in calendar years.
const LONGEST_COUPLING_YEARS: i8 = 1;

/// What a user allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// When it ends by itself, in UTC.
    pub ends_at: Timestamp,
    /// Whether she took it back.
    pub withdrawn: bool,
    /// Whether she is still let in herself.
    pub user_is_active: bool,
}

impl Consent {
    /// Whether it holds at the moment `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.withdrawn && self.user_is_active && now < self.ends_at
    }
}

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

/// What a support session rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A user's live consent.
    Consent(Consent),
    /// A coupling of the adviser to the institution.
    Coupling(Coupling),
    /// What was named when it began: a case, or an emergency.
    Named,
}

impl Basis {
    /// That it holds at the moment `now`.
    ///
    /// # Errors
    /// `no-consent` (C012), `not-coupled` (C101).
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Consent(consent) if !consent.holds(now) => Err(Self::no_consent()),
            Self::Coupling(coupling) if !coupling.holds(now) => Err(Self::not_coupled()),
            Self::Consent(_) | Self::Coupling(_) | Self::Named => Ok(()),
        }
    }

    /// When it ends by itself, in UTC, if it does.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Consent(consent) => Some(consent.ends_at),
            Self::Coupling(coupling) => Some(coupling.ends_at()),
            Self::Named => None,
        }
    }

    /// The refusal of what no user allows.
    pub fn no_consent() -> Refusal {
        Refusal::new("no-consent", "the user does not allow this, or no longer")
    }

    /// The refusal of an adviser who is not coupled.
    pub fn not_coupled() -> Refusal {
        Refusal::new("not-coupled", "you are not coupled to this institution today")
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
    if ends_at <= now {
        return Err(expiry_past());
    }
    if ends_at.duration_since(now) > kind.longest() {
        let detail = format!("must be at most {} hours ahead", kind.longest().as_hours());
        return Err(Refusal::new("expiry-too-far", detail));
    }
    Ok(())
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
    fn c012_consent_holds_until_it_ends_is_taken_back_or_the_user_leaves() {
        let now = moment("2026-11-21T09:00:00Z");
        let consent =
            Consent { ends_at: now + SignedDuration::from_mins(1), withdrawn: false, user_is_active: true };
        let check = |consent| Basis::Consent(consent).check(now).map_err(|refusal| refusal.code);
        assert_eq!(check(consent), Ok(()));
        for gone in [
            Consent { ends_at: now, ..consent },
            Consent { withdrawn: true, ..consent },
            Consent { user_is_active: false, ..consent },
        ] {
            assert_eq!(check(gone), Err("no-consent"));
        }
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
        let late = Basis::Coupling(coupling).check(moment("2026-11-24T09:00:00Z"));
        assert_eq!(late.unwrap_err().code, "not-coupled");
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
}

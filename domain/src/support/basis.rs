//! What a look into an institution rests on, and whether that still holds.

use jiff::Timestamp;

use super::coupling::Coupling;
use super::support_consent::SupportConsent;
use super::support_request::SupportRequest;
use crate::institutions::service::Service;
use crate::values::refusal::Refusal;

/// What support sessions of one kind rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The consent of the user with whom is looked along.
    Consent,
    /// A coupling of the adviser to the institution.
    Coupling,
    /// A request of the institution.
    Request,
    /// What is named when it begins: an emergency.
    Named,
}

/// What a support session rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A user's live consent.
    Consent(SupportConsent),
    /// A coupling of the adviser to the institution.
    Coupling(Coupling),
    /// A request of the institution.
    Request(SupportRequest),
    /// What was named when it began: an emergency.
    Named,
}

impl Ground {
    /// The optional service that such sessions belong to (C041): advice, where an adviser looks. Help at somebody's own
    /// request cannot be done without, nor can an emergency.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::Coupling | Self::Request => Some(Service::Advice),
            Self::Consent | Self::Named => None,
        }
    }
}

impl Basis {
    /// Which kind of thing it is.
    pub const fn ground(&self) -> Ground {
        match self {
            Self::Consent(_) => Ground::Consent,
            Self::Coupling(_) => Ground::Coupling,
            Self::Request(_) => Ground::Request,
            Self::Named => Ground::Named,
        }
    }

    /// That it holds at the moment `now`.
    ///
    /// # Errors
    /// `no-consent` (C012), `not-coupled` (C101), `no-request` (C010).
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Consent(consent) if !consent.holds(now) => Err(Self::no_consent()),
            Self::Coupling(coupling) if !coupling.holds(now) => Err(Self::not_coupled()),
            Self::Request(request) if !request.holds(now) => Err(Self::no_request()),
            Self::Consent(_) | Self::Coupling(_) | Self::Request(_) | Self::Named => Ok(()),
        }
    }

    /// When it ends by itself, in UTC, if it does.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Consent(consent) => Some(consent.ends_at),
            Self::Coupling(coupling) => Some(coupling.ends_at()),
            Self::Request(request) => request.ends_at(),
            Self::Named => None,
        }
    }

    /// The refusal of what no user allows.
    pub fn no_consent() -> Refusal {
        Refusal::new("no-consent", "the user does not allow this, or no longer")
    }

    /// The refusal of what the institution did not ask.
    pub fn no_request() -> Refusal {
        Refusal::new("no-request", "the institution has no such request, or no longer")
    }

    /// The refusal of an adviser who is not coupled.
    pub fn not_coupled() -> Refusal {
        Refusal::new("not-coupled", "you are not coupled to this institution today")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::access::session::AccountState;
    use crate::support::CouplingReport;

    #[test]
    fn c012_c101_a_look_ends_with_what_it_rests_on() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let consent = |withdrawn| SupportConsent::new(Timestamp::MAX, withdrawn, AccountState::Active, None);
        let coupling = |decoupled| Coupling {
            report: CouplingReport::Institution,
            starts_on: date(2026, 11, 1),
            ends_on: date(2026, 11, 30),
            approved: true,
            decoupled,
        };
        let check = |basis: Basis| basis.check(now).map_err(|refusal| refusal.code);
        assert_eq!(check(Basis::Consent(consent(false))), Ok(()));
        assert_eq!(check(Basis::Consent(consent(true))), Err("no-consent"));
        assert_eq!(check(Basis::Coupling(coupling(false))), Ok(()));
        assert_eq!(check(Basis::Coupling(coupling(true))), Err("not-coupled"));
        let request = |closed| SupportRequest { approved_at: Some(now), closed };
        assert_eq!(check(Basis::Request(request(false))), Ok(()));
        assert_eq!(check(Basis::Request(request(true))), Err("no-request"));
        assert_eq!(check(Basis::Named), Ok(()));
    }
}

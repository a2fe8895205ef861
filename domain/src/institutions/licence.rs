//! Licences: without one that is in force nobody logs in, and nothing is read or written (C004).
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::service::Service;
use crate::values::ids::UserId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

/// The version of the licence terms that holds now: it is accepted before first use (C004).
pub const TERMS_VERSION: &str = "2026-1";

/// That the terms of this version are those that hold now, so that they can be accepted.
///
/// # Errors
/// `not-current`.
pub fn check_terms_version(version: &str) -> Result<(), Refusal> {
    if version == TERMS_VERSION {
        return Ok(());
    }
    Err(Refusal::new("not-current", "must be the version that holds now"))
}

code_list! {
    /// What the customer takes upon itself with the licence terms (C068).
    pub enum CustomerDuty {
        /// Virus scanners.
        Antivirus = "antivirus",
        /// Firewalls.
        Firewall = "firewall",
        /// Telling parents.
        ParentCommunication = "parent-communication",
        /// Passwords and what is done with them.
        Passwords = "passwords",
        /// Who answers for the use of the system.
        Responsibility = "responsibility",
    }
}

impl CustomerDuty {
    /// The duty in the words that are accepted, in Dutch. Other words are another version of the terms.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Antivirus => {
                "De instelling gebruikt op elk apparaat waarmee zij Groeilijn gebruikt een actuele virusscanner."
            }
            Self::Firewall => "De instelling schermt haar netwerk en haar apparaten af met een firewall.",
            Self::ParentCommunication => {
                "De instelling vertelt ouders welke gegevens van hun kind zij in Groeilijn vastlegt, waarvoor, en \
                 hoe zij die kunnen inzien."
            }
            Self::Passwords => {
                "Iedere gebruiker heeft een eigen account en houdt haar wachtwoord en codes voor zichzelf."
            }
            Self::Responsibility => {
                "De beheerder die deze voorwaarden accepteert, neemt namens de instelling de verantwoordelijkheid \
                 over voor wie toegang krijgt en voor het gebruik van Groeilijn."
            }
        }
    }
}

code_list! {
    /// What a licence gives the use of. The products share one store: what is written through one is read through the
    /// others (C003). The API does the same for each; which of them an institution gets to see is for the front ends.
    pub enum Product {
        /// The app in which professionals write notes and register what a child has reached.
        Registration = "registration",
        /// The app in which they look at children and groups over time.
        Monitoring = "monitoring",
        /// The app on a telephone.
        Mobile = "mobile",
    }
}

code_list! {
    /// How a licence stands, apart from its dates.
    pub enum LicenceState {
        /// In use.
        Active = "active",
        /// Withheld for a time.
        Suspended = "suspended",
        /// Over for good.
        Ended = "ended",
    }
}

/// An institution's licence (C004).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Licence {
    /// What it gives the use of.
    pub products: BTreeSet<Product>,
    /// The optional services that were agreed (C041); its products bring others along.
    pub services: BTreeSet<Service>,
    /// The first day of use, in Amsterdam.
    pub start: Date,
    /// The last day of use, in Amsterdam; without one it runs on.
    pub end: Option<Date>,
    /// How it stands.
    pub state: LicenceState,
}

impl Licence {
    /// That the licence is one that can be agreed upon.
    ///
    /// # Errors
    /// For `products` `empty`; for `end_date` `before-start`.
    pub fn check(&self) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if self.products.is_empty() {
            refusals.refuse("products", Refusal::new("empty", "must name at least one product"));
        }
        if self.end.is_some_and(|end| end < self.start) {
            refusals.refuse("end_date", Refusal::new("before-start", "must not be before the start date"));
        }
        refusals.or(())
    }

    /// Ends it at once: `today`, in Amsterdam, is its last day unless an earlier one was agreed.
    pub fn end_at_once(&mut self, today: Date) {
        self.state = LicenceState::Ended;
        self.end = Some(self.end.map_or(today, |end| end.min(today)).max(self.start));
    }
}

impl Product {
    /// The services that it does not work without.
    pub const fn brings(self) -> &'static [Service] {
        match self {
            Self::Registration | Self::Mobile => &[],
            Self::Monitoring => &[Service::Overviews],
        }
    }
}

impl Licence {
    /// The services that may be used: those that were agreed, and those that its products bring along.
    pub fn in_use(&self) -> BTreeSet<Service> {
        let brought = self.products.iter().flat_map(|product| product.brings());
        self.services.iter().chain(brought).copied().collect()
    }

    /// Whether a service may be used.
    pub fn includes(&self, service: Service) -> bool {
        self.services.contains(&service)
            || self.products.iter().any(|product| product.brings().contains(&service))
    }
}

/// That licence terms were accepted (C004).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedTerms {
    /// Which version of them.
    pub version: String,
    /// By whom.
    pub accepted_by: UserId,
    /// When, in UTC.
    pub accepted_at: Timestamp,
}

impl AcceptedTerms {
    /// Whether they are the terms that hold now.
    pub fn are_current(&self) -> bool {
        self.version == TERMS_VERSION
    }
}

/// Why a licence lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LicenceRefusal {
    /// Its first day is still to come.
    #[error("the licence of the institution has not started")]
    NotStarted,
    /// It is withheld for a time.
    #[error("the licence of the institution is suspended")]
    Suspended,
    /// Its last day is past, and so nobody writes anything.
    #[error(
        "the licence of the institution has ended: its administrators may read, take along and archive what there is"
    )]
    InGrace,
    /// Its last day is past, or it was ended.
    #[error("the licence of the institution has ended")]
    Ended,
}

impl LicenceRefusal {
    /// The stable code of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotStarted => "licence-not-started",
            Self::Suspended => "licence-suspended",
            Self::InGrace => "licence-in-grace",
            Self::Ended => "licence-ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c004_terms_of_another_version_are_accepted_anew() {
        let accepted = |version: &str| AcceptedTerms {
            version: version.to_owned(),
            accepted_by: UserId::from_uuid(uuid::Uuid::nil()),
            accepted_at: Timestamp::UNIX_EPOCH,
        };
        assert!(accepted(TERMS_VERSION).are_current());
        assert!(!accepted("2025-1").are_current());
    }

    #[test]
    fn a_licence_that_is_ended_at_once_keeps_an_earlier_last_day() {
        let today = date(2026, 11, 21);
        let ended = |start: Date, end: Option<Date>| {
            let products = BTreeSet::from([Product::Registration]);
            let mut licence =
                Licence { products, services: BTreeSet::new(), start, end, state: LicenceState::Active };
            licence.end_at_once(today);
            assert_eq!((licence.state, licence.check()), (LicenceState::Ended, Ok(())));
            licence.end
        };
        let start = date(2026, 8, 1);
        assert_eq!(ended(start, None), Some(today));
        assert_eq!(ended(start, Some(date(2027, 7, 31))), Some(today));
        assert_eq!(ended(start, Some(date(2026, 9, 30))), Some(date(2026, 9, 30)));
        assert_eq!(ended(date(2027, 1, 1), None), Some(date(2027, 1, 1)));
    }

    fn licence(products: &[Product], services: &[Service]) -> Licence {
        Licence {
            products: products.iter().copied().collect(),
            services: services.iter().copied().collect(),
            start: date(2026, 8, 1),
            end: None,
            state: LicenceState::Active,
        }
    }

    #[test]
    fn c041_a_service_is_off_unless_it_was_agreed_or_comes_with_a_product() {
        let bare = licence(&[Product::Registration, Product::Mobile], &[]);
        assert!(Service::ALL.into_iter().all(|service| !bare.includes(service)));
        let monitoring = licence(&[Product::Monitoring], &[Service::Imports]);
        assert_eq!(monitoring.in_use(), [Service::Overviews, Service::Imports].into());
        for service in Service::ALL {
            assert_eq!(monitoring.includes(service), monitoring.in_use().contains(&service), "{service:?}");
        }
    }
}

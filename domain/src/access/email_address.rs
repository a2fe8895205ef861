//! How the address that somebody logs in with becomes another one (C054, C055).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::user::check_own_address;
use crate::values::email::{EmailAddress, MailDomain, check_organisation_domain};
use crate::values::ids::UserId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

code_list! {
    /// Why somebody has to log in with another address before she does anything else (C054, C055).
    pub enum AddressDue {
        /// Its domain is not one of the institution, or is one no longer.
        NotOfTheInstitution = "not-of-the-institution",
        /// Anybody can have an address on its domain.
        FreeMail = "free-mail-domain",
        /// The administrator's exception has ended.
        ExceptionEnded = "exception-ended",
    }
}

/// That a user has an address of another organisation, such as an agency's, by leave of an administrator (C055).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressException {
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub granted_by: UserId,
    /// When, in UTC.
    pub granted_at: Timestamp,
}

/// For how many months an exception is granted at most.
const LONGEST_EXCEPTION: i32 = 12;

/// Why somebody with this address has to log in with another one at an institution with these domains, if she has to. `until`
/// is the last day of an exception, both days in Amsterdam. None covers an address that anybody can have.
pub fn due(
    email: &EmailAddress,
    domains: &[MailDomain],
    until: Option<Date>,
    today: Date,
) -> Option<AddressDue> {
    let domain = email.domain();
    if check_organisation_domain(&domain).is_err() {
        return Some(AddressDue::FreeMail);
    }
    match until {
        _ if domains.contains(&domain) => None,
        None => Some(AddressDue::NotOfTheInstitution),
        Some(until) => (until < today).then_some(AddressDue::ExceptionEnded),
    }
}

/// That an exception can be granted for this address, at an institution with these domains, until and including a day in
/// Amsterdam.
///
/// # Errors
/// For `email` `not-needed` on a domain of the institution, `free-mail-domain` and the like; for `address_exception/until`
/// `in-the-past`, `too-far-ahead` after a year.
pub fn check_exception(
    email: &EmailAddress,
    domains: &[MailDomain],
    until: Date,
    today: Date,
) -> Result<(), FieldRefusals> {
    let mut refused = FieldRefusals::new();
    if domains.contains(&email.domain()) {
        refused.refuse("email", Refusal::new("not-needed", "the address is on a domain of the institution"));
    }
    refused.check("email", check_organisation_domain(&email.domain()));
    if until < today {
        refused.refuse("until", Refusal::new("in-the-past", "must be today or later"));
    }
    if today.checked_add(LONGEST_EXCEPTION.months()).is_ok_and(|most| until > most) {
        refused.refuse("until", Refusal::new("too-far-ahead", "must be within a year"));
    }
    refused.or(())
}

/// That somebody with the address `present` can ask for `wanted`. It has to be on a domain of each institution of hers, whose
/// domains these are; the processor's staff has none.
///
/// # Errors
/// `same-address`; what [`check_own_address`] refuses.
pub fn check_wanted(
    present: &EmailAddress,
    wanted: &EmailAddress,
    institutions: &[Vec<MailDomain>],
) -> Result<(), Refusal> {
    if present.normalised() == wanted.normalised() {
        return Err(Refusal::new("same-address", "must be another address than the present one"));
    }
    if institutions.is_empty() {
        return check_organisation_domain(&wanted.domain());
    }
    institutions.iter().try_for_each(|domains| check_own_address(domains, wanted))
}

/// That an institution with these domains can move its users to the domain `to`.
///
/// # Errors
/// `same-domain`; `not-of-the-institution`; `free-mail-domain` and the like.
pub fn check_move(domains: &[MailDomain], from: &MailDomain, to: &MailDomain) -> Result<(), Refusal> {
    if from == to {
        return Err(Refusal::new("same-domain", "must be another domain than the one to move from"));
    }
    if !domains.contains(to) {
        return Err(Refusal::new("not-of-the-institution", "must be one of the institution's own domains"));
    }
    check_organisation_domain(to)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn domains(names: &[&str]) -> Vec<MailDomain> {
        names.iter().map(|name| MailDomain::parse(name).unwrap()).collect()
    }

    #[test]
    fn c055_another_address_is_on_a_domain_of_each_institution() {
        let present = address("fien@school.example");
        let refused = |wanted, institutions: &[Vec<MailDomain>]| {
            check_wanted(&present, &address(wanted), institutions).err().map(|refusal| refusal.code)
        };
        let (one, both) = (domains(&["school.example"]), domains(&["school.example", "nieuw.example"]));
        assert_eq!(refused("fien@nieuw.example", std::slice::from_ref(&both)), None);
        assert_eq!(refused("fien@nieuw.example", &[both, one.clone()]), Some("not-of-the-institution"));
        assert_eq!(refused("Fien+post@school.example", &[one]), Some("same-address"));
        assert_eq!(refused("fien@verwerker.example", &[]), None);
        assert_eq!(refused("fien@gmail.com", &[]), Some("free-mail-domain"));
        let free = domains(&["gmail.com"]);
        assert_eq!(refused("fien@gmail.com", &[free]), Some("free-mail-domain"));
    }

    #[test]
    fn c054_c055_an_address_is_due_when_its_domain_is_not_the_institutions() {
        let own = domains(&["school.example", "gmail.com"]);
        let today = date(2026, 11, 21);
        let due = |email, until| due(&address(email), &own, until, today);
        assert_eq!(due("fien@school.example", None), None);
        assert_eq!(due("fien@gmail.com", Some(today)), Some(AddressDue::FreeMail));
        assert_eq!(due("fien@bureau.example", None), Some(AddressDue::NotOfTheInstitution));
        assert_eq!(due("fien@bureau.example", Some(today)), None);
        assert_eq!(due("fien@bureau.example", today.yesterday().ok()), Some(AddressDue::ExceptionEnded));
        assert_eq!(due("fien@school.example", today.yesterday().ok()), None);
    }

    #[test]
    fn c055_an_exception_has_an_end_and_is_for_another_organisation() {
        let own = domains(&["school.example"]);
        let today = date(2026, 11, 21);
        let refused = |email, until| -> Vec<(String, &'static str)> {
            let outcome = check_exception(&address(email), &own, until, today);
            outcome.err().into_iter().flatten().map(|(field, refusal)| (field, refusal.code)).collect()
        };
        assert_eq!(refused("fien@bureau.example", today), []);
        assert_eq!(refused("fien@bureau.example", date(2027, 11, 21)), []);
        let named = |field: &str, code| vec![(field.to_owned(), code)];
        assert_eq!(refused("fien@bureau.example", date(2027, 11, 22)), named("until", "too-far-ahead"));
        assert_eq!(refused("fien@bureau.example", date(2026, 11, 20)), named("until", "in-the-past"));
        assert_eq!(refused("fien@school.example", today), named("email", "not-needed"));
        assert_eq!(refused("fien@gmail.com", today), named("email", "free-mail-domain"));
    }

    #[test]
    fn c055_users_move_to_a_domain_of_the_institution() {
        let own = domains(&["school.example", "gmail.com"]);
        let refused = |from: &str, to: &str| {
            let [from, to] = [from, to].map(|name| MailDomain::parse(name).unwrap());
            check_move(&own, &from, &to).err().map(|refusal| refusal.code)
        };
        assert_eq!(refused("oud.example", "school.example"), None);
        assert_eq!(refused("school.example", "school.example"), Some("same-domain"));
        assert_eq!(refused("school.example", "elders.example"), Some("not-of-the-institution"));
        assert_eq!(refused("school.example", "gmail.com"), Some("free-mail-domain"));
    }
}

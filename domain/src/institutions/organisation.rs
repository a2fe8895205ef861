//! Organisations: boards of several institutions. Each institution is its own controller (C001) and sees nothing of another
//! one; what they share is a mail domain (C055), so that somebody who works at two of them logs in with one address.

use crate::values::ids::OrganisationId;
use crate::values::refusal::Refusal;

/// That an institution that belongs to one organisation, or to none, can have a mail domain that an institution of another
/// one, or of none, has.
///
/// # Errors
/// `domain-in-use` unless both belong to the same organisation.
pub fn check_shared_domain(
    own: Option<OrganisationId>,
    other: Option<OrganisationId>,
) -> Result<(), Refusal> {
    if own.is_some() && own == other {
        return Ok(());
    }
    Err(Refusal::new("domain-in-use", "only institutions of one organisation share a mail domain"))
}

/// That an institution that belongs to `present` can join `wanted`.
///
/// # Errors
/// `in-another-organisation`.
pub fn check_joining(present: Option<OrganisationId>, wanted: OrganisationId) -> Result<(), Refusal> {
    if present.is_none_or(|present| present == wanted) {
        return Ok(());
    }
    Err(Refusal::new("in-another-organisation", "the institution has to leave its organisation first"))
}

/// That an institution can leave its organisation, with so many of its mail domains shared.
///
/// # Errors
/// `shares-mail-domains`.
pub fn check_leaving(shared_domains: usize) -> Result<(), Refusal> {
    if shared_domains == 0 {
        return Ok(());
    }
    let detail = "the institution shares mail domains with others of the organisation; take those away first";
    Err(Refusal::new("shares-mail-domains", detail))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn c055_only_institutions_of_one_organisation_share_a_domain() {
        let [one, other] = [1, 2].map(|number| Some(OrganisationId::from_uuid(Uuid::from_u128(number))));
        assert_eq!(check_shared_domain(one, one), Ok(()));
        for (own, another) in [(one, other), (one, None), (None, one), (None, None)] {
            assert_eq!(check_shared_domain(own, another).unwrap_err().code, "domain-in-use");
        }
    }

    #[test]
    fn an_institution_belongs_to_one_organisation_and_leaves_it_with_domains_of_its_own() {
        let [one, other] = [1, 2].map(|number| OrganisationId::from_uuid(Uuid::from_u128(number)));
        assert_eq!(check_joining(None, one), Ok(()));
        assert_eq!(check_joining(Some(one), one), Ok(()));
        assert_eq!(check_joining(Some(other), one).unwrap_err().code, "in-another-organisation");
        assert_eq!(check_leaving(0), Ok(()));
        assert_eq!(check_leaving(1).unwrap_err().code, "shares-mail-domains");
    }
}

//! Users: the persons behind an institution's accounts.

use jiff::civil::Date;

use super::session::AccountState;
use super::{Entitlement, Function, GivenGroups, GivenLocations, UserRights};
use crate::values::email::{EmailAddress, MailDomain, check_organisation_domain};
use crate::values::person::{Gender, PersonName};
use crate::values::refusal::{FieldRefusals, Refusal};

/// What is known of a user: exactly the fields of C022, her function and her groups.
#[derive(Clone, PartialEq, Eq)]
pub struct UserFields {
    /// Name.
    pub name: PersonName,
    /// Gender.
    pub gender: Gender,
    /// The address she logs in with.
    pub email: EmailAddress,
    /// What she does at the institution (C005).
    pub function: Function,
    /// The groups that she is given.
    pub groups: GivenGroups,
    /// The locations that she is limited to, if she is (C143).
    pub locations: Option<GivenLocations>,
    /// The rights that were set for her, beside those of her function (C066).
    pub rights: UserRights,
    /// The last day of her rights, in Amsterdam, if there is one (C067).
    pub last_day: Option<Date>,
}

impl UserFields {
    /// Somebody who is given no groups yet and has the rights of her function.
    pub fn new(name: PersonName, gender: Gender, email: EmailAddress, function: Function) -> Self {
        Self {
            name,
            gender,
            email,
            function,
            groups: GivenGroups::default(),
            locations: None,
            rights: UserRights::new(),
            last_day: None,
        }
    }

    /// That she can be limited to the locations that she is limited to.
    ///
    /// # Errors
    /// What [`GivenLocations::check`] refuses.
    pub fn check_locations(&self) -> Result<(), FieldRefusals> {
        self.locations.as_ref().map_or(Ok(()), |locations| locations.check(self.function))
    }

    /// What she is entitled to as long as her account stands like this.
    pub fn entitlement(&self, state: AccountState) -> Entitlement {
        Entitlement {
            function: self.function,
            groups: self.groups.clone(),
            locations: self.locations.clone(),
            rights: self.rights.clone(),
            state,
            last_day: self.last_day,
        }
    }
}

/// That a user's address is of the institution itself: accounts exist only on its own domains (C054, C055).
///
/// # Errors
/// `not-of-the-institution`; `free-mail-domain` and the like for a domain that was entered before it was known as such.
pub fn check_own_address(domains: &[MailDomain], email: &EmailAddress) -> Result<(), Refusal> {
    if domains.contains(&email.domain()) {
        return check_organisation_domain(&email.domain());
    }
    Err(Refusal::new("not-of-the-institution", "must be an address on one of the institution's own domains"))
}

/// That a user whose account stands like this can be sent another invitation.
///
/// # Errors
/// `user-blocked`.
pub fn check_invitable(state: AccountState) -> Result<(), Refusal> {
    match state {
        AccountState::Blocked => Err(Refusal::new("user-blocked", "a blocked user is unblocked first")),
        AccountState::Invited | AccountState::Active => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c054_an_account_is_on_a_domain_of_its_institution() {
        let own = |address| {
            let domains = ["school.example", "gmail.com"].map(|domain| MailDomain::parse(domain).unwrap());
            check_own_address(&domains, &EmailAddress::parse(address).unwrap())
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(own("leerkracht@school.example"), Ok(()));
        assert_eq!(own("leerkracht@other.example"), Err("not-of-the-institution"));
        assert_eq!(own("leerkracht@a.school.example"), Err("not-of-the-institution"));
        assert_eq!(own("leerkracht@gmail.com"), Err("free-mail-domain"));
    }

    #[test]
    fn who_is_blocked_is_not_invited() {
        assert_eq!(check_invitable(AccountState::Invited), Ok(()));
        assert_eq!(check_invitable(AccountState::Active), Ok(()));
        assert_eq!(check_invitable(AccountState::Blocked).unwrap_err().code, "user-blocked");
    }
}

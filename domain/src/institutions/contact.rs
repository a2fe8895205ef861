//! Users of an institution as the processor's staff sees them (C008, C009, C011, C050).

use crate::access::Function;
use crate::access::session::AccountState;
use crate::values::email::EmailAddress;
use crate::values::person::{Gender, PersonName};
use crate::values::refusal::Refusal;

/// Who a user is, as far as the processor's staff sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct SeenPerson {
    /// Her name, or two initials.
    pub name: PersonName,
    /// Her gender; none when it is masked.
    pub gender: Option<Gender>,
    /// Her address, or its first character and its domain.
    pub email: String,
}

impl SeenPerson {
    /// Who a user is: masked, unless she allows that she is shown (C050).
    pub fn new(name: PersonName, gender: Gender, email: &EmailAddress, shown: bool) -> Self {
        if shown {
            Self { name, gender: Some(gender), email: email.as_str().to_owned() }
        } else {
            Self { name: name.masked(), gender: None, email: email.masked() }
        }
    }
}

/// That the processor's staff may unblock a user with this function, whose account stands like this.
///
/// # Errors
/// `not-a-blocked-administrator`.
pub fn check_unblockable(function: Function, state: AccountState) -> Result<(), Refusal> {
    if (function, state) == (Function::Administrator, AccountState::Blocked) {
        return Ok(());
    }
    let detail = "only a blocked administrator is unblocked here; others by their administrator";
    Err(Refusal::new("not-a-blocked-administrator", detail))
}

/// That nobody at the institution can unblock an administrator, who has so many colleagues that are administrators too.
///
/// # Errors
/// `other-administrator`.
pub fn check_no_other_administrator(others: i64) -> Result<(), Refusal> {
    if others == 0 {
        return Ok(());
    }
    Err(Refusal::new("other-administrator", "another administrator of the institution can unblock her"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::text::NamePart;

    #[test]
    fn c050_who_does_not_allow_it_is_masked() {
        let part = |text: &str| NamePart::kept(text.to_owned());
        let name = PersonName { first: part("Fien"), infix: None, last: part("Verzonnen") };
        let email = EmailAddress::parse("fien@school.example").unwrap();
        let gender = Gender::ALL[0];
        let seen = SeenPerson::new(name.clone(), gender, &email, true);
        assert_eq!((&seen.name, seen.gender, seen.email.as_str()), (&name, Some(gender), email.as_str()));
        let masked = SeenPerson::new(name.clone(), gender, &email, false);
        assert_eq!((masked.name, masked.gender, masked.email), (name.masked(), None, email.masked()));
    }

    #[test]
    fn only_a_blocked_administrator_is_unblocked_by_the_processor() {
        for function in Function::ALL {
            for state in AccountState::ALL {
                let wanted = function == Function::Administrator && state == AccountState::Blocked;
                assert_eq!(check_unblockable(function, state).is_ok(), wanted, "{function:?} {state:?}");
            }
        }
        assert_eq!(check_no_other_administrator(0), Ok(()));
        assert_eq!(check_no_other_administrator(1).unwrap_err().code, "other-administrator");
    }
}

//! The processor's own staff: the persons behind accounts without an institution (C002).

use crate::access::ProcessorFunction;
use crate::access::session::AccountState;
use crate::values::email::EmailAddress;
use crate::values::ids::UserId;
use crate::values::person::PersonName;
use crate::values::refusal::Refusal;

/// What is known of a member of the processor's staff.
#[derive(Clone, PartialEq, Eq)]
pub struct ProcessorStaffFields {
    /// Name.
    pub name: PersonName,
    /// The address to log in with.
    pub email: EmailAddress,
    /// What they do.
    pub function: ProcessorFunction,
}

/// That `actor` may change what `of` does from one function to another: nobody changes their own.
///
/// # Errors
/// `own-function`.
pub fn check_function_change(
    actor: UserId,
    of: UserId,
    before: ProcessorFunction,
    after: ProcessorFunction,
) -> Result<(), Refusal> {
    if actor == of && before != after {
        return Err(Refusal::new("own-function", "somebody else changes what you do"));
    }
    Ok(())
}

/// That there are platform administrators who can log in: somebody must be able to let others in.
///
/// # Errors
/// `last-administrator`.
pub fn check_administrators(left: i64) -> Result<(), Refusal> {
    if left > 0 {
        return Ok(());
    }
    Err(Refusal::new("last-administrator", "there must be a platform administrator who can log in"))
}

/// That a member of staff whose account stands like this can be sent another invitation.
///
/// # Errors
/// `user-blocked`.
pub fn check_invitable(state: AccountState) -> Result<(), Refusal> {
    match state {
        AccountState::Blocked => Err(Refusal::new("user-blocked", "who is blocked is unblocked first")),
        AccountState::Invited | AccountState::Active => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nobody_changes_their_own_function() {
        use ProcessorFunction::{Adviser, Helpdesk};
        let [one, other] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        assert_eq!(check_function_change(one, one, Adviser, Adviser), Ok(()));
        assert_eq!(check_function_change(one, other, Adviser, Helpdesk), Ok(()));
        assert_eq!(check_function_change(one, one, Adviser, Helpdesk).unwrap_err().code, "own-function");
    }

    #[test]
    fn an_administrator_is_left() {
        assert_eq!(check_administrators(1), Ok(()));
        assert_eq!(check_administrators(0).unwrap_err().code, "last-administrator");
    }

    #[test]
    fn who_is_blocked_is_not_invited() {
        assert_eq!(check_invitable(AccountState::Invited), Ok(()));
        assert_eq!(check_invitable(AccountState::Blocked).unwrap_err().code, "user-blocked");
    }
}

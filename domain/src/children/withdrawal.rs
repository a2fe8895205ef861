//! Withdrawing what was written about the wrong child or day: it stays readable, marked, and counts nowhere (C070).

use jiff::Timestamp;

use crate::access::author::Author;
use crate::access::principal::Actor;
use crate::access::{Function, Role};
use crate::values::ids::UserId;
use crate::values::refusal::Refusal;
use crate::values::text::ShortText;

/// That something was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why; `None` to whoever is not shown free text (C050).
    pub reason: Option<ShortText>,
    /// Who withdrew it.
    pub by: Author,
    /// When, in UTC.
    pub at: Timestamp,
}

/// That something was not withdrawn: what is withdrawn is never changed again.
///
/// # Errors
/// `withdrawn`.
pub fn check_standing(withdrawal: Option<&Withdrawal>) -> Result<(), Refusal> {
    if withdrawal.is_none() {
        return Ok(());
    }
    Err(Refusal::new("withdrawn", "it was withdrawn, and is never changed again"))
}

/// That somebody may withdraw a registration whose final version is `author`'s: she herself, or an intern begeleider.
///
/// # Errors
/// `not-the-author`.
pub fn may_withdraw_registration(author: UserId, actor: &Actor) -> Result<(), Refusal> {
    if actor.user == author || is_intern_begeleider(actor) {
        return Ok(());
    }
    Err(Refusal::new("not-the-author", "its author withdraws a registration, or an intern begeleider"))
}

/// That somebody may withdraw or move a note of `author`: she herself, or an intern begeleider once she has left.
///
/// # Errors
/// `not-the-author`.
pub fn may_put_note_right(author: UserId, author_has_left: bool, actor: &Actor) -> Result<(), Refusal> {
    if actor.user == author || author_has_left && is_intern_begeleider(actor) {
        return Ok(());
    }
    let detail = "its author puts a note right, or an intern begeleider once the author has left";
    Err(Refusal::new("not-the-author", detail))
}

fn is_intern_begeleider(actor: &Actor) -> bool {
    actor.role == Role::Institution(Function::InternBegeleider)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::values::ids::{AccountId, InstitutionId};

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn actor(number: u128, function: Function) -> Actor {
        Actor {
            account: AccountId::from_uuid(Uuid::from_u128(number)),
            user: user(number),
            role: Role::Institution(function),
            institution: Some(InstitutionId::from_uuid(Uuid::from_u128(9))),
        }
    }

    #[test]
    fn c070_what_is_withdrawn_is_never_changed() {
        let withdrawal = Withdrawal { reason: None, by: Author::unnamed(user(1)), at: Timestamp::UNIX_EPOCH };
        assert_eq!(check_standing(None), Ok(()));
        assert_eq!(check_standing(Some(&withdrawal)).unwrap_err().code, "withdrawn");
    }

    #[test]
    fn c070_its_author_or_the_intern_begeleider_withdraws_a_registration() {
        for function in Function::ALL {
            assert_eq!(may_withdraw_registration(user(1), &actor(1, function)), Ok(()));
            let colleague = may_withdraw_registration(user(1), &actor(2, function));
            assert_eq!(colleague.is_ok(), function == Function::InternBegeleider, "{function:?}");
        }
    }

    #[test]
    fn c070_the_intern_begeleider_puts_a_note_right_once_its_author_has_left() {
        for function in Function::ALL {
            let allowed = |author_has_left| {
                [1, 2].map(|number| {
                    may_put_note_right(user(1), author_has_left, &actor(number, function)).is_ok()
                })
            };
            assert_eq!(allowed(false), [true, false]);
            assert_eq!(allowed(true), [true, function == Function::InternBegeleider], "{function:?}");
        }
    }
}

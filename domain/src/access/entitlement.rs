//! What a user of an institution is entitled to, as the register of rights has it (C067).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Function, Rights, UserRights};
use crate::access::session::AccountState;
use crate::values::ids::GroupId;

/// Everything that decides what a user may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// What she does at the institution.
    pub function: Function,
    /// The groups that she is given.
    pub groups: Vec<GroupId>,
    /// The rights that were set for her.
    pub rights: UserRights,
    /// Whether she is let in.
    pub state: AccountState,
    /// The last day of her rights, in Amsterdam, if there is one.
    pub last_day: Option<Date>,
}

impl Entitlement {
    /// What she may do with it.
    pub fn rights(&self) -> Rights {
        Rights::of_user(self.function, &self.rights)
    }

    /// Whether her sessions end when this takes the place of `before`. Other groups alone end none: they hold from the
    /// next request on anyway.
    pub fn ends_sessions(&self, before: &Self) -> bool {
        Self { groups: before.groups.clone(), ..self.clone() } != *before
    }

    /// Whether she can let others in and goes on doing so: an institution needs somebody who does.
    pub fn is_lasting_administrator(&self) -> bool {
        self.function == Function::Administrator
            && self.state == AccountState::Active
            && self.last_day.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_when_more_than_the_groups_change() {
        let teacher = Entitlement {
            function: Function::Teacher,
            groups: Vec::new(),
            rights: UserRights::new(),
            state: AccountState::Active,
            last_day: None,
        };
        let other_groups =
            Entitlement { groups: vec![GroupId::from_uuid(uuid::Uuid::nil())], ..teacher.clone() };
        assert!(!teacher.ends_sessions(&teacher));
        assert!(!other_groups.ends_sessions(&teacher));
        assert!(Entitlement { function: Function::Management, ..other_groups }.ends_sessions(&teacher));
    }
}

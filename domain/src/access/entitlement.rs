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

    /// Whether the two differ in their groups and in nothing else.
    pub fn differs_in_groups_alone(&self, other: &Self) -> bool {
        Self { groups: other.groups.clone(), ..self.clone() } == *other
    }

    /// Whether she can let others in and goes on doing so: an institution needs somebody who does.
    pub fn is_lasting_administrator(&self) -> bool {
        self.function == Function::Administrator
            && self.state == AccountState::Active
            && self.last_day.is_none()
    }
}

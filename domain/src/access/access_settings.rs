//! Who gets into an institution, beside having a password.

use super::{Function, Role};
use crate::values::network::Network;
use crate::values::text::code_list;

code_list! {
    /// Who enters the children of an institution, beside whoever was given that right herself (C141).
    pub enum ChildrenEnteredBy {
        /// The administrators alone.
        Administrators = "administrators",
        /// Teachers and childcare workers too, each in the groups that she is given.
        OwnGroups = "own-groups",
    }
}

impl ChildrenEnteredBy {
    /// Whether whoever has this role enters children in her own groups.
    pub fn lets_in_own_groups(self, role: Role) -> bool {
        let is_at_the_group =
            matches!(role, Role::Institution(Function::Teacher | Function::ChildcareWorker));
        self == Self::OwnGroups && is_at_the_group
    }
}

/// What an institution asks of everybody who logs in, and whom it lets in from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// The networks from which users log in and work; without any there is no limit (C065).
    pub login_networks: Vec<Network>,
    /// Whether every administrator needs a second factor. A contract profile may ask it all the same.
    pub administrators_need_second_factor: bool,
    /// Whether the processor may couple no adviser to the institution (C099). One that was approved before goes on.
    pub couplings_forbidden: bool,
    /// Who enters the children (C141).
    pub children_entered_by: ChildrenEnteredBy,
}

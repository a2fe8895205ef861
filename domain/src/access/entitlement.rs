//! What a user of an institution is entitled to, as the register of rights has it (C067).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::access_settings::ChildrenEnteredBy;
use super::{Function, GivenGroups, GivenLocations, Rights, Role, UserRights};
use crate::access::session::AccountState;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::ShortText;

/// Everything that decides what a user may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// What she does at the institution.
    pub function: Function,
    /// The groups that she is given.
    #[serde(flatten)]
    pub groups: GivenGroups,
    /// The locations that she is limited to, if she is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations: Option<GivenLocations>,
    /// The rights that were set for her.
    pub rights: UserRights,
    /// Whether she is let in.
    pub state: AccountState,
    /// The last day of her rights, in Amsterdam, if there is one.
    pub last_day: Option<Date>,
}

impl Entitlement {
    /// What she may do with it, at an institution where children are entered by `entered_by`.
    pub fn rights(&self, entered_by: ChildrenEnteredBy) -> Rights {
        let role = Role::Institution(self.function);
        let rights = Rights::at_an_institution(role, Some(&self.rights), entered_by);
        if self.locations.is_some() { rights.within_locations() } else { rights }
    }

    /// Whether her sessions end when this takes the place of `before`. Other groups and locations alone end none: they hold
    /// from the next request on anyway.
    pub fn ends_sessions(&self, before: &Self) -> bool {
        let (groups, locations) = (before.groups.clone(), before.locations.clone());
        Self { groups, locations, ..self.clone() } != *before
    }

    /// Whether she can let others in and goes on doing so: an institution needs somebody who does.
    pub fn is_lasting_administrator(&self) -> bool {
        self.function == Function::Administrator
            && self.state == AccountState::Active
            && self.last_day.is_none()
    }

    /// That it may become `after`: such a change is registered with its reason (C067).
    ///
    /// # Errors
    /// For `reason` `reason-required` when something changes and no reason is given.
    pub fn check_change(&self, after: &Self, reason: Option<&ShortText>) -> Result<(), FieldRefusals> {
        if self == after || reason.is_some() {
            return Ok(());
        }
        let detail = "must say why the function, groups, locations, rights, last day or state changes";
        Err(FieldRefusals::one("reason", Refusal::new("reason-required", detail)))
    }

    /// Whether the institution loses an administrator who goes on when it becomes `after`: then it needs another one.
    pub fn gives_up_administration(&self, after: &Self) -> bool {
        self.is_lasting_administrator() && !after.is_lasting_administrator()
    }

    /// The refusal of a change by which the institution would lose its last administrator.
    pub fn last_administrator() -> Refusal {
        Refusal::new("last-administrator", "the institution must keep an administrator who can log in")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::GroupId;

    fn administrator() -> Entitlement {
        Entitlement {
            function: Function::Administrator,
            groups: GivenGroups::default(),
            locations: None,
            rights: UserRights::new(),
            state: AccountState::Active,
            last_day: None,
        }
    }

    #[test]
    fn c067_a_change_has_a_reason() {
        let blocked = Entitlement { state: AccountState::Blocked, ..administrator() };
        let reason = ShortText::parse("Left the school").unwrap();
        assert_eq!(administrator().check_change(&administrator(), None), Ok(()));
        assert_eq!(administrator().check_change(&blocked, Some(&reason)), Ok(()));
        let refused = administrator().check_change(&blocked, None).unwrap_err().into_iter();
        assert_eq!(
            refused.map(|(field, refusal)| (field, refusal.code)).collect::<Vec<_>>(),
            [("reason".to_owned(), "reason-required")]
        );
    }

    #[test]
    fn who_stops_being_an_administrator_leaves_that_to_another_one() {
        let blocked = Entitlement { state: AccountState::Blocked, ..administrator() };
        assert!(administrator().gives_up_administration(&blocked));
        assert!(!blocked.gives_up_administration(&blocked));
        assert!(!administrator().gives_up_administration(&administrator()));
    }

    #[test]
    fn sessions_end_when_more_than_the_groups_and_locations_change() {
        let teacher = Entitlement {
            function: Function::Teacher,
            groups: GivenGroups::default(),
            locations: None,
            rights: UserRights::new(),
            state: AccountState::Active,
            last_day: None,
        };
        let other_groups = Entitlement {
            groups: GivenGroups::always([GroupId::from_uuid(uuid::Uuid::nil())]),
            ..teacher.clone()
        };
        assert!(!teacher.ends_sessions(&teacher));
        assert!(!other_groups.ends_sessions(&teacher));
        let limited = Entitlement { locations: Some(GivenLocations::default()), ..teacher.clone() };
        assert!(!limited.ends_sessions(&teacher));
        assert!(Entitlement { function: Function::Management, ..other_groups }.ends_sessions(&teacher));
    }
}

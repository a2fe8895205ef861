//! What one actor may do, and which rights an administrator can give a user beside those of her function (C066).

use std::collections::{BTreeMap, BTreeSet};

use super::access_settings::ChildrenEnteredBy;
use super::{Action, Function, Part, Role, Scope, rights_by_role};
use crate::values::refusal::{FieldRefusals, Refusal};

/// What one actor may do: for each part the actions, and how far they reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights([Option<Right>; Part::ALL.len()]);

impl Default for Rights {
    /// None at all.
    fn default() -> Self {
        Self([None; Part::ALL.len()])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Right {
    actions: [bool; Action::ALL.len()],
    scope: Scope,
}

impl Right {
    fn new(actions: impl IntoIterator<Item = Action>, scope: Scope) -> Self {
        let given: BTreeSet<_> = actions.into_iter().collect();
        Self { actions: Action::ALL.map(|action| given.contains(&action)), scope }
    }

    fn allows(self, action: Action) -> bool {
        Action::ALL.into_iter().zip(self.actions).any(|(one, allowed)| allowed && one == action)
    }
}

/// The rights of a user where they are not those of her function: for each part the actions. A part that is not
/// there is as her function has it.
pub type UserRights = BTreeMap<Part, BTreeSet<Action>>;

impl Rights {
    /// The rights that belong to a role.
    pub fn of(role: Role) -> Self {
        let mut rights = Self::default();
        for (part, actions, scope) in rights_by_role::grants(role).iter().chain(rights_by_role::common(role))
        {
            rights.set(*part, Some(Right::new(actions.iter().copied(), *scope)));
        }
        rights
    }

    /// The rights of a user with a function, of which those in `own` were set for her. They reach as far as the
    /// function does.
    pub fn of_user(function: Function, own: &UserRights) -> Self {
        let mut rights = Self::of(Role::Institution(function));
        for (&part, actions) in own {
            let scope = rights.get(part).map_or(usual_scope(function, part), |right| right.scope);
            let right = Right::new(actions.iter().copied(), scope);
            rights.set(part, (!actions.is_empty()).then_some(right));
        }
        rights
    }

    /// The rights of an account with a role. Those in `own` were set for it, which they are for users alone.
    pub fn of_account(role: Role, own: Option<&UserRights>) -> Self {
        match (role, own) {
            (Role::Institution(function), Some(own)) => Self::of_user(function, own),
            (role, _) => Self::of(role),
        }
    }

    /// The rights of an account with a role at an institution that says who enters its children (C141). Rights on pupils
    /// that were set for one user stay as they were set.
    pub fn at_an_institution(role: Role, own: Option<&UserRights>, entered_by: ChildrenEnteredBy) -> Self {
        let rights = Self::of_account(role, own);
        let are_set = own.is_some_and(|own| own.contains_key(&Part::Pupils));
        if are_set || !entered_by.lets_in_own_groups(role) {
            return rights;
        }
        rights.with(Part::Pupils, Action::Create, Scope::OwnGroups)
    }

    /// The same rights of somebody who is limited to locations (C143).
    #[must_use]
    pub fn within_locations(mut self) -> Self {
        for part in Part::ALL.into_iter().filter(|part| part.is_limited_to_locations()) {
            let limited = self.get(part).map(|right| Right { scope: Scope::OwnLocations, ..right });
            self.set(part, limited);
        }
        self
    }

    /// The same rights, and one more action on a part.
    fn with(mut self, part: Part, action: Action, scope: Scope) -> Self {
        let allowed = self.get(part);
        let actions = Action::ALL
            .into_iter()
            .filter(|&one| one == action || allowed.is_some_and(|right| right.allows(one)));
        self.set(part, Some(Right::new(actions, scope)));
        self
    }

    /// What both these rights and `other` allow, as far as both reach.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |(part, action, scope): (Part, Action, Scope)| {
            other.scope(part, action).map(|others| (part, action, scope.min(others)))
        };
        self.iter().filter_map(both).collect()
    }

    /// How far `action` may be taken on `part`; `None` means not at all.
    pub fn scope(&self, part: Part, action: Action) -> Option<Scope> {
        self.get(part).filter(|right| right.allows(action)).map(|right| right.scope)
    }

    /// Everything that is allowed, in the order of parts and actions.
    pub fn iter(&self) -> impl Iterator<Item = (Part, Action, Scope)> {
        let all = Part::ALL.into_iter().flat_map(|part| Action::ALL.map(|action| (part, action)));
        all.filter_map(|(part, action)| self.scope(part, action).map(|scope| (part, action, scope)))
    }

    fn get(&self, part: Part) -> Option<Right> {
        self.0.get(part as usize).copied().flatten()
    }

    fn set(&mut self, part: Part, right: Option<Right>) {
        if let Some(place) = self.0.get_mut(part as usize) {
            *place = right;
        }
    }
}

impl FromIterator<(Part, Action, Scope)> for Rights {
    /// These rights and no others; of a part named with more than one scope the last counts.
    fn from_iter<T: IntoIterator<Item = (Part, Action, Scope)>>(allowed: T) -> Self {
        allowed
            .into_iter()
            .fold(Self::default(), |rights, (part, action, scope)| rights.with(part, action, scope))
    }
}

/// How far a right on a part reaches that the function does not have by itself: as far as the function reaches.
fn usual_scope(function: Function, part: Part) -> Scope {
    let in_groups =
        matches!(function, Function::Teacher | Function::ChildcareWorker | Function::PedagogicalCoach);
    if in_groups && part.is_of_children() && part != Part::Imports {
        Scope::OwnGroups
    } else {
        Scope::Institution
    }
}

/// That an administrator can set the rights on a part to these actions for a user: no more than an administrator or
/// an intern begeleider has by function. Users, groups, imports, which make groups, and tokens stay with the
/// administrators (C006), and nobody's own account is taken away.
///
/// # Errors
/// `not-grantable`.
fn check_grantable(part: Part, actions: &BTreeSet<Action>) -> Result<(), Refusal> {
    if is_settable(part) && actions.iter().all(|&action| exists(part, action)) {
        return Ok(());
    }
    Err(Refusal::new("not-grantable", "must be a right that can be given to one user"))
}

/// Whether the rights on a part can be set for one user.
const fn is_settable(part: Part) -> bool {
    use Part::*;
    matches!(part, Pupils | Notes | Registrations | Overviews | SecurityEvents)
}

/// Whether somebody at an institution has this right by function, so that it means something.
fn exists(part: Part, action: Action) -> bool {
    [Function::Administrator, Function::InternBegeleider]
        .into_iter()
        .any(|function| Rights::of(Role::Institution(function)).scope(part, action).is_some())
}

/// The rights that an administrator sets for a user, from the parts that were named with everything that is allowed
/// with each.
///
/// # Errors
/// For `rights/…` what [`check_grantable`] refuses; for `rights/…/part` `repeated` when a part is named twice.
pub fn user_rights(
    named: impl IntoIterator<Item = (Part, Vec<Action>)>,
) -> Result<UserRights, FieldRefusals> {
    let (mut rights, mut refusals) = (UserRights::new(), FieldRefusals::new());
    for (index, (part, actions)) in named.into_iter().enumerate() {
        let actions = actions.into_iter().collect();
        refusals.check(format!("rights/{index}"), check_grantable(part, &actions));
        if rights.insert(part, actions).is_some() {
            refusals.refuse(format!("rights/{index}/part"), named_twice());
        }
    }
    refusals.or(rights)
}

/// The refusal of a part that is named a second time.
pub(super) fn named_twice() -> Refusal {
    Refusal::new("repeated", "must not name a part twice")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ProcessorFunction;

    fn own(rights: &[(Part, &[Action])]) -> UserRights {
        rights.iter().map(|(part, actions)| (*part, actions.iter().copied().collect())).collect()
    }

    #[test]
    fn c066_rights_are_those_of_the_function_but_for_the_parts_that_were_set() {
        let set =
            own(&[(Part::Notes, &[Action::Read]), (Part::Pupils, &[]), (Part::Imports, &[Action::Read])]);
        let rights = Rights::of_user(Function::Teacher, &set);
        assert_eq!(rights.scope(Part::Notes, Action::Read), Some(Scope::OwnGroups));
        assert_eq!(rights.scope(Part::Notes, Action::Create), None);
        assert_eq!(rights.scope(Part::Pupils, Action::Read), None);
        assert_eq!(rights.scope(Part::Imports, Action::Read), Some(Scope::Institution));
        assert_eq!(rights.scope(Part::Registrations, Action::Create), Some(Scope::OwnGroups));
    }

    #[test]
    fn only_users_have_rights_of_their_own() {
        let set = own(&[(Part::Notes, &[])]);
        let notes = |role, own| Rights::of_account(role, own).scope(Part::Notes, Action::Read);
        assert!(notes(Role::Institution(Function::Teacher), None).is_some());
        assert!(notes(Role::Institution(Function::Teacher), Some(&set)).is_none());
        for function in ProcessorFunction::ALL {
            let role = Role::Processor(function);
            assert_eq!(Rights::of_account(role, Some(&set)), Rights::of(role));
        }
    }

    #[test]
    fn c141_the_institution_says_whether_those_at_the_group_enter_its_children() {
        let enters = |function, own: &UserRights, by| {
            Rights::at_an_institution(Role::Institution(function), Some(own), by)
                .scope(Part::Pupils, Action::Create)
        };
        let none = UserRights::new();
        for function in Function::ALL {
            let by_function = Rights::of(Role::Institution(function)).scope(Part::Pupils, Action::Create);
            assert_eq!(enters(function, &none, ChildrenEnteredBy::Administrators), by_function);
            let at_the_group = matches!(function, Function::Teacher | Function::ChildcareWorker);
            let expected = if at_the_group { Some(Scope::OwnGroups) } else { by_function };
            assert_eq!(enters(function, &none, ChildrenEnteredBy::OwnGroups), expected, "{function:?}");
        }
        let reads = own(&[(Part::Pupils, &[Action::Read])]);
        assert_eq!(enters(Function::Teacher, &reads, ChildrenEnteredBy::OwnGroups), None);
        let staff = Role::Processor(ProcessorFunction::Helpdesk);
        assert_eq!(Rights::at_an_institution(staff, None, ChildrenEnteredBy::OwnGroups), Rights::of(staff));
    }

    #[test]
    fn c143_who_is_limited_to_locations_does_the_same_there_and_reaches_no_child_elsewhere() {
        for function in Function::ALL.into_iter().filter(|one| one.can_be_limited_to_locations()) {
            let whole = Rights::of(Role::Institution(function));
            let limited = whole.within_locations();
            let actions = |rights: &Rights| rights.iter().map(|right| (right.0, right.1)).collect::<Vec<_>>();
            assert_eq!(actions(&limited), actions(&whole));
            for (part, _, scope) in limited.iter() {
                assert!(!part.is_of_children() || scope == Scope::OwnLocations, "{function:?} {part:?}");
            }
            assert_eq!(limited.scope(Part::Colleagues, Action::Read), Some(Scope::Institution));
        }
    }

    #[test]
    fn nobody_is_given_what_belongs_to_the_administrator_or_the_platform() {
        for (part, action) in [
            (Part::Users, Action::Create),
            (Part::Groups, Action::Create),
            (Part::ApiTokens, Action::Create),
            (Part::Frameworks, Action::Change),
            (Part::Contacts, Action::Read),
            (Part::Account, Action::Read),
            (Part::Credentials, Action::Change),
            (Part::Imports, Action::Create),
        ] {
            assert_eq!(check_grantable(part, &BTreeSet::from([action])).unwrap_err().code, "not-grantable");
        }
        assert_eq!(check_grantable(Part::Pupils, &BTreeSet::from([Action::Read, Action::Export])), Ok(()));
        assert_eq!(check_grantable(Part::Notes, &BTreeSet::new()), Ok(()));
    }

    #[test]
    fn everything_that_is_allowed_is_listed_once() {
        for role in Role::ALL {
            let listed: Vec<_> = Rights::of(role).iter().collect();
            let distinct: BTreeSet<_> = listed.iter().map(|(part, action, _)| (part, action)).collect();
            assert_eq!(listed.len(), distinct.len());
        }
        assert_eq!(Rights::default().iter().count(), 0);
    }

    #[test]
    fn what_two_rights_allow_is_what_both_do() {
        let teacher = Rights::of(Role::Institution(Function::Teacher));
        let limited = Rights::of_user(Function::Administrator, &own(&[(Part::Notes, &[])]));
        assert_eq!(teacher.and(&limited).scope(Part::Notes, Action::Read), None);
        assert_eq!(teacher.and(&limited).scope(Part::Pupils, Action::Read), Some(Scope::OwnGroups));
        assert_eq!(limited.and(&teacher), teacher.and(&limited));
        assert_eq!(teacher.and(&Rights::default()), Rights::default());
        assert_eq!(teacher.and(&teacher), teacher);
    }

    #[test]
    fn who_only_reads_some_parts_does_nothing_else() {
        let read = [(Part::Overviews, Action::Read, Scope::Institution)];
        assert_eq!(Rights::from_iter(read).iter().collect::<Vec<_>>(), read);
    }
}

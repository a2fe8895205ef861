//! Who may do what: parts, actions, roles, and how far each reaches (C005, C006, C066, C072).
//!
//! What a role may do is in [`rights_by_role`]; what one user may do where that differs, in [`rights`]; what has to be
//! in order before a right can be used, in [`admission`].

pub mod access_settings;
pub mod admission;
pub mod api_token;
pub mod author;
pub mod credential;
pub mod document_password;
pub mod email_address;
mod entitlement;
mod given;
mod given_group;
mod given_location;
pub mod invitation;
pub mod letter;
pub mod login;
pub mod membership;
pub mod password;
mod permission;
pub mod principal;
pub mod right_change;
mod rights;
mod rights_by_role;
pub mod role;
pub mod second_factor;
pub mod session;
pub mod user;

pub use entitlement::Entitlement;
pub use given_group::{GivenGroup, GivenGroups};
pub use given_location::{GivenLocation, GivenLocations};
pub use permission::{Action, Part, Scope};
pub use rights::{Rights, UserRights, user_rights};
pub use role::{Function, ProcessorFunction, Role};

/// How far `role` may take `action` on `part`, as long as nobody gave it other rights; `None` means not at all.
pub fn scope(role: Role, part: Part, action: Action) -> Option<Scope> {
    Rights::of(role).scope(part, action)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMINISTRATOR: Role = Role::Institution(Function::Administrator);
    const TEACHER: Role = Role::Institution(Function::Teacher);
    const PLATFORM_ADMINISTRATOR: Role = Role::Processor(ProcessorFunction::PlatformAdministrator);

    #[test]
    fn who_may_do_more_with_a_part_may_read_it() {
        for (role, part, action) in every_question() {
            if let Some(reach) = scope(role, part, action) {
                assert_eq!(scope(role, part, Action::Read), Some(reach), "{role:?} {part:?} {action:?}");
            }
        }
    }

    #[test]
    fn c002_c017_the_processor_reaches_no_child_and_no_institution_reaches_the_platform() {
        for (role, part, action) in every_question() {
            let reach = scope(role, part, action);
            if let Role::Processor(_) = role {
                assert!(matches!(reach, None | Some(Scope::Platform)));
                assert!(reach.is_none() || !part.is_of_children(), "{role:?} {part:?}");
            } else {
                assert_ne!(reach, Some(Scope::Platform));
            }
        }
    }

    #[test]
    fn c006_only_the_administrator_creates_users_and_groups() {
        for role in Role::ALL {
            for part in [Part::Users, Part::Groups] {
                let may = scope(role, part, Action::Create).is_some();
                assert_eq!(may, role == ADMINISTRATOR, "{role:?} {part:?}");
            }
        }
    }

    #[test]
    fn c009_c099_the_secretariat_couples_and_only_the_administrator_approves() {
        let secretariat = Role::Processor(ProcessorFunction::Secretariat);
        for role in Role::ALL {
            let may = |action| scope(role, Part::Couplings, action).is_some();
            assert_eq!(may(Action::Create), role == secretariat, "{role:?}");
            assert_eq!(may(Action::Change), role == ADMINISTRATOR, "{role:?}");
            assert_eq!(may(Action::Delete), role == secretariat || role == ADMINISTRATOR, "{role:?}");
        }
    }

    #[test]
    fn c072_no_institution_changes_a_framework() {
        for (role, _, action) in every_question().filter(|question| question.2 != Action::Read) {
            let may = scope(role, Part::Frameworks, action).is_some();
            assert_eq!(may, role == PLATFORM_ADMINISTRATOR && action != Action::Export);
        }
    }

    #[test]
    fn a_teacher_works_in_their_own_groups() {
        assert_eq!(scope(TEACHER, Part::Registrations, Action::Delete), Some(Scope::OwnGroups));
        assert_eq!(scope(TEACHER, Part::Notes, Action::Delete), None);
        assert_eq!(scope(TEACHER, Part::Pupils, Action::Change), None);
    }

    #[test]
    fn everybody_has_their_own_account() {
        for role in Role::ALL {
            for part in [Part::Account, Part::Credentials] {
                assert!(scope(role, part, Action::Change).is_some());
                assert_eq!(scope(role, part, Action::Export), None);
            }
        }
    }

    fn every_question() -> impl Iterator<Item = (Role, Part, Action)> {
        Role::ALL.into_iter().flat_map(|role| {
            Part::ALL
                .into_iter()
                .flat_map(move |part| Action::ALL.into_iter().map(move |action| (role, part, action)))
        })
    }
}

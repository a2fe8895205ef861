//! Who may do what: parts, actions, roles, and how far each reaches (C005, C006, C066, C072).
//!
//! What a role may do is in [`presets`]; what one user may do where that differs, in [`rights`].

pub mod access_settings;
pub mod api_token;
pub mod credential;
mod entitlement;
pub mod invitation;
pub mod letter;
pub mod login;
pub mod password;
mod presets;
pub mod principal;
pub mod right_change;
mod rights;
pub mod role;
pub mod second_factor;
pub mod session;
pub mod user;

use crate::values::text::code_list;

pub use entitlement::Entitlement;
pub use rights::{Rights, UserRights, check_grantable};
pub use role::{Function, ProcessorFunction, Role};

code_list! {
    /// A part of the system that access is given to (C006).
    pub enum Part {
        /// Institutions and their settings.
        Institutions = "institutions",
        /// Licences and their terms.
        Licences = "licences",
        /// Users, their functions, rights, groups and invitations.
        Users = "users",
        /// Groups of children.
        Groups = "groups",
        /// Children and their placements.
        Pupils = "pupils",
        /// Notes about what was seen.
        Notes = "notes",
        /// Registrations of development.
        Registrations = "registrations",
        /// Overviews per child and per group.
        Overviews = "overviews",
        /// Imports of school files.
        Imports = "imports",
        /// Observation frameworks.
        Frameworks = "frameworks",
        /// The actor's own account and sessions.
        Account = "account",
        /// What the actor logs in with: all that is left to whoever must choose another password (C059).
        Credentials = "credentials",
        /// What may be an attack (C079).
        SecurityEvents = "security-events",
        /// Tokens with which programs and auditors ask.
        ApiTokens = "api-tokens",
        /// What users allow the processor's staff to see of them (C012, C050).
        SupportConsents = "support-consents",
        /// Looks of the processor's staff into an institution (C010, C012, C013).
        SupportSessions = "support-sessions",
        /// What the helpdesk sees of children in a support session, and nothing else (C016).
        SupportView = "support-view",
        /// Users of institutions as the processor's staff sees them (C008, C009, C011).
        Contacts = "contacts",
        /// Advisers who work for an institution for a time (C100, C101).
        Couplings = "couplings",
        /// The processor's own staff (C045).
        ProcessorStaff = "processor-staff",
    }
}

impl Part {
    /// Whether it holds data about children: the processor's staff sees it in a support session only (C017).
    pub const fn is_of_children(self) -> bool {
        matches!(
            self,
            Self::Groups
                | Self::Pupils
                | Self::Notes
                | Self::Registrations
                | Self::Overviews
                | Self::Imports
                | Self::SupportView
        )
    }
}

code_list! {
    /// What is done with a part (C066).
    pub enum Action {
        /// Look.
        Read = "read",
        /// Add.
        Create = "create",
        /// Alter.
        Change = "change",
        /// Take away.
        Delete = "delete",
        /// Take along as a file.
        Export = "export",
    }
}

code_list! {
    /// How far a permission reaches. A narrower scope comes first.
    pub enum Scope {
        /// The groups that the actor is assigned to, and the children in them.
        OwnGroups = "own-groups",
        /// The actor's whole institution.
        Institution = "institution",
        /// What is kept for all institutions together; never a child's data (C002).
        Platform = "platform",
    }
}

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
    fn c009_only_the_secretariat_couples_and_decouples_an_adviser() {
        for role in Role::ALL {
            for action in [Action::Create, Action::Delete] {
                let may = scope(role, Part::Couplings, action).is_some();
                assert_eq!(may, role == Role::Processor(ProcessorFunction::Secretariat), "{role:?}");
            }
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

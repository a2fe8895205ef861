//! Who may do what: functions, parts of the system, actions, and how far each reaches (C005, C006, C072).
use serde::{Serialize, Serializer};

use crate::text::code_list;

code_list! {
    /// A part of the system that access is given to (C006).
    pub enum Part {
        /// Institutions and their settings.
        Institutions = "institutions",
        /// Licences and their terms.
        Licences = "licences",
        /// Users, their functions, groups and invitations.
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
    }
}

code_list! {
    /// What is done with a part.
    pub enum Action {
        /// Look.
        Read = "read",
        /// Add.
        Create = "create",
        /// Alter.
        Change = "change",
        /// Take away.
        Delete = "delete",
    }
}

code_list! {
    /// What a user does at an institution (C005, C006).
    pub enum Function {
        /// Beheerder: appointed per licence, admits users and arranges groups.
        Administrator = "administrator",
        /// Teacher of a school group.
        Teacher = "teacher",
        /// Pedagogical worker in childcare or a playgroup.
        ChildcareWorker = "childcare-worker",
        /// Intern begeleider: coordinates care for pupils across the school.
        InternBegeleider = "intern-begeleider",
        /// School or location management.
        Management = "management",
        /// Quality officer.
        QualityOfficer = "quality-officer",
        /// Pedagogical coach of the workers in a number of groups.
        PedagogicalCoach = "pedagogical-coach",
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

/// In what capacity somebody acts: a member of an institution, or the processor's platform administrator, who
/// is a member of none (C002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A member of an institution, with this function.
    Institution(Function),
    /// The processor's administrator of institutions, licences and frameworks.
    PlatformAdministrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Institution(Function::Administrator),
        Self::Institution(Function::Teacher),
        Self::Institution(Function::ChildcareWorker),
        Self::Institution(Function::InternBegeleider),
        Self::Institution(Function::Management),
        Self::Institution(Function::QualityOfficer),
        Self::Institution(Function::PedagogicalCoach),
        Self::PlatformAdministrator,
    ];

    /// The code of the function, or `platform-administrator`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Institution(function) => function.code(),
            Self::PlatformAdministrator => "platform-administrator",
        }
    }

    /// The role with this code; `None` for an unknown one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// How far `role` may take `action` on `part`; `None` means not at all.
pub fn scope(role: Role, part: Part, action: Action) -> Option<Scope> {
    grants(role)
        .iter()
        .chain(own_account(role))
        .find(|grant| grant.0 == part && grant.1.contains(&action))
        .map(|grant| grant.2)
}

/// One line of the table: these actions on this part, this far.
type Grant = (Part, &'static [Action], Scope);

const READ: &[Action] = &[Action::Read];
const READ_CREATE: &[Action] = &[Action::Read, Action::Create];
const READ_CHANGE: &[Action] = &[Action::Read, Action::Change];
const READ_CREATE_CHANGE: &[Action] = &[Action::Read, Action::Create, Action::Change];
const EVERYTHING: &[Action] = &Action::ALL;

/// The table itself. Essential points (frameworks) change only at the platform (C072); only the administrator
/// creates users and gives access (C006).
const fn grants(role: Role) -> &'static [Grant] {
    use Function::*;
    use Part::*;
    use Scope::*;
    match role {
        Role::Institution(Administrator) => &[
            (Institutions, READ, Institution),
            (Licences, READ, Institution),
            (Users, READ_CREATE_CHANGE, Institution),
            (Groups, EVERYTHING, Institution),
            (Pupils, READ_CREATE_CHANGE, Institution),
            (Imports, READ_CREATE_CHANGE, Institution),
            (Notes, READ, Institution),
            (Registrations, READ, Institution),
            (Overviews, READ, Institution),
            (Frameworks, READ, Institution),
        ],
        Role::Institution(Teacher | ChildcareWorker) => &[
            (Institutions, READ, Institution),
            (Groups, READ, OwnGroups),
            (Pupils, READ, OwnGroups),
            (Notes, READ_CREATE_CHANGE, OwnGroups),
            (Registrations, EVERYTHING, OwnGroups),
            (Overviews, READ, OwnGroups),
            (Frameworks, READ, Institution),
        ],
        Role::Institution(InternBegeleider) => &[
            (Institutions, READ, Institution),
            (Groups, READ, Institution),
            (Pupils, READ_CHANGE, Institution),
            (Notes, READ_CREATE_CHANGE, Institution),
            (Registrations, EVERYTHING, Institution),
            (Overviews, READ, Institution),
            (Frameworks, READ, Institution),
        ],
        Role::Institution(Management) => &[
            (Institutions, READ, Institution),
            (Licences, READ, Institution),
            (Groups, READ, Institution),
            (Pupils, READ, Institution),
            (Registrations, READ, Institution),
            (Overviews, READ, Institution),
            (Frameworks, READ, Institution),
        ],
        Role::Institution(QualityOfficer) => &[
            (Institutions, READ, Institution),
            (Groups, READ, Institution),
            (Pupils, READ, Institution),
            (Overviews, READ, Institution),
            (Frameworks, READ, Institution),
        ],
        Role::Institution(PedagogicalCoach) => &[
            (Institutions, READ, Institution),
            (Groups, READ, OwnGroups),
            (Pupils, READ, OwnGroups),
            (Notes, READ_CREATE, OwnGroups),
            (Registrations, READ, OwnGroups),
            (Overviews, READ, OwnGroups),
            (Frameworks, READ, Institution),
        ],
        Role::PlatformAdministrator => &[
            (Institutions, READ_CREATE_CHANGE, Platform),
            (Licences, READ_CHANGE, Platform),
            (Frameworks, EVERYTHING, Platform),
        ],
    }
}

/// Everybody looks after their own account; the scope says where it is kept.
const fn own_account(role: Role) -> &'static [Grant] {
    match role {
        Role::Institution(_) => &[(Part::Account, READ_CHANGE, Scope::Institution)],
        Role::PlatformAdministrator => &[(Part::Account, READ_CHANGE, Scope::Platform)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMINISTRATOR: Role = Role::Institution(Function::Administrator);
    const TEACHER: Role = Role::Institution(Function::Teacher);

    #[test]
    fn every_role_has_a_code_of_its_own() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        let functions = Role::ALL.into_iter().filter(|role| matches!(role, Role::Institution(_)));
        assert_eq!(functions.count(), Function::ALL.len());
        assert_eq!(Role::from_code("owner"), None);
    }

    #[test]
    fn no_role_has_two_lines_for_one_part() {
        for role in Role::ALL {
            for part in Part::ALL {
                let lines = grants(role).iter().chain(own_account(role)).filter(|grant| grant.0 == part);
                assert!(lines.count() <= 1, "{role:?} {part:?}");
            }
        }
    }

    #[test]
    fn who_may_do_more_with_a_part_may_read_it() {
        for (role, part, action) in every_question() {
            if let Some(reach) = scope(role, part, action) {
                assert_eq!(scope(role, part, Action::Read), Some(reach), "{role:?} {part:?} {action:?}");
            }
        }
    }

    #[test]
    fn c002_the_platform_reaches_no_child_and_no_institution_reaches_the_platform() {
        let of_children =
            [Part::Groups, Part::Pupils, Part::Notes, Part::Registrations, Part::Overviews, Part::Imports];
        for (role, part, action) in every_question() {
            let reach = scope(role, part, action);
            if role == Role::PlatformAdministrator {
                assert!(matches!(reach, None | Some(Scope::Platform)));
                assert!(reach.is_none() || !of_children.contains(&part));
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
    fn c072_no_institution_changes_a_framework() {
        for (role, _, action) in every_question().filter(|question| question.2 != Action::Read) {
            let may = scope(role, Part::Frameworks, action).is_some();
            assert_eq!(may, role == Role::PlatformAdministrator);
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
            assert!(scope(role, Part::Account, Action::Change).is_some());
            assert_eq!(scope(role, Part::Account, Action::Delete), None);
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

//! In what capacity somebody acts.

use serde::{Serialize, Serializer};

use crate::values::text::code_list;

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

impl Function {
    /// Whether a user with this function can be limited to locations of the institution (C143): not who works in groups of
    /// her own, nor who administers the whole of it.
    pub const fn can_be_limited_to_locations(self) -> bool {
        matches!(
            self,
            Self::InternBegeleider | Self::Management | Self::QualityOfficer | Self::PedagogicalCoach
        )
    }
}

code_list! {
    /// What somebody does at the processor (C008–C013). None of them has standing access to a child's data (C017).
    pub enum ProcessorFunction {
        /// Writes to customers: reads their names and addresses (C008).
        Marketing = "marketing",
        /// Keeps customers and licences, and couples advisers (C009).
        Secretariat = "secretariat",
        /// Advises institutions: about children only for a case or while coupled (C010, C100).
        Adviser = "adviser",
        /// Helps customers with their accounts (C011).
        AccountManager = "account-manager",
        /// Looks along with a user who allows it (C012, C016).
        Helpdesk = "helpdesk",
        /// Administers institutions, licences, frameworks and staff; reaches the rest in an emergency only (C013).
        PlatformAdministrator = "platform-administrator",
    }
}

/// In what capacity somebody acts: a member of an institution, or staff of the processor, who are members of none
/// (C002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A member of an institution, with this function.
    Institution(Function),
    /// Staff of the processor, with this function.
    Processor(ProcessorFunction),
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 13] = [
        Self::Institution(Function::Administrator),
        Self::Institution(Function::Teacher),
        Self::Institution(Function::ChildcareWorker),
        Self::Institution(Function::InternBegeleider),
        Self::Institution(Function::Management),
        Self::Institution(Function::QualityOfficer),
        Self::Institution(Function::PedagogicalCoach),
        Self::Processor(ProcessorFunction::Marketing),
        Self::Processor(ProcessorFunction::Secretariat),
        Self::Processor(ProcessorFunction::Adviser),
        Self::Processor(ProcessorFunction::AccountManager),
        Self::Processor(ProcessorFunction::Helpdesk),
        Self::Processor(ProcessorFunction::PlatformAdministrator),
    ];

    /// The code of the function.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Institution(function) => function.code(),
            Self::Processor(function) => function.code(),
        }
    }

    /// The function at an institution; `None` for the processor's staff.
    pub const fn function(self) -> Option<Function> {
        match self {
            Self::Institution(function) => Some(function),
            Self::Processor(_) => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_code_of_its_own() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::ALL.len(), Function::ALL.len() + ProcessorFunction::ALL.len());
        assert_eq!(Role::from_code("owner"), None);
    }
}

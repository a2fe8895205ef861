//! Who can ask: the roles, and what is not a role but asks all the same.

use groeilijn_domain::access::api_token::{self, ApiTokenKind};
use groeilijn_domain::access::{Action, Function, Part, Rights, Role, Scope};
use groeilijn_domain::support::{self, SupportKind};

/// Somebody, or something, that the policy has a column for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Somebody with a role.
    Role(Role),
    /// Somebody with this function at an institution who is limited to locations (C143).
    AtLocations(Function),
    /// Somebody of the processor in a support session, with all the parts that it can show. Looking along is with a
    /// teacher, and a case answers a request about a group.
    Support(SupportKind),
    /// An API token, with everything that its kind can hold.
    ApiToken(ApiTokenKind),
}

impl Caller {
    /// All of them, in the order of the columns.
    pub fn all() -> Vec<Self> {
        let roles = Role::ALL.into_iter().map(Self::Role);
        let limited = Function::ALL.into_iter().filter(|function| function.can_be_limited_to_locations());
        roles
            .chain(limited.map(Self::AtLocations))
            .chain(SupportKind::ALL.into_iter().map(Self::Support))
            .chain(ApiTokenKind::ALL.into_iter().map(Self::ApiToken))
            .collect()
    }

    /// What its column is called.
    pub fn name(self) -> String {
        match self {
            Self::Role(role) => role.code().to_owned(),
            Self::AtLocations(function) => format!("at locations: {}", function.code()),
            Self::Support(kind) => format!("support: {}", kind.code()),
            Self::ApiToken(kind) => format!("token: {}", kind.code()),
        }
    }

    /// What it may do at most.
    pub fn rights(self) -> Rights {
        match self {
            Self::Role(role) => Rights::of(role),
            Self::AtLocations(function) => Rights::of(Role::Institution(function)).within_locations(),
            Self::Support(kind) => {
                let reach = match kind {
                    SupportKind::LookAlong | SupportKind::Case => Scope::OwnGroups,
                    SupportKind::Coupling | SupportKind::Emergency => Scope::Institution,
                };
                support::rights(&kind.ceiling().iter().copied().collect(), Some(reach))
            }
            Self::ApiToken(kind) => {
                // Its maker is an administrator, and gives nothing that she has not.
                let maker = Rights::of(Role::Institution(Function::Administrator));
                let everything = Part::ALL.map(|part| (part, Action::ALL.into()));
                api_token::rights(kind, &everything.into(), &maker)
            }
        }
    }

    /// Whether it acts in an institution.
    pub fn has_institution(self) -> bool {
        !matches!(self, Self::Role(Role::Processor(_)))
    }
}

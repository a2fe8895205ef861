//! The areas that the API is cut into, which are the folders of its routes too.

use crate::openapi::Operation;
use crate::reply::text;

/// A part of the API that is tested on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Accounts, sessions, passwords, second factors, tokens and rights.
    Access,
    /// Groups, pupils and what is kept about their development.
    Children,
    /// Institutions, licences and contacts.
    Institutions,
    /// How the processor's staff helps an institution.
    Support,
    /// How long what is kept is kept, and its destruction.
    Retention,
    /// The audit log of an institution.
    Audit,
    /// Security incidents and datalekken.
    Incidents,
    /// The processor's own staff, and what may be an attack.
    Platform,
    /// The clauses of the contracts.
    Evidence,
}

impl Area {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Access,
        Self::Children,
        Self::Institutions,
        Self::Support,
        Self::Retention,
        Self::Platform,
        Self::Audit,
        Self::Evidence,
        Self::Incidents,
    ];

    /// The area of an operation, which follows from its tag; `None` when it has another one.
    pub fn of(operation: &Operation) -> Option<Self> {
        let tag = text(&operation.described["tags"][0]);
        Self::ALL.into_iter().find(|area| area.name() == tag)
    }

    /// The tag of its operations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Children => "children",
            Self::Institutions => "institutions",
            Self::Support => "support",
            Self::Retention => "retention",
            Self::Audit => "audit",
            Self::Incidents => "incidents",
            Self::Platform => "platform",
            Self::Evidence => "evidence",
        }
    }
}

//! The register of rights of the processor's staff: what a member might do before a change and may do after it (C067,
//! C146).

use serde::{Deserialize, Serialize};

use super::confidentiality_statement::ConfidentialityStatement;
use crate::access::ProcessorFunction;
use crate::access::session::AccountState;

/// Everything that decides what a member of the processor's staff may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffEntitlement {
    /// What they do.
    pub function: ProcessorFunction,
    /// Whether they are let in.
    pub state: AccountState,
    /// The latest confidentiality statement, if one was signed (C045).
    pub statement: Option<ConfidentialityStatement>,
}

/// What changed of the rights of a member of the processor's staff, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRightChange {
    /// What they were entitled to before; nothing when they were entered.
    pub before: Option<StaffEntitlement>,
    /// What they are entitled to since.
    pub after: StaffEntitlement,
    /// Why, in the words of who changed it.
    pub reason: String,
}

//! The register of rights: what a user might do before a change and may do after it (C067).

use serde::{Deserialize, Serialize};

use super::Entitlement;

/// What changed of the rights of a user, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightChange {
    /// What she was entitled to before; nothing when she was entered.
    pub before: Option<Entitlement>,
    /// What she is entitled to since.
    pub after: Entitlement,
    /// Why, in the words of who changed it; nothing when she was entered.
    pub reason: Option<String>,
}

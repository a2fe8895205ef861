//! Who may see a child now: which of their rights are about children, and why they have them (C096).

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Action, Part, Rights, Scope};
use crate::values::text::code_list;

code_list! {
    /// Why somebody may see a child now.
    pub enum ReaderBasis {
        /// A user of the institution: by her function, the rights that were set for her and her groups.
        User = "user",
        /// A program or an auditor with a token of the institution.
        ApiToken = "api-token",
        /// A member of the processor's staff in a support session that is open.
        SupportSession = "support-session",
        /// The helpdesk, once it looks along with a user who allows it.
        SupportConsent = "support-consent",
        /// An adviser who is coupled to the institution, once she looks.
        Coupling = "coupling",
        /// An adviser, once she looks for the sake of a request of the institution.
        SupportRequest = "support-request",
        /// A platform administrator, once she opens a session in an emergency, of which the institution is told at once.
        Emergency = "emergency",
    }
}

/// What somebody may do with each part.
pub type SeenParts = BTreeMap<Part, BTreeSet<Action>>;

/// Of somebody's rights those that are about children, each with how far it reaches. Groups hold nobody.
pub fn about_children(rights: &Rights) -> impl Iterator<Item = (Part, Action, Scope)> {
    rights.iter().filter(|(part, ..)| part.is_of_children() && *part != Part::Groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Function, Role};

    #[test]
    fn c096_rights_on_what_holds_no_child_show_nobody() {
        let parts = |function| {
            let rights = Rights::of(Role::Institution(function));
            about_children(&rights).map(|(part, ..)| part).collect::<BTreeSet<_>>()
        };
        assert_eq!(parts(Function::QualityOfficer), BTreeSet::from([Part::Pupils, Part::Overviews]));
        assert!(parts(Function::Administrator).contains(&Part::Imports));
        assert!(!parts(Function::Administrator).contains(&Part::Users));
    }
}

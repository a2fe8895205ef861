//! Leaving the institution: on which day, and where to (C105).

use crate::values::text::code_list;

code_list! {
    /// Where a child goes that leaves.
    pub enum DepartureKind {
        /// To the next form of education, such as from childcare to primary school: the term of C105 begins.
        NextEducation = "next-education",
        /// To the same form at another institution.
        Elsewhere = "elsewhere",
        /// Anywhere else, or nobody knows.
        Other = "other",
    }
}

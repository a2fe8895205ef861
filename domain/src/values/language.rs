//! The languages in which people are told what a file says.

use crate::values::text::code_list;

code_list! {
    /// A language that messages are written in.
    pub enum Language {
        /// Dutch.
        Dutch = "nl",
        /// English.
        English = "en",
    }
}

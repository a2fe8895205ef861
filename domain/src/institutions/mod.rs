//! Institutions, and what each has agreed to use.

pub mod contact;
pub mod forced_processing;
pub mod institution;
pub mod instruction;
pub mod licence;
pub mod organisation;

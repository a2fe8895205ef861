//! Institutions, what each has agreed to use, and their users as the processor sees them.

pub mod contacts;
pub mod institutions;
pub mod licences;

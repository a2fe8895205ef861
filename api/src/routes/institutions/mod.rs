//! Institutions, what each has agreed to use, and their users as the processor sees them.

pub mod contact_persons;
pub mod contacts;
pub mod forced_processings;
#[allow(clippy::module_inception, reason = "the resource gives the area its name")]
pub mod institutions;
pub mod instructions;
pub mod licences;
pub mod organisations;
mod reach;

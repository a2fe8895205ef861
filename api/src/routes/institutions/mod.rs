//! Institutions, what each has agreed to use, and their users as the processor sees them.

pub mod contacts;
#[allow(clippy::module_inception, reason = "the resource gives the area its name")]
pub mod institutions;
pub mod licences;
pub mod organisations;
pub(super) mod reach;

//! Institutions, what each has agreed to use, and their users as the processor sees them.

pub mod administrator_recoveries;
pub mod agreements;
pub mod contact_persons;
pub mod contacts;
pub mod contract_documents;
pub mod forced_processings;
#[allow(clippy::module_inception, reason = "the resource gives the area its name")]
pub mod institutions;
pub mod instructions;
pub mod licence_holders;
pub mod licences;
pub mod locations;
pub mod organisations;
pub mod processor_contact;
pub(super) mod reach;
pub mod webhook_endpoints;

//! Institutions, and what each has agreed to use.

pub mod administrator_recovery;
pub mod agreement;
pub mod contact;
pub mod contract_document;
pub mod forced_processing;
pub mod institution;
pub mod instruction;
pub mod licence;
pub mod licence_holder;
pub mod licence_state;
pub mod location;
pub mod organisation;
pub mod service;
pub mod webhook;

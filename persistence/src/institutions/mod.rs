//! Institutions, and what each has agreed to use.

pub mod administrator_recovery;
pub mod agreement;
pub mod contact;
pub mod contact_person;
pub mod contract_document;
pub mod forced_processing;
pub mod institution;
pub mod instruction;
pub mod key_owner;
pub mod licence;
pub mod licence_holder;
pub mod location;
pub mod organisation;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod webhook;

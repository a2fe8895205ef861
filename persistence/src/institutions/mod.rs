//! Institutions, and what each has agreed to use.

pub mod contact;
pub mod contact_person;
pub mod forced_processing;
pub mod institution;
pub mod instruction;
pub mod key_owner;
pub mod licence;
pub mod organisation;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;

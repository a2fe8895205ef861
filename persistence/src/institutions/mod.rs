//! Institutions, and what each has agreed to use.

pub mod contact;
pub mod institution;
pub mod key_owner;
pub mod licence;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;

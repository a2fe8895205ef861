//! The processor's own staff, and what it watches over.

pub(crate) mod confidentiality_statement;
pub mod institution_ending;
pub mod key_owner;
pub mod processor_staff;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod security_event;
pub mod staff_right_change;
pub mod subprocessor;

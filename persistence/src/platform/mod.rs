//! The processor's own staff, and what may be an attack.

pub mod processor_staff;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod security_event;

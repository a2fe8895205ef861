//! Looks of the processor's staff into an institution, and what they rest on.

pub mod coupling;
pub mod key_owner;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod support_consent;
pub mod support_request;
pub mod support_session;
pub mod support_view;

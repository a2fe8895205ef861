//! Looks of the processor's staff into an institution, and what they rest on.

pub mod couplings;
pub mod support_consents;
pub mod support_requests;
pub mod support_sessions;
pub mod support_view;

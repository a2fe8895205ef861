//! Looks of the processor's staff into an institution, and what they rest on.

pub mod coupling;
pub mod support_consent;
pub mod support_session;
pub mod support_view;

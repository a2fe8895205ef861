//! The processor's own staff, and what may be an attack.

pub mod institution_endings;
pub mod processor_staff;
pub mod security_events;
pub mod staff_right_changes;
pub mod subprocessors;

//! The processor's own staff, and what may be an attack.

pub mod processor_staff;
pub mod security_events;
pub mod staff_right_changes;

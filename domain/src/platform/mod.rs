//! The processor's own staff.

pub mod processor_staff;

//! The processor's own staff, and what it watches over.

pub mod backup;
pub mod confidentiality_statement;
pub mod ending;
pub mod processor_staff;
pub mod security_event;
pub mod staff_right_change;
pub mod subprocessor;
pub mod transfer;

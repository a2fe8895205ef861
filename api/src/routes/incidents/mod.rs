//! Security incidents, of which some are a datalek (C122–C133).

mod adding;
pub mod bodies;
pub mod cases;
pub mod reports;
pub mod stages;

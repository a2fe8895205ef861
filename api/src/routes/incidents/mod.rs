//! Security incidents, of which some are a datalek (C122–C133).

mod adding;
pub mod bodies;
pub mod cases;
pub mod contents;
pub mod decisions;
pub mod drafts;
pub mod parts;
pub mod reports;
pub mod stages;
pub mod telling;

//! What the contracts promise, and the evidence that it is kept.

pub mod clause;
pub mod clauses;
pub mod live;
pub mod proof;

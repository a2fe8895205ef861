//! What the contracts promise, and the evidence that it is kept.

pub mod audits;
pub mod clauses;
mod live;
pub mod pack;
pub mod records;

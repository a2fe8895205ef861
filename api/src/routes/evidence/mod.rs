//! What the contracts promise, and the evidence that it is kept.

pub mod clauses;
mod live;

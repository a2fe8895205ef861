//! What the contracts promise, and the evidence that it is kept.

pub mod audit;
pub mod clause;
pub mod clauses;
pub mod kind;
pub mod live;
pub mod pack;
pub mod proof;
pub mod record;

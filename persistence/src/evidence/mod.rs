//! The evidence that the contracts are kept.

pub mod audit;
pub mod live;
pub mod record;
pub(crate) mod schema;

//! The evidence that the contracts are kept.

pub mod live;

//! How long what is kept about children is kept, what holds it, and its destruction.

pub mod certificates;
pub mod destructions;
pub mod forecast;
pub mod holds;
pub mod policy;
pub mod statement;

//! A database: where it is, what its connections are, and how a query runs on either of the two.

pub mod claim;
pub mod connection;
pub mod copies;
pub mod dialect;
pub(crate) mod editions;
mod lineage;
pub mod migrations;
pub(crate) mod mirror;
pub mod outage;
pub mod programs;
pub mod query;
mod reachability;
pub mod readers;
pub mod roles;
pub mod rows;
mod server_address;
pub mod url;

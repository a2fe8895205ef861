//! Black-box tests over HTTP, each on its own fresh database, on SQLite (`sqlite::`) and PostgreSQL (`postgres::`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod audit;
mod backup;
mod children;
mod conditional;
mod confidentiality;
mod continuity;
mod docs;
mod document;
mod durability;
mod every_route;
mod evidence;
mod exhaustion;
mod incidents;
mod institutions;
mod killing;
mod openapi;
mod password;
mod platform;
mod policy;
mod program;
mod repeated;
mod retention;
mod schema;
mod school_year;
mod support;
mod tls;
mod transfer;

//! Black-box tests over HTTP, each on its own fresh database, on SQLite (`sqlite::`) and PostgreSQL (`postgres::`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod api_tokens;
mod audit;
mod confidentiality;
mod durability;
mod frameworks;
mod groups;
mod http;
mod imports;
mod institutions;
mod invitations;
mod notes;
mod openapi;
mod overviews;
mod placements;
mod program;
mod pupils;
mod registrations;
mod sessions;
mod users;

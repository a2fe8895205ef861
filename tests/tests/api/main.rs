//! Black-box tests over HTTP, each on its own fresh database, on SQLite (`sqlite::`) and PostgreSQL (`postgres::`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod access_settings;
mod api_tokens;
mod audit;
mod confidentiality;
mod contacts;
mod couplings;
mod durability;
mod frameworks;
mod groups;
mod http;
mod imports;
mod institutions;
mod invitations;
mod letters;
mod licences;
mod login;
mod notes;
mod open_sessions;
mod openapi;
mod overviews;
mod password_resets;
mod passwords;
mod placements;
mod processor_staff;
mod program;
mod pupils;
mod registrations;
mod rights;
mod second_factor;
mod security_events;
mod session_ends;
mod sessions;
mod support_consents;
mod support_sessions;
mod support_view;
mod tokens;
mod users;

//! How it is reached: the HTTP interface, its OpenAPI document and the `groeilijn` command.

pub mod audit_context;
pub mod background;
pub mod backup;
pub mod cli;
pub mod continuity;
pub mod finishing;
pub mod http;
pub mod installation;
mod log_signing;
mod log_witnessing;
pub mod login;
pub mod openapi;
mod operator;
mod printed;
mod readiness;
pub mod root_key;
pub mod routes;
pub mod runtime;
pub mod secret;
pub mod server;
pub mod settings;
pub mod state;
pub mod store_settings;
pub mod tls;
pub mod token;
pub mod upload_room;
pub mod waiting;

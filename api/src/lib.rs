//! How it is reached: the HTTP interface, its OpenAPI document and the `groeilijn` command.

pub mod http;
pub mod routes;
pub mod runtime;
pub mod settings;
pub mod state;
pub mod token;

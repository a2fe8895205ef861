//! How it is reached: the HTTP interface, its OpenAPI document and the `groeilijn` command.

pub mod cli;
pub mod http;
pub mod installation;
pub mod jobs;
pub mod login;
pub mod openapi;
mod outbox;
pub mod routes;
pub mod runtime;
pub mod secret;
pub mod server;
pub mod settings;
pub mod state;
pub mod token;

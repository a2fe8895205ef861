//! HTTP, apart from what the operations are about: how a request is read and how it is answered.

pub mod accept;
pub mod access;
pub mod area;
pub mod body;
pub mod change;
pub mod client_address;
pub mod cors;
pub mod create;
pub mod created_ids;
pub mod cursor;
pub mod described;
pub mod digest;
pub mod endpoint;
pub mod etag;
pub mod failure;
pub mod fields;
pub mod guard;
pub mod headers;
pub mod idempotency;
pub mod input;
pub mod json;
pub mod limits;
pub mod metrics;
pub mod middleware;
pub mod new_id;
pub mod operations;
pub mod own_password;
pub mod page;
pub mod password_field;
pub mod path;
pub mod pointer;
pub mod position;
pub mod problem;
pub mod problem_kind;
pub mod query;
pub mod rate_limit;
pub mod receive;
pub mod reply;
pub mod request_body;
pub mod revision;
pub mod secret_field;
pub mod strangers;
pub mod text_value;
pub mod trace;

#[cfg(test)]
mod tests;

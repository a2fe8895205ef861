//! Who logs in, with what, and what they may do.

pub mod account;
pub mod api_token;
pub mod credential;
pub mod job;
pub mod letter;
pub mod login;
pub mod password;
pub mod right_change;
pub mod second_factor;
pub mod session;
pub mod user;

//! Passwords and codes that somebody tries or chooses: one at a time for each thread that may hash.

mod password_attempt;
mod password_choice;

pub use password_attempt::{check_app_code, check_password};
pub use password_choice::check_choice;

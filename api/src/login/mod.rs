//! Passwords and codes: checking one that somebody tries, and one that somebody chooses. No more are hashed at once than
//! there are threads for it.

mod password_attempt;
mod password_choice;

pub use password_attempt::{check_app_code, check_password};
pub use password_choice::check_choice;

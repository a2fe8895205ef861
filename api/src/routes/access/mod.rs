//! Who logs in, with what, and what they may do.

pub mod access_settings;
pub mod api_tokens;
pub mod credentials;
pub mod invitations;
pub mod password_resets;
pub mod second_factor;
pub mod sessions;
pub mod users;

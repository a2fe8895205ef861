//! Who logs in, with what, and what they may do.

pub mod access_settings;
mod address_exception_bodies;
pub mod address_exceptions;
pub mod api_tokens;
pub(in crate::routes) mod authors;
pub mod colleagues;
pub mod credentials;
pub mod email_addresses;
pub mod invitations;
pub mod memberships;
pub mod open_sessions;
pub mod password_resets;
pub mod second_factor;
pub mod sessions;
pub mod user_rights;
pub mod users;

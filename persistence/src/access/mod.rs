//! Who logs in, with what, and what they may do.

pub mod access_settings;
pub(crate) mod account;
pub(crate) mod actor;
pub mod address_standing;
pub(crate) mod administrator;
pub mod api_token;
pub mod author;
pub mod colleague;
pub mod credential;
pub mod email_address;
pub(crate) mod forged;
mod hashing_turns;
pub mod invitation;
pub mod job;
pub mod key_owner;
pub mod letter;
pub mod login;
pub mod login_index;
pub mod membership;
pub(crate) mod origin_index;
pub mod own_details;
pub mod password_expiry;
pub mod password_hashing;
pub mod password_reset;
pub mod right_change;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod second_factor;
pub mod session;
pub mod user;

//! Who gets in, and what they may do there.

pub mod access_settings;
pub mod api_tokens;
pub mod credentials;
pub mod invitations;
pub mod open_sessions;
pub mod password_resets;
pub mod second_factor;
pub mod sessions;
pub mod user_rights;
pub mod users;

use crate::http::area::Area;

/// The name of the area.
pub const NAME: &str = "access";

/// The resources of the area. Paths are tried in this order.
pub fn area() -> Area {
    let endpoints = [
        sessions::endpoints(),
        open_sessions::endpoints(),
        credentials::endpoints(),
        second_factor::endpoints(),
        users::endpoints(),
        user_rights::endpoints(),
        invitations::endpoints(),
        password_resets::endpoints(),
        access_settings::endpoints(),
        api_tokens::endpoints(),
    ];
    Area {
        name: NAME,
        description: "Users and what they may do: logging in, passwords, second factors, rights and API tokens.",
        endpoints: endpoints.into_iter().flatten().collect(),
    }
}

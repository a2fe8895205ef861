//! Every operation of the API, a file for each resource.

pub mod access_settings;
pub mod api_tokens;
pub mod contacts;
pub mod couplings;
pub mod credentials;
pub mod frameworks;
pub mod groups;
pub mod imports;
pub mod institutions;
pub mod invitations;
pub mod licences;
pub mod notes;
pub mod overviews;
pub mod password_resets;
pub mod placements;
pub mod processor_staff;
pub mod pupils;
pub mod registrations;
pub mod second_factor;
pub mod security_events;
pub mod service;
pub mod sessions;
pub mod support_consents;
pub mod support_sessions;
pub mod support_view;
pub mod users;

use utoipa::OpenApi;

use crate::http::endpoint::Endpoint;

/// All operations below `/v1`. Paths are tried in this order, so what is asked for all day comes first.
pub fn endpoints() -> Vec<Endpoint> {
    [
        pupils::endpoints(),
        notes::endpoints(),
        registrations::endpoints(),
        overviews::endpoints(),
        groups::endpoints(),
        sessions::endpoints(),
        credentials::endpoints(),
        second_factor::endpoints(),
        placements::endpoints(),
        frameworks::endpoints(),
        imports::endpoints(),
        users::endpoints(),
        invitations::endpoints(),
        password_resets::endpoints(),
        institutions::endpoints(),
        licences::endpoints(),
        access_settings::endpoints(),
        security_events::endpoints(),
        processor_staff::endpoints(),
        contacts::endpoints(),
        couplings::endpoints(),
        support_consents::endpoints(),
        support_sessions::endpoints(),
        support_view::endpoints(),
        api_tokens::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The same operations as utoipa derives them from their handlers.
pub fn documented() -> utoipa::openapi::OpenApi {
    let mut document = sessions::Documented::openapi();
    for more in [
        credentials::Documented::openapi(),
        second_factor::Documented::openapi(),
        invitations::Documented::openapi(),
        password_resets::Documented::openapi(),
        institutions::Documented::openapi(),
        licences::Documented::openapi(),
        users::Documented::openapi(),
        access_settings::Documented::openapi(),
        security_events::Documented::openapi(),
        processor_staff::Documented::openapi(),
        contacts::Documented::openapi(),
        couplings::Documented::openapi(),
        support_consents::Documented::openapi(),
        support_sessions::Documented::openapi(),
        support_view::Documented::openapi(),
        api_tokens::Documented::openapi(),
        groups::Documented::openapi(),
        pupils::Documented::openapi(),
        placements::Documented::openapi(),
        imports::Documented::openapi(),
        notes::Documented::openapi(),
        registrations::Documented::openapi(),
        overviews::Documented::openapi(),
        frameworks::Documented::openapi(),
    ] {
        document.merge(more);
    }
    document
}

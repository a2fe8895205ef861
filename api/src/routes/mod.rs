//! Every operation of the API, a file for each resource.

pub mod api_tokens;
pub mod credentials;
pub mod frameworks;
pub mod groups;
pub mod imports;
pub mod institutions;
pub mod invitations;
pub mod licences;
pub mod notes;
pub mod overviews;
pub mod placements;
pub mod processor_staff;
pub mod pupils;
pub mod registrations;
pub mod service;
pub mod sessions;
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
        placements::endpoints(),
        frameworks::endpoints(),
        imports::endpoints(),
        users::endpoints(),
        invitations::endpoints(),
        institutions::endpoints(),
        licences::endpoints(),
        processor_staff::endpoints(),
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
        invitations::Documented::openapi(),
        institutions::Documented::openapi(),
        licences::Documented::openapi(),
        users::Documented::openapi(),
        processor_staff::Documented::openapi(),
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

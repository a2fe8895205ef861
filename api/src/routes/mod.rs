//! Every operation of the API, a file for each resource.

pub mod access;
pub mod children;
pub mod institutions;
pub mod platform;
pub mod service;
pub mod support;

use utoipa::OpenApi;

use crate::http::endpoint::Endpoint;

/// All operations below `/v1`. Paths are tried in this order, so what is asked for all day comes first.
pub fn endpoints() -> Vec<Endpoint> {
    [
        children::pupils::endpoints(),
        children::notes::endpoints(),
        children::registrations::endpoints(),
        children::overviews::endpoints(),
        children::groups::endpoints(),
        access::sessions::endpoints(),
        access::credentials::endpoints(),
        access::second_factor::endpoints(),
        children::placements::endpoints(),
        children::frameworks::endpoints(),
        children::imports::endpoints(),
        access::users::endpoints(),
        access::invitations::endpoints(),
        access::password_resets::endpoints(),
        institutions::institutions::endpoints(),
        institutions::licences::endpoints(),
        access::access_settings::endpoints(),
        platform::security_events::endpoints(),
        platform::processor_staff::endpoints(),
        institutions::contacts::endpoints(),
        support::couplings::endpoints(),
        support::support_consents::endpoints(),
        support::support_sessions::endpoints(),
        support::support_view::endpoints(),
        access::api_tokens::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The same operations as utoipa derives them from their handlers.
pub fn documented() -> utoipa::openapi::OpenApi {
    let mut document = access::sessions::Documented::openapi();
    for more in [
        access::credentials::Documented::openapi(),
        access::second_factor::Documented::openapi(),
        access::invitations::Documented::openapi(),
        access::password_resets::Documented::openapi(),
        institutions::institutions::Documented::openapi(),
        institutions::licences::Documented::openapi(),
        access::users::Documented::openapi(),
        access::access_settings::Documented::openapi(),
        platform::security_events::Documented::openapi(),
        platform::processor_staff::Documented::openapi(),
        institutions::contacts::Documented::openapi(),
        support::couplings::Documented::openapi(),
        support::support_consents::Documented::openapi(),
        support::support_sessions::Documented::openapi(),
        support::support_view::Documented::openapi(),
        access::api_tokens::Documented::openapi(),
        children::groups::Documented::openapi(),
        children::pupils::Documented::openapi(),
        children::placements::Documented::openapi(),
        children::imports::Documented::openapi(),
        children::notes::Documented::openapi(),
        children::registrations::Documented::openapi(),
        children::overviews::Documented::openapi(),
        children::frameworks::Documented::openapi(),
    ] {
        document.merge(more);
    }
    document
}

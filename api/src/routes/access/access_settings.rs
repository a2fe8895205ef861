//! From where an institution's users log in (C065), and which of them need a second factor.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::access_settings::AccessSettings;
use groeilijn_domain::values::network::Network;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::{Cost, Error};

use crate::http::access::{Access, action, part};
use crate::http::body::MergePatch;
use crate::http::change::Change;
use crate::http::endpoint::{Endpoint, get, patch};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerAccess;
use crate::http::problem::Problem;
use crate::http::{client_address, reply};
use crate::login::is_admitted_from;
use crate::{reply_body, request_body};

/// The operations on the settings of access.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("readAccessSettings", "/access-settings", read_access_settings),
        patch("changeAccessSettings", "/access-settings", change_access_settings),
    ]
}

/// The operations on the settings of access as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(read_access_settings, change_access_settings))]
pub struct Documented;

request_body! {
    /// What changes about who gets in; what is absent stays.
    pub struct AccessSettingsPatch {
        /// The networks from which users log in and work: all of them, in place of those before. Without any there is
        /// no limit.
        login_networks: Change<Vec<Network>>,
        /// Whether every administrator needs a second factor. One who has none sets it up before doing anything else.
        administrators_need_second_factor: Change<bool>,
    }
}

reply_body! {
    /// Who gets in, beside having a password.
    pub struct AccessSettingsBody {
        /// The networks from which users log in and work; without any there is no limit.
        login_networks: Vec<Network>,
        /// Whether every administrator needs a second factor. The contract may ask it even when this is false.
        administrators_need_second_factor: bool,
    }
}

impl From<AccessSettings> for AccessSettingsBody {
    fn from(settings: AccessSettings) -> Self {
        Self {
            login_networks: settings.login_networks,
            administrators_need_second_factor: settings.administrators_need_second_factor,
        }
    }
}

/// Read the settings of access
///
/// From where the institution's users log in (C065), and whether its administrators need a second factor.
#[utoipa::path(get, path = "/access-settings", tag = "users", operation_id = "readAccessSettings",
    responses((status = 200, description = "The settings.", body = AccessSettingsBody)))]
async fn read_access_settings(
    access: Access<part::Users, action::Read, AdministerAccess>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let found = access.tenant()?.read(Cost::Rows, |reader| reader.access_settings()).await?;
    reply::ok_if_changed(&known, &AccessSettingsBody::from(found.0), found.1)
}

/// Change the settings of access
///
/// A merge patch (RFC 7396). They hold from the next request on, for logging in and for sessions that run (C065). A
/// list that would shut out whoever sends it is refused.
#[utoipa::path(patch, path = "/access-settings", tag = "users", operation_id = "changeAccessSettings",
    request_body(content = AccessSettingsPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The settings as they are now.", body = AccessSettingsBody)))]
async fn change_access_settings(
    access: Access<part::Users, action::Change, AdministerAccess>,
    request: HttpRequest,
    known: IfMatch,
    MergePatch(patch): MergePatch<AccessSettingsPatch>,
) -> Result<HttpResponse, Problem> {
    let address = client_address::of(&request, &access.state().trusted_proxies);
    let (settings, revision) = access
        .tenant()?
        .write(move |writer| {
            let (mut settings, revision) = writer.access_settings()?;
            known.require(revision)?;
            patch.login_networks.apply(&mut settings.login_networks);
            patch.administrators_need_second_factor.apply(&mut settings.administrators_need_second_factor);
            if !is_admitted_from(&settings.login_networks, &address) {
                let refusal =
                    Refusal::new("shuts-you-out", "must hold the address that you are working from");
                return Err(Error::invalid("/loginNetworks", refusal));
            }
            writer.change_access_settings(revision, &settings)
        })
        .await?;
    reply::ok(&AccessSettingsBody::from(settings), revision)
}

//! From where an institution's users log in (C065), and which of them need a second factor.

use actix_web::HttpRequest;
use groeilijn_domain::access::access_settings::{AccessSettings, ChildrenEnteredBy};
use groeilijn_domain::values::network::{Network, check_own_access};
use groeilijn_persistence::Cost;

use crate::http::access::{Access, action, part};
use crate::http::body::MergePatch;
use crate::http::change::Change;
use crate::http::client_address;
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::http::revision::change;
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on the settings of access.
    pub fn endpoints;

    /// Read the settings of access
    ///
    /// From where the institution's users log in (C065), whether its administrators need a second factor, whether it wants
    /// couplings of advisers (C099), and who enters its children (C141).
    GET "/access-settings" => read_access_settings: "The settings.";

    /// Change the settings of access
    ///
    /// A merge patch (RFC 7396). They hold from the next request on, for logging in and for sessions that run (C065). A
    /// list that would shut out whoever sends it is refused.
    PATCH "/access-settings" => change_access_settings: "The settings as they are now.";
}

request_body! {
    /// What changes about who gets in; what is absent stays.
    pub struct AccessSettingsPatch {
        /// The networks from which users log in and work: all of them, in place of those before. Without any there is
        /// no limit.
        login_networks: Change<Vec<Network>>,
        /// Whether every administrator needs a second factor. One who has none sets it up before doing anything else.
        administrators_need_second_factor: Change<bool>,
        /// Whether the processor may couple no adviser to the institution (C099). A coupling that was approved before goes
        /// on until it is ended.
        couplings_forbidden: Change<bool>,
        /// Who enters children (C141). With `own-groups` teachers and childcare workers do too, each in a group that she is
        /// given and in no other. Rights on pupils that were set for one user go first.
        children_entered_by: Change<ChildrenEnteredBy>,
    }

    example { "administratorsNeedSecondFactor": false, "couplingsForbidden": true, "childrenEnteredBy": "own-groups" }
}

reply_body! {
    /// Who gets in, beside having a password.
    pub struct AccessSettingsBody {
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The networks from which users log in and work; without any there is no limit.
        login_networks: Vec<Network>,
        /// Whether every administrator needs a second factor. The contract may ask it even when this is false.
        administrators_need_second_factor: bool,
        /// Whether the processor may couple no adviser to the institution (C099).
        couplings_forbidden: bool,
        /// Who enters children (C141).
        children_entered_by: ChildrenEnteredBy,
    }
}

impl From<(AccessSettings, i32)> for AccessSettingsBody {
    fn from((settings, revision): (AccessSettings, i32)) -> Self {
        Self {
            etag: ETag(revision),
            login_networks: settings.login_networks,
            administrators_need_second_factor: settings.administrators_need_second_factor,
            couplings_forbidden: settings.couplings_forbidden,
            children_entered_by: settings.children_entered_by,
        }
    }
}

async fn read_access_settings(
    access: Access<part::Users, action::Read, AdministerAccess>,
    known: IfNoneMatch,
) -> Result<Shown<AccessSettingsBody>, Problem> {
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let found = access.tenant()?.read(Cost::Rows, |reader| reader.access_settings()).await?;
    reply::stored_if_changed(&known, found)
}

async fn change_access_settings(
    access: Access<part::Users, action::Change, AdministerAccess>,
    request: HttpRequest,
    known: IfMatch,
    MergePatch(patch): MergePatch<AccessSettingsPatch>,
) -> Result<Shown<AccessSettingsBody>, Problem> {
    let address = client_address::of(&request, &access.state().trusted_proxies);
    change(
        &access.tenant()?,
        known,
        |writer| writer.access_settings(),
        move |writer, (mut settings, revision)| {
            patch.login_networks.apply(&mut settings.login_networks);
            patch.administrators_need_second_factor.apply(&mut settings.administrators_need_second_factor);
            patch.couplings_forbidden.apply(&mut settings.couplings_forbidden);
            patch.children_entered_by.apply(&mut settings.children_entered_by);
            check_own_access(&settings.login_networks, &address).map_err(invalid_field("login_networks"))?;
            writer.change_access_settings(revision, &settings)
        },
    )
    .await
}

//! What users allow the processor's staff: that the helpdesk looks along (C012), or that their name and address are
//! shown (C050).

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::support::{ConsentKind, check_consent_end};
use groeilijn_domain::values::ids::SupportConsentId;
use groeilijn_persistence::support::support_consent::StoredSupportConsent;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, delete, get, post};
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body, request_body};

/// The operations on support consents.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listSupportConsents", "/support-consents", list_support_consents),
        post("giveSupportConsent", "/support-consents", give_support_consent),
        delete("withdrawSupportConsent", "/support-consents/{consentId}", withdraw_support_consent),
    ]
}

/// The operations on support consents as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_support_consents, give_support_consent, withdraw_support_consent))]
pub struct Documented;

request_body! {
    /// What a user allows the processor's staff, until when.
    pub struct NewSupportConsent {
        /// That the helpdesk looks along with the user, or that the user's name and address are shown.
        kind: ConsentKind,
        /// When it ends: within 24 hours for looking along, within 30 days for being shown. It can be taken back at
        /// any moment before that.
        ends_at: Timestamp,
    }
}

reply_body! {
    /// What a user allows the processor's staff.
    pub struct SupportConsent {
        /// The consent's id.
        id: SupportConsentId,
        /// What for.
        kind: ConsentKind,
        /// When it was given, in UTC.
        created_at: Timestamp,
        /// When it ends by itself, in UTC.
        ends_at: Timestamp,
        /// When it was taken back, in UTC; null if it was not.
        withdrawn_at: Option<Timestamp>,
    }
}

impl From<StoredSupportConsent> for SupportConsent {
    fn from(stored: StoredSupportConsent) -> Self {
        let StoredSupportConsent { id, kind, created_at, ends_at, withdrawn_at } = stored;
        Self { id, kind, created_at, ends_at, withdrawn_at }
    }
}

query_params! {
    pub struct ListSupportConsents {
        /// How many consents one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<SupportConsentId>>,
    }
}

/// List one's own consents
///
/// What the user allows and allowed the processor's staff, in the order in which it was given.
#[utoipa::path(get, path = "/support-consents", tag = "support-consents", operation_id = "listSupportConsents",
    responses((status = 200, description = "A page of consents.", body = inline(Page<SupportConsent>))))]
async fn list_support_consents(
    access: Access<part::SupportConsents, action::Read, AdministerAccess>,
    request: HttpRequest,
    query: ListSupportConsents,
) -> Result<HttpResponse, Problem> {
    let ListSupportConsents { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.own_support_consents(after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |consent| consent.id.as_uuid(), SupportConsent::from)
}

/// Allow the processor's staff something
///
/// Everybody allows it for herself alone. The helpdesk looks along only as long as this holds (C012); without it, staff
/// sees initials in the place of a name (C050).
#[utoipa::path(post, path = "/support-consents", tag = "support-consents", operation_id = "giveSupportConsent",
    request_body = NewSupportConsent,
    responses((status = 201, description = "The consent was given.", body = SupportConsent)))]
async fn give_support_consent(
    access: Access<part::SupportConsents, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewSupportConsent>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    check_consent_end(body.kind, body.ends_at, environment.now())
        .map_err(|refusal| Error::invalid("/endsAt", refusal))?;
    let id = SupportConsentId::from_uuid(environment.uuid());
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let consent = writer.give_support_consent(id, body.kind, body.ends_at)?;
        let location = format!("/v1/support-consents/{id}");
        Ok(Created { location, revision: 1, body: SupportConsent::from(consent) })
    })
    .await
}

/// Take a consent back
///
/// What rests on it ends at once: a support session shows nothing from its next request on.
#[utoipa::path(delete, path = "/support-consents/{consentId}", tag = "support-consents",
    operation_id = "withdrawSupportConsent",
    responses((status = 204, description = "The consent was taken back.")))]
async fn withdraw_support_consent(
    access: Access<part::SupportConsents, action::Delete, AdministerAccess>,
    PathId(id): PathId<SupportConsentId>,
) -> Result<HttpResponse, Problem> {
    access.tenant()?.write(move |writer| writer.withdraw_support_consent(id)).await?;
    Ok(reply::no_content())
}

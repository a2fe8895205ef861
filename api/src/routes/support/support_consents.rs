//! What users allow the processor's staff: that the helpdesk looks along (C012), or that their name and address are
//! shown (C050).

use actix_web::HttpRequest;
use groeilijn_domain::support::{ConsentCode, ConsentKind, check_consent_end};
use groeilijn_domain::values::ids::{SupportConsentId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::support::support_consent::StoredSupportConsent;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed, NoContent};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on support consents.
    pub fn endpoints;

    /// List one's own consents
    ///
    /// What the user allows and allowed the processor's staff, in the order in which it was given.
    GET "/support-consents" => list_support_consents: "A page of consents.";

    /// Allow the processor's staff something
    ///
    /// Everybody allows it for herself alone. To look along takes the `code` of the reply, which the user reads to the member
    /// of the helpdesk who helps her: whoever of them uses it first is the only one who can, as long as this holds (C012).
    /// Without consent to be shown, staff sees initials in the place of a name (C050).
    POST "/support-consents" => give_support_consent: "The consent was given.";

    /// Take a consent back
    ///
    /// What rests on it ends at once: a support session shows nothing from its next request on.
    DELETE "/support-consents/{consentId}" => withdraw_support_consent: "The consent was taken back.";
}

request_body! {
    /// What a user allows the processor's staff, until when.
    pub struct SupportConsentCreation {
        /// That the helpdesk looks along with the user, or that the user's name and address are shown.
        kind: ConsentKind,
        /// When it ends: within 24 hours for looking along, within 30 days for being shown. It can be taken back at
        /// any moment before that.
        ends_at: Timestamp,
    }

    example { "kind": "look-along", "endsAt": "2026-11-21T10:00:00Z" }
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
        /// To look along: the code to read to one member of the helpdesk. It opens nothing for anybody else.
        code: Option<ConsentCode>,
        /// The member of the helpdesk who used the code, and who alone can look along since; null as long as nobody did.
        staff_id: Option<UserId>,
    }
}

impl From<StoredSupportConsent> for SupportConsent {
    fn from(stored: StoredSupportConsent) -> Self {
        let StoredSupportConsent { id, kind, created_at, ends_at, withdrawn_at, code, staff } = stored;
        Self { id, kind, created_at, ends_at, withdrawn_at, code, staff_id: staff }
    }
}

query_params! {
    pub struct ListSupportConsents {
        /// How many consents one page has.
        page: Page<SupportConsentId>,
    }
}

async fn list_support_consents(
    access: Access<part::SupportConsents, action::Read, AdministerAccess>,
    query: ListSupportConsents,
) -> Result<Listed<SupportConsent>, Problem> {
    let ListSupportConsents { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Rows, move |reader| reader.own_support_consents(page.after, page.rows))
        .await?;
    page.reply(found, |consent| consent.id, SupportConsent::from)
}

async fn give_support_consent(
    access: Access<part::SupportConsents, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SupportConsentCreation>,
) -> Result<Created<SupportConsent>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    check_consent_end(body.kind, body.ends_at, environment.now()).map_err(invalid_field("ends_at"))?;
    let id = SupportConsentId::from_uuid(environment.uuid());
    let code = (body.kind == ConsentKind::LookAlong).then(|| ConsentCode::from_bytes(environment.bytes()));
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let consent = writer.give_support_consent(id, body.kind, body.ends_at, code.as_ref())?;
            let location = format!("/v1/support-consents/{id}");
            Ok(New { location, ids: id, view: View::unrevised(consent) })
        },
        |writer, id| writer.own_support_consent(id).map(View::unrevised),
    )
    .await
}

async fn withdraw_support_consent(
    access: Access<part::SupportConsents, action::Delete, AdministerAccess>,
    PathId(id): PathId<SupportConsentId>,
) -> Result<NoContent, Problem> {
    access.tenant()?.write(move |writer| writer.withdraw_support_consent(id)).await?;
    Ok(NoContent)
}

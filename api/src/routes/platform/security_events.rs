//! What may be an attack, for who watches over an institution or the service (C079).

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::Scope;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::{InstitutionId, SecurityEventId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::security_event::StoredSecurityEvent;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::cursor::{After, Page};
use crate::http::endpoint::{Endpoint, get};
use crate::http::guard::activity::OperateService;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body};

/// The operations on security events.
pub fn endpoints() -> Vec<Endpoint> {
    vec![get("listSecurityEvents", "/security-events", list_security_events)]
}

/// The operations on security events as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list_security_events))]
pub struct Documented;

reply_body! {
    /// Something that may be an attack (C079).
    pub struct SecurityEvent {
        /// The event's id.
        id: SecurityEventId,
        /// What it is.
        kind: SecurityEventKind,
        /// Whose users or data it concerns; null when it is of no institution in particular.
        institution_id: Option<InstitutionId>,
        /// Which account it concerns.
        user_id: Option<UserId>,
        /// The network address that it came from.
        address: String,
        /// When it happened, in UTC.
        occurred_at: Timestamp,
    }
}

impl From<StoredSecurityEvent> for SecurityEvent {
    fn from(stored: StoredSecurityEvent) -> Self {
        Self {
            id: stored.id,
            kind: stored.kind,
            institution_id: stored.institution,
            user_id: stored.account,
            address: stored.address,
            occurred_at: stored.occurred_at,
        }
    }
}

query_params! {
    pub struct ListSecurityEvents {
        /// How many events one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<SecurityEventId>>,
    }
}

/// List the security events
///
/// What may be an attack, in order: of the own institution for its administrator, of everything for the platform's.
#[utoipa::path(get, path = "/security-events", tag = "security-events", operation_id = "listSecurityEvents",
    responses((status = 200, description = "A page of events.", body = inline(Page<SecurityEvent>))))]
async fn list_security_events(
    access: Access<part::SecurityEvents, action::Read, OperateService>,
    request: HttpRequest,
    query: ListSecurityEvents,
) -> Result<HttpResponse, Problem> {
    let ListSecurityEvents { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let most = limit.with_one_more();
    let found = match access.scope() {
        Scope::Platform => {
            access.platform().read(Cost::Scan, move |reader| reader.security_events(after, most)).await?
        }
        Scope::Institution | Scope::OwnGroups => {
            access.tenant()?.read(Cost::Scan, move |reader| reader.security_events(after, most)).await?
        }
    };
    reply::page_by_id(&request, found, limit, |event| event.id.as_uuid(), SecurityEvent::from)
}

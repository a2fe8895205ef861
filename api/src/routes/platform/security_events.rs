//! Security events: what may be an attack, for those who watch over an institution or the service (C079).

use groeilijn_domain::access::Scope;
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::ids::{InstitutionId, SecurityEventId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::security_event::StoredSecurityEvent;
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::guard::activity::OperateService;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

operations! {
    /// The operations on security events.
    pub fn endpoints;

    /// List the security events
    ///
    /// What may be an attack, in order: of the own institution for its administrator, of everything for the platform's.
    GET "/security-events" => list_security_events: "A page of events.";
}

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
            user_id: stored.user,
            address: stored.address,
            occurred_at: stored.occurred_at,
        }
    }
}

query_params! {
    pub struct ListSecurityEvents {
        /// How many events one page has.
        page: Page<SecurityEventId>,
    }
}

async fn list_security_events(
    access: Access<part::SecurityEvents, action::Read, OperateService>,
    query: ListSecurityEvents,
) -> Result<Listed<SecurityEvent>, Problem> {
    let ListSecurityEvents { page } = query;
    let (after, most) = (page.after, page.rows);
    let found = match access.scope() {
        Scope::Platform => {
            access.platform().read(Cost::Scan, move |reader| reader.security_events(after, most)).await?
        }
        Scope::Institution | Scope::OwnGroups | Scope::OwnLocations => {
            access.tenant()?.read(Cost::Scan, move |reader| reader.security_events(after, most)).await?
        }
    };
    page.reply(found, |event| event.id, SecurityEvent::from)
}

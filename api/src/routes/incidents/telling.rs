//! What the institution and the processor tell each other as an incident develops (C044, C124, C132).

use actix_web::HttpRequest;
use groeilijn_domain::incidents::{RecordContent, UpdateKind};
use groeilijn_domain::values::ids::IncidentId;
use groeilijn_domain::values::text::{FreeText, ShortText};
use jiff::Timestamp;

use super::adding::add;
use super::bodies::Incident;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::Created;
use crate::{operations, request_body};

operations! {
    /// The operations by which each other is told.
    pub fn endpoints;

    /// Tell the other side how an incident develops
    ///
    /// A development or a measure (C124), or, by the processor, that it can no longer do what the contract asks (C044). The
    /// other side gets a letter at once: the institution's administrators and contact persons, or the platform's
    /// administrators. 409 `too-many-records` when the incident has 900 records; what brings it to its end is taken until it
    /// has 1,000.
    POST "/incidents/{incidentId}/updates" => update_incident: "The incident as it is now.";

    /// Record a call about an incident
    ///
    /// That one side called the other, with whom it spoke and what was said (C132).
    POST "/incidents/{incidentId}/calls" => record_incident_call: "The incident as it is now.";

    /// Acknowledge an incident
    ///
    /// By the side that did not report it: it knows of it. Without that within four hours everybody is written to again,
    /// once. 409 `own-report`, `already-acknowledged`.
    POST "/incidents/{incidentId}/acknowledgements" => acknowledge_incident: "The incident as it is now.";
}

request_body! {
    /// How an incident develops.
    pub struct IncidentUpdateCreation {
        /// What kind of thing it tells.
        kind: UpdateKind,
        /// When it happened, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// What.
        text: FreeText,
    }

    example { "kind": "measure", "text": "Alle sessies zijn beëindigd." }
}

request_body! {
    /// A call about an incident.
    pub struct IncidentCallCreation {
        /// When it was, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// Whom it was with.
        with: ShortText,
        /// What was said.
        text: FreeText,
    }

    example { "with": "De contactpersoon van de school.", "text": "Zij belt de directie." }
}

request_body! {
    /// That one knows of an incident.
    pub struct IncidentAcknowledgement {
        /// What one says to it.
        text: Option<FreeText>,
    }

    example { "text": "Wij pakken dit op." }
}

async fn update_incident(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentUpdateCreation>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::Update { kind: body.kind, text: body.text };
    add(&access, &request, id, key, &digest, (content, body.at)).await
}

async fn record_incident_call(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentCallCreation>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::Call { with: body.with, text: body.text };
    add(&access, &request, id, key, &digest, (content, body.at)).await
}

async fn acknowledge_incident(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentAcknowledgement>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::Acknowledgement { text: body.text };
    add(&access, &request, id, key, &digest, (content, None)).await
}

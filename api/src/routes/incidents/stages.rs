//! How an incident goes on: its stages, what it is taken for, and that it may bring people a high risk (C123, C125, C131).

use actix_web::HttpRequest;
use groeilijn_domain::incidents::{IncidentKind, IncidentStage, RecordContent, Restored, StageReached};
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
    /// The operations by which an incident goes on.
    pub fn endpoints;

    /// Record a stage of an incident
    ///
    /// The one that comes next, and no other: 409 `stage-out-of-order` (C123). It is reached no earlier than the one before.
    /// `restored` names the backup that was restored and how it was checked, or why nothing had to be. The other side gets a
    /// letter.
    POST "/incidents/{incidentId}/stages" => record_incident_stage: "The incident as it is now.";

    /// Classify an incident
    ///
    /// Takes it for something else than before, with the grounds. What is no datalek has no clock (C131), so that only who
    /// decides about the authority (`decidedBy`) takes what was one for a `security-incident`: anybody else gets 403
    /// `not-the-decider`. The clock of what turns out to be one began when it became known. The other side gets a letter.
    POST "/incidents/{incidentId}/classifications" => classify_incident: "The incident as it is now.";

    /// Suspect a high risk
    ///
    /// In any stage. The institution's administrators and contact persons and the processor get a letter at once, before
    /// anything more is known (C125).
    POST "/incidents/{incidentId}/high-risk-suspicions" => suspect_high_risk: "The incident as it is now.";
}

request_body! {
    /// A stage that an incident came into.
    pub struct IncidentStageCreation {
        /// The stage that comes next.
        stage: IncidentStage,
        /// When it came into it, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// What was found and done.
        findings: FreeText,
        /// For `restored`: the backup that was restored, and how it was checked.
        checked_backup: Option<ShortText>,
        /// For `restored`: why nothing had to be restored.
        not_needed_because: Option<ShortText>,
    }

    example { "stage": "registered", "findings": "In behandeling bij de beheerder." }
}

request_body! {
    /// What an incident is taken for from now on.
    pub struct IncidentClassification {
        /// What.
        kind: IncidentKind,
        /// When that was decided, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// Why.
        grounds: FreeText,
    }

    example { "kind": "breach", "grounds": "De sessie is na de diefstal nog gebruikt." }
}

request_body! {
    /// That an incident is suspected to bring people a high risk.
    pub struct HighRiskSuspicion {
        /// When it was suspected, in UTC; now if nothing is said.
        at: Option<Timestamp>,
        /// Why.
        grounds: FreeText,
    }

    example { "grounds": "Er kunnen notities over kinderen gelezen zijn." }
}

async fn record_incident_stage(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentStageCreation>,
) -> Result<Created<Incident>, Problem> {
    let restored = Restored::of(body.stage, body.checked_backup, body.not_needed_because)?;
    let reached = StageReached { stage: body.stage, findings: body.findings, restored };
    add(&access, &request, id, key, &digest, (RecordContent::Stage(reached), body.at)).await
}

async fn classify_incident(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentClassification>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::Classification { kind: body.kind, grounds: body.grounds };
    add(&access, &request, id, key, &digest, (content, body.at)).await
}

async fn suspect_high_risk(
    access: Access<part::Incidents, action::Change, OperateService>,
    request: HttpRequest,
    PathId(id): PathId<IncidentId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<HighRiskSuspicion>,
) -> Result<Created<Incident>, Problem> {
    let content = RecordContent::HighRisk { grounds: body.grounds };
    add(&access, &request, id, key, &digest, (content, body.at)).await
}

//! Reporting incidents, and the register of them (C122, C147).

use actix_web::HttpRequest;
use groeilijn_domain::access::Scope;
use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{
    IncidentChannel, IncidentKind, IncidentReport, IncidentSource, check_source,
};
use groeilijn_domain::values::ids::{IncidentCaseId, IncidentId, SecurityEventId};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::incidents::key_owner;
use groeilijn_persistence::incidents::report::NewIncident;
use groeilijn_persistence::incidents::stored::ReportContent;
use jiff::Timestamp;

use super::adding;
use super::bodies::Incident;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, request_body};

operations! {
    /// The operations on incidents as a whole.
    pub fn endpoints;

    /// List the incidents
    ///
    /// In the order in which they were reported: all of the institution for its administrator and management, one's own
    /// for everybody else, and those of all institutions for the processor, without what was told of them. A token, such as
    /// an auditor's, is shown how they stand and no text, as texts may tell of a child.
    GET "/incidents" => list_incidents: "A page of incidents.";

    /// Report an incident
    ///
    /// By any user of an institution: what a parent or another outsider told, too, with how it became known (C147). The
    /// clock of 72 hours starts at `knownAt`. The processor gets a letter, and of a suspected high risk the institution's
    /// administrators and contact persons as well, at once (C125).
    POST "/incidents" => report_incident: "The incident is in the register.";

    /// Read an incident
    ///
    /// With everything that was added to it. For who reported it, the institution's administrator and management, and the
    /// processor, of which the institution finds it in its log. A token is shown which records there are, with their codes and
    /// times, and nothing that was written in them.
    GET "/incidents/{incidentId}" => read_incident: "The incident.";
}

request_body! {
    /// An incident that is reported. Name nobody more than is needed.
    pub struct IncidentCreation {
        /// What happened, in short.
        summary: FreeText,
        /// When it became known to the institution, in UTC: the start of the clock.
        known_at: Timestamp,
        /// When it happened or began, in UTC, if that is known.
        occurred_at: Option<Timestamp>,
        /// What it is taken for; `suspected-breach` if nothing is said.
        kind: Option<IncidentKind>,
        /// From whom the knowledge came.
        source: IncidentSource,
        /// How it became known, when somebody else told it.
        channel: Option<IncidentChannel>,
        /// Who told it, when that was somebody else, and how she can be reached.
        told_by: Option<ShortText>,
        /// Whether it is suspected to bring people a high risk.
        suspected_high_risk: bool,
        /// The security event that it comes from.
        security_event_id: Option<SecurityEventId>,
    }

    example {
        "summary": "Een laptop met een open sessie is uit de auto van een leerkracht gestolen.",
        "knownAt": "2026-11-20T15:30:00Z",
        "occurredAt": "2026-11-20T14:00:00Z",
        "source": "institution",
        "suspectedHighRisk": false,
    }
}

query_params! {
    pub struct ListIncidents {
        /// How many incidents one page has.
        page: Page<IncidentId>,
    }
}

async fn list_incidents(
    access: Access<part::Incidents, action::Read, OperateService>,
    query: ListIncidents,
) -> Result<Listed<Incident>, Problem> {
    let ListIncidents { page } = query;
    let (after, rows) = (page.after, page.rows);
    let found = if access.scope() == Scope::Platform {
        access.platform().read(Cost::Scan, move |reader| reader.incidents(after, rows)).await?
    } else {
        access.tenant()?.read(Cost::Scan, move |reader| reader.incidents(after, rows)).await?
    };
    page.reply(found, |incident| incident.id, Incident::from)
}

async fn report_incident(
    access: Access<part::Incidents, action::Create, OperateService>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentCreation>,
) -> Result<Created<Incident>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let report = IncidentReport {
        kind: body.kind.unwrap_or(IncidentKind::SuspectedBreach),
        known_at: body.known_at,
        occurred_at: body.occurred_at,
        reported_at: environment.now(),
        by: ActorKind::InstitutionUser,
    };
    let mut refusals = FieldRefusals::new();
    refusals.extend(report.check());
    refusals.extend(check_source(body.source, body.channel, report.by));
    refusals.or(())?;
    let id = IncidentId::from_uuid(environment.uuid());
    let new = NewIncident {
        id,
        case: IncidentCaseId::from_uuid(environment.uuid()),
        report,
        source: body.source,
        channel: body.channel,
        security_event: body.security_event_id,
        content: ReportContent { summary: body.summary, told_by: body.told_by },
        high_risk: body.suspected_high_risk,
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant.entering(vec![key_owner::incident(id)]),
        move |writer| {
            let view = View::unrevised(writer.report_incident(&new)?);
            Ok(New { location: adding::location(id), ids: id, view })
        },
        |writer, id| writer.incident(id).map(View::unrevised),
    )
    .await
}

async fn read_incident(
    access: Access<part::Incidents, action::Read, OperateService>,
    PathId(id): PathId<IncidentId>,
) -> Result<Shown<Incident>, Problem> {
    reply::view(&Incident::from(adding::read(&access, id).await?))
}

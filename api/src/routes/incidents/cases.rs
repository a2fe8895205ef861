//! What the processor reports to the institutions that it happened to, one incident for each (C122, C131).

use actix_web::HttpRequest;
use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{
    Consultation, IncidentChannel, IncidentKind, IncidentReport, IncidentSource, MOST_INSTITUTIONS,
    check_institutions, check_source,
};
use groeilijn_domain::values::ids::{
    ContactPersonId, IncidentCaseId, IncidentId, InstitutionId, SecurityEventId,
};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::incidents::report::NewIncident;
use groeilijn_persistence::incidents::stored::{ReportContent, StoredIncident};
use groeilijn_persistence::{Cost, Platform};
use jiff::Timestamp;

use super::bodies::IncidentClockBody;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::described::counted;
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Shown};
use crate::{operations, reply_body, request_body};

operations! {
    /// The operations on cases.
    pub fn endpoints;

    /// Open a case of incidents
    ///
    /// By the processor, for one institution or several: each gets an incident of its own, with a clock of its own, and a
    /// letter to its administrators and contact persons; none sees that there are others. Security incidents that are no
    /// datalek are reported likewise (C131). With a `securityEventId` the institution and the time come from that.
    POST "/incident-cases" => open_incident_case: "Each institution has its incident.";

    /// Read a case of incidents
    ///
    /// How the incident of each institution stands. For the processor alone.
    GET "/incident-cases/{incidentCaseId}" => read_incident_case: "The case.";

    /// Intend a notice for several institutions
    ///
    /// By the processor, after consulting one or more of them: it is going to notify the authority for all institutions of the
    /// case. Each of which it was not notified yet is told so by letter and in its incident. From then on the processor can
    /// notify too; each institution decides and notifies itself as before, and when it decides not to, nobody notifies for it
    /// (C128). 409 `one-institution` for a case of one, `already-notified` when that was done for all of them.
    POST "/incident-cases/{incidentCaseId}/notice-intentions" => intend_incident_notice: "Each institution was told.";
}

request_body! {
    /// What the processor reports. Write it so that each institution may read it: name none.
    pub struct IncidentCaseCreation {
        /// The institutions that it happened to; that of the security event if nothing is said.
        institution_ids: Option<Vec<InstitutionId>>,
        /// The security event that it comes from.
        security_event_id: Option<SecurityEventId>,
        /// What happened, in short.
        summary: FreeText,
        /// When it became known, in UTC: the start of each clock.
        known_at: Timestamp,
        /// When it happened or began, in UTC; that of the security event if nothing is said.
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
    }

    example {
        "institutionIds": ["01999999-0000-7000-8000-000000000001"],
        "summary": "Een schijf met reservekopieën is niet volgens het protocol afgevoerd.",
        "knownAt": "2026-11-20T15:30:00Z",
        "source": "processor",
        "suspectedHighRisk": false,
    }
}

request_body! {
    /// That the processor is going to notify the authority.
    pub struct NoticeIntention {
        /// What each institution is told, and that it was agreed upon. Name none of them.
        text: FreeText,
        /// The institutions of the case that the processor consulted before: one at least. Each is told of itself alone.
        consulted: Vec<ConsultationCreation> = counted(1..=MOST_INSTITUTIONS),
    }

    example {
        "text": "Na overleg melden wij dit voor de betrokken instellingen samen.",
        "consulted": [{"institutionId": "01999999-0000-7000-8000-000000000001", "at": "2026-11-21T08:30:00Z"}],
    }
}

request_body! {
    /// That an institution was consulted.
    pub struct ConsultationCreation {
        /// Which.
        institution_id: InstitutionId,
        /// Which of its contact persons was asked; an administrator if nothing is said.
        contact_person_id: Option<ContactPersonId>,
        /// When, in UTC.
        at: Timestamp,
    }
}

reply_body! {
    /// What happened to several institutions at once, without what was told of it.
    pub struct IncidentCase {
        /// The case's id.
        id: IncidentCaseId,
        /// The incident of each institution.
        incidents: Vec<IncidentOfCase>,
    }
}

reply_body! {
    /// The incident of one institution.
    pub struct IncidentOfCase {
        /// Whose it is.
        institution_id: InstitutionId,
        /// The incident's id.
        incident_id: IncidentId,
        /// What it is taken for now.
        kind: IncidentKind,
        /// What is left of the 72 hours of that institution; null for what is no datalek.
        clock: Option<IncidentClockBody>,
    }
}

/// The incidents of a case.
struct Case(IncidentCaseId, Vec<StoredIncident>);

impl From<Case> for IncidentCase {
    fn from(Case(id, incidents): Case) -> Self {
        let incident = |stored: StoredIncident| IncidentOfCase {
            institution_id: stored.institution,
            incident_id: stored.id,
            kind: stored.standing.kind,
            clock: stored.clock().map(IncidentClockBody::from),
        };
        Self { id, incidents: incidents.into_iter().map(incident).collect() }
    }
}

async fn open_incident_case(
    access: Access<part::IncidentCases, action::Create, OperateService>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<IncidentCaseCreation>,
) -> Result<Created<IncidentCase>, Problem> {
    let platform = access.platform();
    let case = IncidentCaseId::from_uuid(platform.environment().uuid());
    let incidents = incidents_of(&platform, case, body).await?;
    let owners: Vec<_> = incidents.iter().map(|(institution, new)| (*institution, new.id)).collect();
    platform.make_incident_keys(&owners).await?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let opened = writer.open_incident_case(case, &incidents)?;
            let location = format!("/v1/incident-cases/{case}");
            Ok(New { location, ids: case, view: View::unrevised(Case(case, opened)) })
        },
        |writer, case| Ok(View::unrevised(Case(case, writer.reader().incident_case(case)?))),
    )
    .await
}

async fn read_incident_case(
    access: Access<part::IncidentCases, action::Read, OperateService>,
    PathId(case): PathId<IncidentCaseId>,
) -> Result<Shown<IncidentCase>, Problem> {
    let found = access.platform().read(Cost::Scan, move |reader| reader.incident_case(case)).await?;
    reply::view(&IncidentCase::from(Case(case, found)))
}

async fn intend_incident_notice(
    access: Access<part::IncidentCases, action::Change, OperateService>,
    request: HttpRequest,
    PathId(case): PathId<IncidentCaseId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NoticeIntention>,
) -> Result<Created<IncidentCase>, Problem> {
    let NoticeIntention { text, consulted } = body;
    let consultation = |asked: ConsultationCreation| {
        (asked.institution_id, Consultation { contact_person: asked.contact_person_id, at: asked.at })
    };
    let consulted: Vec<_> = consulted.into_iter().map(consultation).collect();
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &access.platform(),
        move |writer| {
            let told = writer.intend_notice(case, &text, &consulted)?;
            let location = format!("/v1/incident-cases/{case}");
            Ok(New { location, ids: case, view: View::unrevised(Case(case, told)) })
        },
        |writer, case| Ok(View::unrevised(Case(case, writer.reader().incident_case(case)?))),
    )
    .await
}

/// The incident of each institution that is named, or that the security event names.
async fn incidents_of(
    platform: &Platform,
    case: IncidentCaseId,
    body: IncidentCaseCreation,
) -> Result<Vec<(InstitutionId, NewIncident)>, Problem> {
    let event = match body.security_event_id {
        None => None,
        Some(id) => Some(platform.read(Cost::Rows, move |reader| reader.event_facts(id)).await?),
    };
    let of_event = || event.and_then(|event| event.institution).map(|institution| vec![institution]);
    let institutions = body.institution_ids.or_else(of_event);
    let report = IncidentReport {
        kind: body.kind.unwrap_or(IncidentKind::SuspectedBreach),
        known_at: body.known_at,
        occurred_at: body.occurred_at.or_else(|| event.map(|event| event.occurred_at)),
        reported_at: platform.environment().now(),
        by: ActorKind::PlatformUser,
    };
    let mut refusals = FieldRefusals::new();
    match &institutions {
        Some(institutions) => refusals.extend(check_institutions(institutions)),
        None => {
            let detail = "is required, unless a security event names an institution";
            refusals.refuse("institution_ids", Refusal::new("required", detail));
        }
    }
    refusals.extend(report.check());
    refusals.extend(check_source(body.source, body.channel, report.by));
    refusals.or(())?;
    let institutions = institutions.unwrap_or_default();
    let named = institutions.clone();
    platform.read(Cost::Rows, move |reader| reader.require_institutions(&named)).await?;
    let content = ReportContent { summary: body.summary, told_by: body.told_by };
    let incident = |institution| {
        let new = NewIncident {
            id: IncidentId::from_uuid(platform.environment().uuid()),
            case,
            report,
            source: body.source,
            channel: body.channel,
            // An event of one institution says nothing to the others.
            security_event: body.security_event_id.filter(|_| {
                event.is_some_and(|event| event.institution.is_none_or(|own| own == institution))
            }),
            content: content.clone(),
            high_risk: body.suspected_high_risk,
        };
        (institution, new)
    };
    Ok(institutions.into_iter().map(incident).collect())
}

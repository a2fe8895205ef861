//! The register of security incidents.

use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::incidents::{IncidentChannel, IncidentKind, IncidentSource, RecordKind};
use groeilijn_domain::values::ids::IncidentId;

use super::super::documents::AS_KEPT;
use super::super::form::{Form, any, code};
use super::super::resource::{INSTITUTION_ID, Member, Resource};
use crate::incidents::key_owner;

/// Why the register is read in the export and not gone on with.
const STAYS: &str =
    "it tells what happened at one installation, with times and authors that only that one can answer for";

pub(super) static INCIDENTS: Resource = Resource::new(
    "incidents",
    "incident",
    "A security incident, which may be a datalek, as it was reported. Of one of long ago only kinds, ids and times are left.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("caseId", "case_id", Form::Id),
        Member::plain("kind", "kind", code!(IncidentKind)),
        Member::plain("source", "source", code!(IncidentSource)),
        Member::plain("channel", "channel", code!(IncidentChannel)).optional(),
        Member::plain("knownAt", "known_at", Form::Moment),
        Member::plain("occurredAt", "occurred_at", Form::Moment).optional(),
        Member::plain("reportedAt", "reported_at", Form::Moment),
        Member::plain("reporterKind", "reporter_kind", code!(ActorKind)),
        Member::plain("reporterId", "reporter_id", Form::Actor),
        Member::plain("securityEventId", "security_event_id", Form::Id).optional(),
        Member::sealed("content", "content", Form::Json(&AS_KEPT)),
    ],
)
.owned(|cells, _| cells.id("id").map(|id| key_owner::incident(IncidentId::from_uuid(id))))
.may_be_gone()
.stays(STAYS)
.without(&[INSTITUTION_ID]);

pub(super) static INCIDENT_RECORDS: Resource = Resource::new(
    "incident-records",
    "incident_record",
    "What was added to an incident.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("incidentId", "incident_id", "incidents"),
        Member::plain("number", "number", Form::Number),
        Member::plain("kind", "kind", code!(RecordKind)),
        Member::plain("code", "code", Form::Text(100, any)).optional(),
        Member::plain("at", "at", Form::Moment),
        Member::plain("recordedAt", "recorded_at", Form::Moment),
        Member::plain("authorKind", "author_kind", code!(ActorKind)),
        Member::plain("authorId", "author_id", Form::Actor).optional(),
        Member::sealed("content", "content", Form::Json(&AS_KEPT)),
    ],
)
.owned(|cells, _| cells.id("incident_id").map(|id| key_owner::incident(IncidentId::from_uuid(id))))
.may_be_gone()
.stays(STAYS)
.without(&[INSTITUTION_ID]);

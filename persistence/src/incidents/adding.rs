//! Adding to an incident.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::incidents::{
    Addition, IncidentNews, IncidentStanding, NotAdmitted, NoticeStep, RecordContent, Recorded,
};
use groeilijn_domain::institutions::webhook::WebhookEvent;
use groeilijn_domain::retention::terms::INCIDENT;
use groeilijn_domain::values::calendar::months_later;
use groeilijn_domain::values::ids::{IncidentId, IncidentRecordId};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::ends;
use jiff::Timestamp;

use crate::handles::tenant::TenantWriter;
use crate::incidents::incident::institutions_of_case;
use crate::incidents::key_owner;
use crate::incidents::record::TABLE;
use crate::incidents::schema::incident_record;

/// Something to be added to an incident.
pub struct NewRecord {
    /// What it says.
    pub content: RecordContent,
    /// When that happened, in UTC; now if nothing is said.
    pub at: Option<Timestamp>,
}

impl TenantWriter<'_> {
    /// Adds something to an incident, if it stands so that that can be. No text of it is opened for that: nobody waits for the
    /// one writer longer when more was told before.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`], [`Error::Forbidden`] and [`Error::Invalid`] as
    /// [`IncidentStanding::admit`](groeilijn_domain::incidents::IncidentStanding::admit) says.
    pub fn add_to_incident(&mut self, id: IncidentId, new: &NewRecord) -> Result<()> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        let before = self.incident_without_texts(id)?;
        let now = self.now();
        let at = new.at.unwrap_or(now);
        let addition = Addition {
            at,
            now,
            by: self.principal().kind(),
            reporter: before.breach_reporter,
            institutions: institutions_of_case(self.connection, before.case)?,
        };
        before.standing.admit(&new.content, &addition).map_err(not_admitted)?;
        let number = i32::try_from(before.standing.records).map_err(Error::internal)? + 1;
        self.insert_record(id, number, &new.content, at)?;
        let recorded = Recorded { facts: new.content.facts(), at, recorded_at: now, by: addition.by };
        self.tell_of_record(&before.standing.after(recorded), &new.content)?;
        self.tell_programs(event_of(&new.content), id.as_uuid())
    }

    /// Enters a record, and has the texts of its incident end a term later.
    pub(super) fn insert_record(
        &mut self,
        incident: IncidentId,
        number: i32,
        content: &RecordContent,
        at: Timestamp,
    ) -> Result<()> {
        let (institution, now, principal) = (self.institution(), self.now(), self.principal());
        let id = IncidentRecordId::from_uuid(self.environment().uuid());
        let owner = key_owner::incident(incident);
        let facts = content.facts();
        let mut row = self.sealer(TABLE, id.as_uuid(), owner)?;
        let sealed = row.json("content", content)?;
        self.sealed(row);
        diesel::insert_into(incident_record::table)
            .values((
                incident_record::institution_id.is(institution),
                incident_record::id.is(id),
                incident_record::incident_id.is(incident),
                incident_record::number.eq(number),
                incident_record::kind.is(facts.kind()),
                incident_record::code.eq(facts.code()),
                incident_record::at.is(at),
                incident_record::recorded_at.is(now),
                incident_record::author_kind.is(principal.kind()),
                incident_record::author_id.is(principal.as_actor().map(|actor| actor.user)),
                incident_record::content.eq(sealed),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Incident, incident.as_uuid());
        self.end_incident_later(incident, now)
    }

    /// Has the texts of an incident end a term after the moment `last`.
    pub(super) fn end_incident_later(&mut self, incident: IncidentId, last: Timestamp) -> Result<()> {
        let ends_at = months_later(last, INCIDENT.0.try_into().unwrap_or(i8::MAX));
        let institution = self.institution();
        ends::end_at(self.connection, institution, key_owner::incident(incident), ends_at)
    }

    /// Writes to whoever has to know at once of what was added to an incident that stands like this since: neither side finds
    /// out later what the other made of it (C124).
    fn tell_of_record(&mut self, standing: &IncidentStanding, content: &RecordContent) -> Result<()> {
        let running = standing.clock(self.now()).filter(|clock| clock.stopped_at.is_none());
        let until = running.map(|clock| clock.deadline);
        let news = match content {
            RecordContent::HighRisk { .. } => return self.tell_both_sides(until, IncidentNews::HighRisk),
            RecordContent::Escalation => return self.tell_both_sides(until, IncidentNews::Unacknowledged),
            // Whoever was called knows of it.
            RecordContent::Call { .. } | RecordContent::Acknowledgement { .. } => return Ok(()),
            RecordContent::Notice(notice) if notice.step == NoticeStep::Intended => {
                IncidentNews::NoticeIntended
            }
            RecordContent::Notice(_) => IncidentNews::AuthorityTold,
            RecordContent::Cost(_) => IncidentNews::Cost,
            RecordContent::Classification { .. } => IncidentNews::Classified,
            RecordContent::Decision { .. } => IncidentNews::Decided,
            RecordContent::Stage(_)
            | RecordContent::Contents(_)
            | RecordContent::PeopleInformed(_)
            | RecordContent::Update { .. } => IncidentNews::Updated,
        };
        self.tell_other_side(self.principal().kind(), until, news)
    }
}

/// What programs of the institution are told when something was added.
const fn event_of(content: &RecordContent) -> WebhookEvent {
    match content {
        RecordContent::HighRisk { .. } => WebhookEvent::IncidentHighRisk,
        _ => WebhookEvent::IncidentUpdated,
    }
}

fn not_admitted(reason: NotAdmitted) -> Error {
    match reason {
        NotAdmitted::Standing(refusal) => Error::Conflict(refusal),
        NotAdmitted::Forbidden(refusal) => Error::Forbidden(refusal),
        NotAdmitted::Fields(refusals) => refusals.into(),
    }
}

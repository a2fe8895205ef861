//! Reporting an incident, and telling each other of it.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::{ActorKind, ObjectKind};
use groeilijn_domain::incidents::{
    IncidentChannel, IncidentNews, IncidentReport, IncidentSource, RecordContent, deadline,
};
use groeilijn_domain::institutions::webhook::WebhookEvent;
use groeilijn_domain::values::ids::{IncidentCaseId, IncidentId, SecurityEventId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::tenant::TenantWriter;
use crate::incidents::incident::TABLE;
use crate::incidents::key_owner;
use crate::incidents::schema::incident;
use crate::incidents::stored::{ReportContent, WholeIncident};
use crate::platform::processor_staff::write_to_platform_administrators;
use crate::platform::schema::security_event;

/// An incident that is reported.
#[derive(Clone)]
pub struct NewIncident {
    /// Its id.
    pub id: IncidentId,
    /// What it has in common with those of other institutions.
    pub case: IncidentCaseId,
    /// What is told of it.
    pub report: IncidentReport,
    /// From whom the knowledge came.
    pub source: IncidentSource,
    /// How it became known, when somebody else told it.
    pub channel: Option<IncidentChannel>,
    /// The security event that it comes from.
    pub security_event: Option<SecurityEventId>,
    /// What is told, in words.
    pub content: ReportContent,
    /// Whether it is suspected to bring people a high risk (C125).
    pub high_risk: bool,
}

impl TenantWriter<'_> {
    /// Enters an incident of the institution, whose key was made before, and writes to the other side at once; of a high
    /// risk to both.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `security_event_id`: `unknown-security-event`.
    pub fn report_incident(&mut self, new: &NewIncident) -> Result<WholeIncident> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?);
        if let Some(event) = new.security_event {
            self.require_security_event(event)?;
        }
        let mut row = self.sealer(TABLE, new.id.as_uuid(), key_owner::incident(new.id))?;
        let content = row.json("content", &new.content)?;
        self.sealed(row);
        diesel::insert_into(incident::table)
            .values((
                incident::institution_id.is(institution),
                incident::id.is(new.id),
                incident::case_id.is(new.case),
                incident::kind.is(new.report.kind),
                incident::source.is(new.source),
                incident::channel.is(new.channel),
                incident::known_at.is(new.report.known_at),
                incident::occurred_at.is(new.report.occurred_at),
                incident::reported_at.is(new.report.reported_at),
                incident::reporter_kind.is(new.report.by),
                incident::reporter_id.is(actor.user),
                incident::security_event_id.is(new.security_event.map(|event| event.as_uuid())),
                incident::content.eq(content),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Incident, new.id.as_uuid());
        self.tell_programs(WebhookEvent::IncidentReported, new.id.as_uuid())?;
        let until = new.report.kind.has_clock().then(|| deadline(new.report.known_at));
        if new.high_risk {
            let suspicion = RecordContent::HighRisk { grounds: new.content.summary.clone() };
            self.insert_record(new.id, 1, &suspicion, now)?;
            self.tell_both_sides(until, IncidentNews::HighRisk)?;
            self.tell_programs(WebhookEvent::IncidentHighRisk, new.id.as_uuid())?;
        } else {
            self.end_incident_later(new.id, now)?;
            self.tell_other_side(new.report.by, until, IncidentNews::Reported)?;
        }
        self.incident(new.id)
    }

    /// That something that may be an attack happened to the institution, or to none in particular.
    fn require_security_event(&mut self, id: SecurityEventId) -> Result<()> {
        let institution = self.institution();
        let found = security_event::table.filter(security_event::id.is(id)).filter(
            security_event::institution_id.is(Some(institution)).or(security_event::institution_id.is_null()),
        );
        if diesel::select(diesel::dsl::exists(found)).get_result(self.connection)? {
            return Ok(());
        }
        let refusal = Refusal::new("unknown-security-event", "must be a security event of the institution");
        Err(Error::invalid("security_event_id", refusal))
    }

    /// Writes to the side that did not act: administrators and contact persons of the institution, or the platform's
    /// administrators (C124, C132). `deadline` is until when the authority is to be notified, when that may have to be.
    pub(super) fn tell_other_side(
        &mut self,
        side: ActorKind,
        deadline: Option<Timestamp>,
        news: IncidentNews,
    ) -> Result<()> {
        let letter = LetterContent::IncidentTold { news, deadline };
        if side == ActorKind::PlatformUser {
            return self.write_to_institution(&letter);
        }
        let store = self.store();
        write_to_platform_administrators(self.connection, store, &letter)
    }

    /// Writes to both sides, whoever acted: of what nobody may overlook (C125).
    pub(super) fn tell_both_sides(&mut self, deadline: Option<Timestamp>, news: IncidentNews) -> Result<()> {
        let letter = LetterContent::IncidentTold { news, deadline };
        self.write_to_institution(&letter)?;
        let store = self.store();
        write_to_platform_administrators(self.connection, store, &letter)
    }
}

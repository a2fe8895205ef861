//! What happened to several institutions at once: an incident of each, so that none sees anything of another (C001, C128).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::incidents::{
    Consultable, Consultation, Notice, NoticeStep, RecordContent, check_consultations,
};
use groeilijn_domain::values::ids::{IncidentCaseId, IncidentId, InstitutionId, SecurityEventId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::FreeText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::platform::{Platform, PlatformReader, PlatformWriter};
use crate::incidents::adding::NewRecord;
use crate::incidents::key_owner;
use crate::incidents::report::NewIncident;
use crate::incidents::stored::StoredIncident;
use crate::institutions::schema::institution;
use crate::platform::schema::security_event;

/// A security event, as far as it tells of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFacts {
    /// Whose users or data it concerns.
    pub institution: Option<InstitutionId>,
    /// When it happened, in UTC.
    pub occurred_at: Timestamp,
}

impl Platform {
    /// Makes the keys of incidents that are about to be entered. What is entered of none of them is swept up.
    ///
    /// # Errors
    /// What the key store refuses.
    pub async fn make_incident_keys(&self, incidents: &[(InstitutionId, IncidentId)]) -> Result<()> {
        for (institution, id) in incidents.iter().copied() {
            self.create_keys_in(institution, vec![key_owner::incident(id)]).await?;
        }
        Ok(())
    }
}

impl PlatformReader<'_> {
    /// What is known of a security event.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `security_event_id`: `unknown-security-event`.
    pub fn event_facts(&mut self, id: SecurityEventId) -> Result<EventFacts> {
        let found: Option<(Option<InstitutionId>, Timestamp)> = security_event::table
            .filter(security_event::id.is(id))
            .select((security_event::institution_id, security_event::occurred_at))
            .first(self.connection)
            .optional()?;
        let (institution, occurred_at) = found.ok_or_else(|| {
            let refusal = Refusal::new("unknown-security-event", "must be a security event");
            Error::invalid("security_event_id", refusal)
        })?;
        Ok(EventFacts { institution, occurred_at })
    }

    /// That there are such institutions.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `institution_ids/…`: `unknown-institution`.
    pub fn require_institutions(&mut self, ids: &[InstitutionId]) -> Result<()> {
        let mut refusals = FieldRefusals::new();
        for (index, id) in ids.iter().enumerate() {
            let found = institution::table.filter(institution::id.is(*id));
            let there: bool = diesel::select(diesel::dsl::exists(found)).get_result(self.connection)?;
            if !there {
                let refusal = Refusal::new("unknown-institution", "there is no such institution");
                refusals.refuse(format!("institution_ids/{index}"), refusal);
            }
        }
        Ok(refusals.or(())?)
    }
}

impl PlatformWriter<'_> {
    /// Enters an incident of each of these institutions, whose keys were made before. All of them have one case.
    ///
    /// # Errors
    /// As [`TenantWriter::report_incident`](crate::TenantWriter::report_incident).
    pub fn open_incident_case(
        &mut self,
        case: IncidentCaseId,
        incidents: &[(InstitutionId, NewIncident)],
    ) -> Result<Vec<StoredIncident>> {
        for (institution, new) in incidents {
            self.enter(*institution, |tenant| tenant.report_incident(new).map(drop))?;
            self.touch(ObjectKind::Incident, new.id.as_uuid());
        }
        self.reader().incident_case(case)
    }

    /// Adds that the processor is going to notify the authority to each incident of a case of which it was not notified yet,
    /// and writes to each institution. That is told whether it was consulted itself, and not which others were (C128).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] as [`check_consultations`] says, and for `consulted/…/contact_person_id`
    /// `unknown-contact-person`; [`Error::Conflict`] with `already-notified` when there is none; as
    /// [`TenantWriter::add_to_incident`](crate::TenantWriter::add_to_incident).
    pub fn intend_notice(
        &mut self,
        case: IncidentCaseId,
        text: &FreeText,
        consulted: &[(InstitutionId, Consultation)],
    ) -> Result<Vec<StoredIncident>> {
        let incidents = self.reader().incident_case(case)?;
        let consultable = |incident: &StoredIncident| Consultable {
            institution: incident.institution,
            known_at: incident.report.known_at,
        };
        let of_case: Vec<_> = incidents.iter().map(consultable).collect();
        check_consultations(consulted, &of_case, self.now())?;
        for incident in to_notify(incidents)? {
            let own = consulted
                .iter()
                .enumerate()
                .find(|(_, (institution, _))| *institution == incident.institution);
            let notice = Notice {
                step: NoticeStep::Intended,
                number: None,
                text: Some(text.clone()),
                delay_reason: None,
                consulted: own.map(|(_, (_, consultation))| *consultation),
            };
            self.enter(incident.institution, |tenant| {
                if let Some((index, (_, Consultation { contact_person: Some(id), .. }))) = own
                    && !tenant.is_registered(*id)?
                {
                    let refusal =
                        Refusal::new("unknown-contact-person", "must be a contact person of the institution");
                    return Err(Error::invalid(format!("consulted/{index}/contact_person_id"), refusal));
                }
                let new = NewRecord { content: RecordContent::Notice(notice), at: None };
                tenant.add_to_incident(incident.id, &new)
            })?;
            self.touch(ObjectKind::Incident, incident.id.as_uuid());
        }
        self.reader().incident_case(case)
    }
}

/// The incidents of a case of which the authority was not notified yet.
fn to_notify(mut incidents: Vec<StoredIncident>) -> Result<Vec<StoredIncident>> {
    incidents.retain(|incident| !incident.standing.is_notified());
    if incidents.is_empty() {
        let detail = "the authority was notified of each incident of this case";
        return Err(Error::Conflict(Refusal::new("already-notified", detail)));
    }
    Ok(incidents)
}

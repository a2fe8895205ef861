//! Incidents as they are kept, and how they stand.

use std::collections::HashMap;

use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::audit::entry::{ActorKind, ObjectKind};
use groeilijn_domain::incidents::{
    ACKNOWLEDGED_WITHIN, IncidentChannel, IncidentKind, IncidentReport, IncidentSource, IncidentStanding,
    LOOKED_AT_FOR, Recorded,
};
use groeilijn_domain::institutions::institution::{BreachReporter, ContractProfile};
use groeilijn_domain::values::ids::{IncidentCaseId, IncidentId, InstitutionId, SecurityEventId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use uuid::Uuid;

use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{Reach, TenantReader};
use crate::incidents::key_owner;
use crate::incidents::record::{records_of, records_of_incident};
use crate::incidents::schema::incident;
use crate::incidents::stored::{ReportContent, StoredIncident, WholeIncident, until_ended};
use crate::institutions::schema::institution;

pub(super) const TABLE: &str = "incident";

#[derive(Queryable, Selectable)]
#[diesel(table_name = incident)]
struct IncidentRow {
    institution_id: InstitutionId,
    id: IncidentId,
    case_id: IncidentCaseId,
    kind: IncidentKind,
    source: IncidentSource,
    channel: Option<IncidentChannel>,
    known_at: Timestamp,
    occurred_at: Option<Timestamp>,
    reported_at: Timestamp,
    reporter_kind: ActorKind,
    reporter_id: UserId,
    security_event_id: Option<Uuid>,
    content: Vec<u8>,
}

impl IncidentRow {
    /// The incident after these records, without its texts.
    fn standing(
        &self,
        records: impl IntoIterator<Item = Recorded>,
        content: Option<ReportContent>,
        breach_reporter: BreachReporter,
        now: Timestamp,
    ) -> StoredIncident {
        let report = IncidentReport {
            kind: self.kind,
            known_at: self.known_at,
            occurred_at: self.occurred_at,
            reported_at: self.reported_at,
            by: self.reporter_kind,
        };
        StoredIncident {
            id: self.id,
            institution: self.institution_id,
            case: self.case_id,
            standing: IncidentStanding::of(&report, records),
            breach_reporter,
            report,
            source: self.source,
            channel: self.channel,
            reporter: self.reporter_id,
            security_event: self.security_event_id.map(SecurityEventId::from_uuid),
            content,
            read_at: now,
        }
    }
}

impl TenantReader<'_> {
    /// The incidents of the institution in the order in which they were reported, after the one with id `after`: all of
    /// them for who reaches the whole of it, otherwise those that one reported oneself.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn incidents(&mut self, after: Option<IncidentId>, limit: i64) -> Result<Vec<StoredIncident>> {
        let (institution, own) = (self.institution(), self.own_incidents_only());
        let rows = |reader: &mut Self, after: &IncidentId, limit| {
            let after = *after;
            let rows: Vec<IncidentRow> = load_boxed!(&mut *reader.connection, {
                let mut query = incident::table
                    .filter(incident::institution_id.is(institution))
                    .filter(incident::id.after(after))
                    .order(incident::id)
                    .limit(limit)
                    .select(columns::<IncidentRow>())
                    .into_boxed();
                if let Some(own) = own {
                    query = query.filter(incident::reporter_id.is(own));
                }
                query
            })?;
            reader.open_keys(rows.iter().map(|row| key_owner::incident(row.id)))?;
            let mut records = records_of(reader.connection, institution, rows.iter().map(|row| row.id))?;
            let with = |row: IncidentRow| {
                let records = records.remove(&row.id).unwrap_or_default();
                (row, records)
            };
            Ok(rows.into_iter().map(with).collect())
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |(row, _): &(IncidentRow, Vec<Recorded>)| row.id,
            |reader, (row, records)| {
                let opened = reader.open_incident(&row, records);
                reader.readable(row.id, opened)
            },
        )
    }

    /// One incident with everything that was added to it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it was reported by somebody else and the caller sees her
    /// own alone.
    pub fn incident(&mut self, id: IncidentId) -> Result<WholeIncident> {
        let row = self.incident_row(id)?;
        let records = records_of_incident(self, id, 0)?;
        let incident = self.open_incident(&row, records.iter().map(|record| record.recorded))?;
        Ok(WholeIncident { incident, records })
    }

    /// One incident with the last of what was added to it: what it takes to show that does not grow with the others.
    ///
    /// # Errors
    /// As [`Self::incident`].
    pub fn incident_with_last_record(&mut self, id: IncidentId) -> Result<WholeIncident> {
        let row = self.incident_row(id)?;
        let recorded = self.recorded_of(id)?;
        let before_last = i32::try_from(recorded.len()).map_err(Error::internal)? - 1;
        let incident = self.open_incident(&row, recorded)?;
        Ok(WholeIncident { incident, records: records_of_incident(self, id, before_last)? })
    }

    /// How one incident stands, without opening what was told of it.
    pub(super) fn incident_without_texts(&mut self, id: IncidentId) -> Result<StoredIncident> {
        let row = self.incident_row(id)?;
        let recorded = self.recorded_of(id)?;
        let (institution, now) = (self.institution(), self.now());
        let breach_reporter = breach_reporter(self.connection, institution)?;
        self.touch(ObjectKind::Incident, id.as_uuid());
        Ok(row.standing(recorded, None, breach_reporter, now))
    }

    fn incident_row(&mut self, id: IncidentId) -> Result<IncidentRow> {
        let row: Option<IncidentRow> = incident::table
            .filter(incident::institution_id.is(self.institution()))
            .filter(incident::id.is(id))
            .select(columns::<IncidentRow>())
            .first(self.connection)
            .optional()?;
        let row = row.ok_or(Error::NotFound)?;
        if self.own_incidents_only().is_some_and(|own| own != row.reporter_id) {
            self.note_out_of_reach(ObjectKind::Incident, id.as_uuid());
            return Err(Error::NotFound);
        }
        Ok(row)
    }

    fn recorded_of(&mut self, id: IncidentId) -> Result<Vec<Recorded>> {
        let institution = self.institution();
        let mut records = records_of(self.connection, institution, [id])?;
        Ok(records.remove(&id).unwrap_or_default())
    }

    /// Whether the caller is shown what this author wrote: not whoever is shown her own incidents alone and others wrote in
    /// one, and no token, as it reads nothing that may tell of a child.
    pub(super) fn is_shown_texts_of(&self, author: Option<UserId>) -> bool {
        let is_token = matches!(self.principal(), Principal::ApiToken { .. });
        !is_token && self.own_incidents_only().is_none_or(|own| author == Some(own))
    }

    fn own_incidents_only(&self) -> Option<UserId> {
        match self.reach() {
            Reach::GroupsOf(user) | Reach::LocationsOf(user) => Some(user),
            Reach::Institution | Reach::Group(_) | Reach::Request(_) => None,
        }
    }

    fn open_incident(
        &mut self,
        row: &IncidentRow,
        records: impl IntoIterator<Item = Recorded>,
    ) -> Result<StoredIncident> {
        let content = if self.is_shown_texts_of(Some(row.reporter_id)) {
            let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::incident(row.id));
            until_ended(opener.json("content", &row.content))?
        } else {
            None
        };
        self.touch(ObjectKind::Incident, row.id.as_uuid());
        let (institution, now) = (self.institution(), self.now());
        let breach_reporter = breach_reporter(self.connection, institution)?;
        Ok(row.standing(records, content, breach_reporter, now))
    }
}

/// Who reports a breach under the contract of an institution.
fn breach_reporter(connection: &mut AnyConnection, id: InstitutionId) -> Result<BreachReporter> {
    let profile: ContractProfile = institution::table
        .filter(institution::id.is(id))
        .select(institution::contract_profile)
        .first(connection)?;
    Ok(profile.terms().breach_reporter)
}

/// Of how many institutions a case is.
pub(super) fn institutions_of_case(connection: &mut AnyConnection, case: IncidentCaseId) -> Result<usize> {
    let count: i64 = incident::table.filter(incident::case_id.is(case)).count().get_result(connection)?;
    usize::try_from(count).map_err(Error::internal)
}

impl PlatformReader<'_> {
    /// The incidents of all institutions in the order in which they were reported, after the one with id `after`. What
    /// was told of them is read in the institution, which sees that in its log.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn incidents(&mut self, after: Option<IncidentId>, limit: i64) -> Result<Vec<StoredIncident>> {
        let rows: Vec<IncidentRow> = incident::table
            .filter(incident::id.after(page_start(after)))
            .order(incident::id)
            .limit(limit)
            .select(columns::<IncidentRow>())
            .load(self.connection)?;
        self.with_standings(rows)
    }

    /// The incidents of one case, in the order in which they were reported.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn incident_case(&mut self, case: IncidentCaseId) -> Result<Vec<StoredIncident>> {
        let rows: Vec<IncidentRow> = incident::table
            .filter(incident::case_id.is(case))
            .order(incident::id)
            .select(columns::<IncidentRow>())
            .load(self.connection)?;
        if rows.is_empty() {
            return Err(Error::NotFound);
        }
        self.with_standings(rows)
    }

    /// The incidents of which everybody is to be written to again at the moment `now`, with whose they are.
    pub(super) fn unacknowledged_incidents(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<(InstitutionId, IncidentId)>> {
        let rows: Vec<IncidentRow> = incident::table
            .filter(incident::reported_at.until(now - ACKNOWLEDGED_WITHIN))
            .filter(incident::reported_at.after(now - LOOKED_AT_FOR))
            .order(incident::id)
            .select(columns::<IncidentRow>())
            .load(self.connection)?;
        let mut found = self.with_standings(rows)?;
        found.retain(|incident| incident.standing.is_to_be_escalated(now));
        Ok(found.into_iter().map(|incident| (incident.institution, incident.id)).collect())
    }

    /// Whose incident it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn institution_of_incident(&mut self, id: IncidentId) -> Result<InstitutionId> {
        incident::table
            .filter(incident::id.is(id))
            .select(incident::institution_id)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)
    }

    fn with_standings(&mut self, rows: Vec<IncidentRow>) -> Result<Vec<StoredIncident>> {
        let mut by_institution: HashMap<InstitutionId, Vec<IncidentId>> = HashMap::new();
        for row in &rows {
            by_institution.entry(row.institution_id).or_default().push(row.id);
        }
        let (mut records, mut reporters) = (HashMap::new(), HashMap::new());
        for (institution, ids) in by_institution {
            dialect::enter_institution(self.connection, institution)?;
            records.extend(records_of(self.connection, institution, ids)?);
            reporters.insert(institution, breach_reporter(self.connection, institution)?);
        }
        let now = self.store.environment().now();
        let standing = |row: IncidentRow| {
            let records = records.remove(&row.id).unwrap_or_default();
            let reporter = reporters.get(&row.institution_id).copied().unwrap_or(BreachReporter::Controller);
            row.standing(records, None, reporter, now)
        };
        Ok(rows.into_iter().map(standing).collect())
    }
}

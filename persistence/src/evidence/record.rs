//! Evidence records. They are only added; a later one takes the place of an earlier one.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::evidence::clause::ClauseId;
use groeilijn_domain::evidence::kind::EvidenceKind;
use groeilijn_domain::evidence::record::{EvidenceFields, EvidenceOutcome};
use groeilijn_domain::values::ids::{EvidenceRecordId, InstitutionId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use jiff::Timestamp;
use jiff::civil::Date;

use super::schema::{ClauseNumberList, evidence_record};
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::schema::institution;
use crate::platform::schema::processor_staff;
use crate::platform::subprocessor::Viewer;

/// What is serialised on while a record takes the place of another.
const LOCK: &[u8] = b"evidence-records";

/// An evidence record to be made, which was checked.
pub struct NewEvidence {
    /// Its id.
    pub id: EvidenceRecordId,
    /// The one whose place it takes.
    pub replaces: Option<EvidenceRecordId>,
    /// What it says.
    pub fields: EvidenceFields,
}

/// An evidence record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvidence {
    /// Its id.
    pub id: EvidenceRecordId,
    /// The one whose place it took.
    pub replaces: Option<EvidenceRecordId>,
    /// The one that took its place.
    pub replaced_by: Option<EvidenceRecordId>,
    /// What it says.
    pub fields: EvidenceFields,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When, in UTC.
    pub recorded_at: Timestamp,
}

impl StoredEvidence {
    /// Whether it is evidence on the day `today`, in Amsterdam.
    pub fn is_in_force(&self, today: Date) -> bool {
        self.replaced_by.is_none() && self.fields.counts(today)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = evidence_record)]
struct EvidenceRow {
    id: EvidenceRecordId,
    replaces_id: Option<EvidenceRecordId>,
    kind: EvidenceKind,
    title: String,
    dated_on: Date,
    valid_until: Option<Date>,
    document_sha256: Vec<u8>,
    document_bytes: i64,
    outcome: EvidenceOutcome,
    owner_id: UserId,
    review_on: Date,
    clauses: ClauseNumberList,
    institution_id: Option<InstitutionId>,
    recorded_by: UserId,
    recorded_at: Timestamp,
}

impl EvidenceRow {
    fn read(self, reader: &mut PlatformReader<'_>) -> Result<StoredEvidence> {
        let unreadable = || Error::Unreadable("evidence_record");
        let replaced_by = evidence_record::table
            .filter(evidence_record::replaces_id.is(Some(self.id)))
            .select(evidence_record::id)
            .first(reader.connection)
            .optional()?;
        Ok(StoredEvidence {
            id: self.id,
            replaces: self.replaces_id,
            replaced_by,
            fields: EvidenceFields {
                kind: self.kind,
                title: Label::kept(self.title),
                dated_on: self.dated_on,
                valid_until: self.valid_until,
                document_sha256: self.document_sha256.try_into().map_err(|_| unreadable())?,
                document_bytes: u64::try_from(self.document_bytes).map_err(|_| unreadable())?,
                outcome: self.outcome,
                owner: self.owner_id,
                review_on: self.review_on,
                clauses: self.clauses.0.into_iter().map(ClauseId::from_number).collect(),
                institution: self.institution_id,
            },
            recorded_by: self.recorded_by,
            recorded_at: self.recorded_at,
        })
    }
}

impl PlatformReader<'_> {
    /// The evidence records that somebody sees, of one kind or of all, in the order in which they were made, after the one
    /// with id `after`. An institution sees those that concern it and those that concern all.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn evidence_records(
        &mut self,
        viewer: Viewer,
        kind: Option<EvidenceKind>,
        after: Option<EvidenceRecordId>,
        limit: i64,
    ) -> Result<Vec<StoredEvidence>> {
        let rows: Vec<EvidenceRow> = load_boxed!(&mut *self.connection, {
            let query = evidence_record::table
                .filter(evidence_record::id.after(page_start(after)))
                .order(evidence_record::id)
                .limit(limit)
                .select(columns::<EvidenceRow>())
                .into_boxed();
            let query = match kind {
                Some(kind) => query.filter(evidence_record::kind.is(kind)),
                None => query,
            };
            match viewer {
                Viewer::Processor => query,
                Viewer::Institution(own) => query.filter(
                    evidence_record::institution_id
                        .is_null()
                        .or(evidence_record::institution_id.is(Some(own))),
                ),
            }
        })?;
        rows.into_iter().map(|row| row.read(self)).collect()
    }

    /// One evidence record.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that concerns another institution than the one that looks.
    pub fn evidence_record(&mut self, viewer: Viewer, id: EvidenceRecordId) -> Result<StoredEvidence> {
        let row: Option<EvidenceRow> = evidence_record::table
            .filter(evidence_record::id.is(id))
            .select(columns::<EvidenceRow>())
            .first(self.connection)
            .optional()?;
        let found = row.ok_or(Error::NotFound)?.read(self)?;
        match (viewer, found.fields.institution) {
            (Viewer::Institution(own), Some(other)) if own != other => Err(Error::NotFound),
            _ => Ok(found),
        }
    }
}

impl PlatformWriter<'_> {
    /// Puts an evidence record down. The institution that it concerns has it in its log.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `owner_id` `unknown-user`, for `institution_id` `unknown-institution`, and for `replaces_id`
    /// `unknown-record`, `already-replaced` and `not-of-the-kind`.
    pub fn record_evidence(&mut self, new: &NewEvidence) -> Result<StoredEvidence> {
        dialect::lock(self.connection, LOCK)?;
        self.check_references(&new.fields)?;
        if let Some(replaced) = new.replaces {
            self.check_may_replace(replaced, &new.fields)?;
        }
        let (now, recorded_by, fields) = (self.now(), self.actor()?.user, &new.fields);
        diesel::insert_into(evidence_record::table)
            .values((
                evidence_record::id.is(new.id),
                evidence_record::replaces_id.is(new.replaces),
                evidence_record::kind.is(fields.kind),
                evidence_record::title.eq(fields.title.as_str()),
                evidence_record::dated_on.is(fields.dated_on),
                evidence_record::valid_until.is(fields.valid_until),
                evidence_record::document_sha256.eq(fields.document_sha256.as_slice()),
                evidence_record::document_bytes.eq(i64::try_from(fields.document_bytes).unwrap_or(i64::MAX)),
                evidence_record::outcome.is(fields.outcome),
                evidence_record::owner_id.is(fields.owner),
                evidence_record::review_on.is(fields.review_on),
                evidence_record::clauses
                    .is(ClauseNumberList(fields.clauses.iter().map(|clause| clause.number()).collect())),
                evidence_record::institution_id.is(fields.institution),
                evidence_record::recorded_by.is(recorded_by),
                evidence_record::recorded_at.is(now),
            ))
            .execute(self.connection)?;
        if let Some(institution) = fields.institution {
            self.enter(institution, |tenant| {
                tenant.touch(ObjectKind::EvidenceRecord, new.id.as_uuid());
                Ok(())
            })?;
        }
        self.touch(ObjectKind::EvidenceRecord, new.id.as_uuid());
        self.reader().evidence_record(Viewer::Processor, new.id)
    }

    fn check_references(&mut self, fields: &EvidenceFields) -> Result<()> {
        let owner = processor_staff::table
            .filter(processor_staff::id.is(fields.owner))
            .filter(processor_staff::ended_at.is_null());
        if !diesel::select(diesel::dsl::exists(owner)).get_result::<bool>(self.connection)? {
            let refusal = Refusal::new("unknown-user", "must be a member of the processor's staff");
            return Err(Error::invalid("owner_id", refusal));
        }
        let Some(own) = fields.institution else { return Ok(()) };
        let concerned = institution::table.filter(institution::id.is(own));
        if !diesel::select(diesel::dsl::exists(concerned)).get_result::<bool>(self.connection)? {
            let refusal = Refusal::new("unknown-institution", "there is no such institution");
            return Err(Error::invalid("institution_id", refusal));
        }
        Ok(())
    }

    fn check_may_replace(&mut self, id: EvidenceRecordId, fields: &EvidenceFields) -> Result<()> {
        let earlier = match self.reader().evidence_record(Viewer::Processor, id) {
            Err(Error::NotFound) => {
                let refusal = Refusal::new("unknown-record", "there is no such record");
                return Err(Error::invalid("replaces_id", refusal));
            }
            found => found?,
        };
        if earlier.replaced_by.is_some() {
            let refusal = Refusal::new("already-replaced", "another record took its place");
            return Err(Error::invalid("replaces_id", refusal));
        }
        Ok(fields.check_replaces(&earlier.fields)?)
    }
}

//! Audits of the processor, by what was put on record of each of their stages. Stages are only added.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::evidence::audit::{
    AuditDocument, AuditPayer, AuditStage, AuditStep, check_next, check_notice, check_step, earliest,
};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{AuditId, InstitutionId, UserId};
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::schema::audit_stage;
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::licence;
use crate::platform::subprocessor::Viewer;

const TABLE: &str = "audit_stage";

/// An audit as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    /// Its id.
    pub id: AuditId,
    /// Which institution asked for it.
    pub institution: InstitutionId,
    /// Its stages so far, in order; the first one is the request.
    pub stages: Vec<StoredStage>,
}

/// A stage of an audit as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredStage {
    /// What is on record of it.
    pub step: AuditStep,
    /// Who put it on record.
    pub taken_by: UserId,
    /// When, in UTC.
    pub taken_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_stage)]
struct StageRow {
    institution_id: InstitutionId,
    stage: AuditStage,
    on_day: Date,
    document_sha256: Vec<u8>,
    document_bytes: i64,
    major_faults: Option<i32>,
    paid_by: Option<AuditPayer>,
    taken_by: UserId,
    taken_at: Timestamp,
}

impl StageRow {
    fn read(self) -> Result<StoredStage> {
        let unreadable = || Error::Unreadable(TABLE);
        let document = AuditDocument {
            sha256: self.document_sha256.try_into().map_err(|_| unreadable())?,
            bytes: u64::try_from(self.document_bytes).map_err(|_| unreadable())?,
        };
        let step = AuditStep {
            stage: self.stage,
            on: self.on_day,
            document,
            major_faults: self.major_faults.map(|found| found != 0),
            paid_by: self.paid_by,
        };
        Ok(StoredStage { step, taken_by: self.taken_by, taken_at: self.taken_at })
    }
}

impl PlatformReader<'_> {
    /// The audits that an institution asked for, in that order, after the one with id `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such institution.
    pub fn audits(
        &mut self,
        institution: InstitutionId,
        after: Option<AuditId>,
        limit: i64,
    ) -> Result<Vec<StoredAudit>> {
        self.institution(institution)?;
        let ids: Vec<AuditId> = audit_stage::table
            .filter(audit_stage::institution_id.is(institution))
            .filter(audit_stage::stage.is(AuditStage::Requested))
            .filter(audit_stage::audit_id.after(page_start(after)))
            .order(audit_stage::audit_id)
            .limit(limit)
            .select(audit_stage::audit_id)
            .load(self.connection)?;
        ids.into_iter().map(|id| self.audit(Viewer::Institution(institution), id)).collect()
    }

    /// One audit.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that another institution asked for: the report is for the two parties (C094).
    pub fn audit(&mut self, viewer: Viewer, id: AuditId) -> Result<StoredAudit> {
        let rows: Vec<StageRow> = audit_stage::table
            .filter(audit_stage::audit_id.is(id))
            .order(audit_stage::taken_at)
            .select(columns::<StageRow>())
            .load(self.connection)?;
        let institution = rows.as_slice().first().map(|row| row.institution_id).ok_or(Error::NotFound)?;
        if matches!(viewer, Viewer::Institution(own) if own != institution) {
            return Err(Error::NotFound);
        }
        let mut stages = rows.into_iter().map(StageRow::read).collect::<Result<Vec<_>>>()?;
        stages.sort_by_key(|stage| stage.step.stage);
        Ok(StoredAudit { id, institution, stages })
    }
}

impl PlatformWriter<'_> {
    /// Has an institution ask for an audit on a day, with reasonable notice (C092).
    ///
    /// # Errors
    /// [`Error::Invalid`] for `audit_on` `too-early`.
    pub fn request_audit(
        &mut self,
        id: AuditId,
        institution: InstitutionId,
        audit_on: Date,
        document: AuditDocument,
    ) -> Result<StoredAudit> {
        let profile = licence::load(self.connection, institution)?.profile;
        check_notice(audit_on, earliest(self.now(), profile.terms().audit_notice_days))?;
        let stage = AuditStage::Requested;
        let step = AuditStep { stage, on: audit_on, document, major_faults: None, paid_by: None };
        self.insert_stage(id, institution, &step)
    }

    /// Puts the next stage of an audit on record.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`; [`Error::Invalid`] for what [`check_step`] refuses.
    pub fn take_audit_step(&mut self, viewer: Viewer, id: AuditId, step: &AuditStep) -> Result<StoredAudit> {
        dialect::lock(self.connection, id.as_bytes())?;
        let audit = self.reader().audit(viewer, id)?;
        let taken: Vec<_> = audit.stages.iter().map(|stage| stage.step).collect();
        check_next(&taken, step.stage).map_err(Error::Conflict)?;
        let asked_on = audit.stages.as_slice().first().map_or(Timestamp::MIN, |asked| asked.taken_at);
        check_step(&taken, step, amsterdam_date(asked_on), amsterdam_date(self.now()))?;
        self.insert_stage(id, audit.institution, step)
    }

    fn insert_stage(
        &mut self,
        id: AuditId,
        institution: InstitutionId,
        step: &AuditStep,
    ) -> Result<StoredAudit> {
        let (taken_at, taken_by) = (self.now(), self.actor()?.user);
        diesel::insert_into(audit_stage::table)
            .values((
                audit_stage::audit_id.is(id),
                audit_stage::stage.is(step.stage),
                audit_stage::institution_id.is(institution),
                audit_stage::on_day.is(step.on),
                audit_stage::document_sha256.eq(step.document.sha256.as_slice()),
                audit_stage::document_bytes.eq(i64::try_from(step.document.bytes).unwrap_or(i64::MAX)),
                audit_stage::major_faults.eq(step.major_faults.map(i32::from)),
                audit_stage::paid_by.is(step.paid_by),
                audit_stage::taken_by.is(taken_by),
                audit_stage::taken_at.is(taken_at),
            ))
            .execute(self.connection)?;
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::Audit, id.as_uuid());
            Ok(())
        })?;
        self.reader().audit(Viewer::Processor, id)
    }
}

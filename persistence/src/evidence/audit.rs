//! Audits of the processor, by what was put on record of each of their stages, and what the other party confirmed. Both are only
//! added.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::evidence::audit::{
    AuditConfirmation, AuditConfirmationKind, AuditDocument, AuditParty, AuditPayer, AuditStage, AuditStep,
    check_confirmation, check_next, check_notice, check_objections, check_step, earliest,
};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{AuditId, InstitutionId, UserId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::schema::{audit_confirmation, audit_stage};
use crate::access::schema::membership;
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::licence;
use crate::platform::subprocessor::Viewer;

const TABLE: &str = "audit_stage";
const CONFIRMATION: &str = "audit_confirmation";

/// An audit as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    /// Its id.
    pub id: AuditId,
    /// Which institution asked for it.
    pub institution: InstitutionId,
    /// Its stages so far, in order; the first one is the request.
    pub stages: Vec<StoredStage>,
    /// What was confirmed so far, in order.
    pub confirmations: Vec<StoredConfirmation>,
}

/// A stage of an audit as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredStage {
    /// What is on record of it.
    pub step: AuditStep,
    /// For which party it was put on record.
    pub party: AuditParty,
    /// Who put it on record.
    pub taken_by: UserId,
    /// When, in UTC.
    pub taken_at: Timestamp,
}

/// What a party confirmed, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredConfirmation {
    /// What.
    pub confirmation: AuditConfirmation,
    /// For which party.
    pub party: AuditParty,
    /// Who confirmed it.
    pub confirmed_by: UserId,
    /// When, in UTC.
    pub confirmed_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_confirmation)]
struct ConfirmationRow {
    kind: AuditConfirmationKind,
    objections_sha256: Option<Vec<u8>>,
    objections_bytes: Option<i64>,
    confirmed_by: UserId,
    confirmed_at: Timestamp,
}

impl ConfirmationRow {
    fn read(self, party: AuditParty) -> Result<StoredConfirmation> {
        let objections = match (self.objections_sha256, self.objections_bytes) {
            (None, None) => None,
            (Some(sha256), Some(bytes)) => Some(document(CONFIRMATION, sha256, bytes)?),
            _ => return Err(Error::Unreadable(CONFIRMATION)),
        };
        let confirmation = AuditConfirmation { kind: self.kind, objections };
        let Self { confirmed_by, confirmed_at, .. } = self;
        Ok(StoredConfirmation { confirmation, party, confirmed_by, confirmed_at })
    }
}

fn document(table: &'static str, sha256: Vec<u8>, bytes: i64) -> Result<AuditDocument> {
    let unreadable = || Error::Unreadable(table);
    let sha256 = sha256.try_into().map_err(|_| unreadable())?;
    Ok(AuditDocument { sha256, bytes: u64::try_from(bytes).map_err(|_| unreadable())? })
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
    fn read(self, party: AuditParty) -> Result<StoredStage> {
        let document = document(TABLE, self.document_sha256, self.document_bytes)?;
        let step = AuditStep {
            stage: self.stage,
            on: self.on_day,
            document,
            major_faults: self.major_faults.map(|found| found != 0),
            paid_by: self.paid_by,
        };
        Ok(StoredStage { step, party, taken_by: self.taken_by, taken_at: self.taken_at })
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
        let confirmed: Vec<ConfirmationRow> = audit_confirmation::table
            .filter(audit_confirmation::audit_id.is(id))
            .select(columns::<ConfirmationRow>())
            .load(self.connection)?;
        let acted: Vec<_> =
            rows.iter().map(|row| row.taken_by).chain(confirmed.iter().map(|row| row.confirmed_by)).collect();
        let members = self.members_among(institution, &acted)?;
        let party = |user: UserId| {
            if members.contains(&user) { AuditParty::Institution } else { AuditParty::Processor }
        };
        let stages = rows.into_iter().map(|row| (party(row.taken_by), row));
        let mut stages = stages.map(|(party, row)| row.read(party)).collect::<Result<Vec<_>>>()?;
        stages.sort_by_key(|stage| stage.step.stage);
        let confirmations = confirmed.into_iter().map(|row| (party(row.confirmed_by), row));
        let mut confirmations =
            confirmations.map(|(party, row)| row.read(party)).collect::<Result<Vec<_>>>()?;
        confirmations.sort_by_key(|one| one.confirmation.kind);
        Ok(StoredAudit { id, institution, stages, confirmations })
    }

    /// Which of these users are of an institution: all others are of the processor.
    fn members_among(&mut self, institution: InstitutionId, users: &[UserId]) -> Result<Vec<UserId>> {
        Ok(membership::table
            .filter(membership::institution_id.is(institution))
            .filter(membership::user_id.eq_any(users.iter().copied().map(OneOf)))
            .select(membership::user_id)
            .load(self.connection)?)
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
    /// [`Error::NotFound`]; [`Error::Conflict`] `not-the-next-step`, `not-confirmed`; [`Error::Invalid`] for what [`check_step`] refuses.
    pub fn take_audit_step(&mut self, viewer: Viewer, id: AuditId, step: &AuditStep) -> Result<StoredAudit> {
        dialect::lock(self.connection, id.as_bytes())?;
        let audit = self.reader().audit(viewer, id)?;
        let taken: Vec<_> = audit.stages.iter().map(|stage| stage.step).collect();
        check_next(&taken, &confirmed(&audit), step.stage).map_err(Error::Conflict)?;
        let asked_on = audit.stages.as_slice().first().map_or(Timestamp::MIN, |asked| asked.taken_at);
        check_step(&taken, step, amsterdam_date(asked_on), amsterdam_date(self.now()))?;
        self.insert_stage(id, audit.institution, step)
    }

    /// Has a party confirm what the other put on record, or that what was agreed is done (C092–C095).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for what [`check_objections`] refuses; [`Error::Conflict`] for what
    /// [`check_confirmation`] refuses.
    pub fn confirm_audit(
        &mut self,
        viewer: Viewer,
        id: AuditId,
        confirmation: &AuditConfirmation,
    ) -> Result<StoredAudit> {
        dialect::lock(self.connection, id.as_bytes())?;
        let audit = self.reader().audit(viewer, id)?;
        check_objections(confirmation)?;
        let kind = confirmation.kind;
        let recorded_by =
            audit.stages.iter().find(|stage| stage.step.stage == kind.stage()).map(|stage| stage.party);
        let by = match viewer {
            Viewer::Institution(_) => AuditParty::Institution,
            Viewer::Processor => AuditParty::Processor,
        };
        check_confirmation(&confirmed(&audit), kind, by, recorded_by).map_err(Error::Conflict)?;
        let (confirmed_at, confirmed_by) = (self.now(), self.actor()?.user);
        let objections = confirmation.objections;
        diesel::insert_into(audit_confirmation::table)
            .values((
                audit_confirmation::audit_id.is(id),
                audit_confirmation::kind.is(kind),
                audit_confirmation::institution_id.is(audit.institution),
                audit_confirmation::objections_sha256.eq(objections.map(|document| document.sha256.to_vec())),
                audit_confirmation::objections_bytes
                    .eq(objections.map(|document| i64::try_from(document.bytes).unwrap_or(i64::MAX))),
                audit_confirmation::confirmed_by.is(confirmed_by),
                audit_confirmation::confirmed_at.is(confirmed_at),
            ))
            .execute(self.connection)?;
        self.audit_changed(audit.institution, id)
    }

    /// Notes in the institution's log that something was added to its audit, and gives the audit.
    fn audit_changed(&mut self, institution: InstitutionId, id: AuditId) -> Result<StoredAudit> {
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::Audit, id.as_uuid());
            Ok(())
        })?;
        self.reader().audit(Viewer::Processor, id)
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
        self.audit_changed(institution, id)
    }
}

fn confirmed(audit: &StoredAudit) -> Vec<AuditConfirmationKind> {
    audit.confirmations.iter().map(|one| one.confirmation.kind).collect()
}

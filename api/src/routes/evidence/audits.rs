//! Audits of the processor: asked for by an institution, planned, reported on, and followed up, each confirmed by the other party
//! (C092–C095).

use actix_web::HttpRequest;
use groeilijn_domain::evidence::audit::{
    AuditConfirmation as Confirmation, AuditConfirmationKind, AuditDocument, AuditParty, AuditPayer,
    AuditStage, AuditStep,
};
use groeilijn_domain::values::ids::{AuditId, InstitutionId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::evidence::audit::{StoredAudit, StoredConfirmation, StoredStage};
use groeilijn_persistence::platform::subprocessor::Viewer;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::described::{counted, within};
use crate::http::digest::Sha256Hex;
use crate::http::guard::activity::OperateService;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::routes::institutions::reach::require_reach;
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on audits.
    pub fn endpoints;

    /// List the audits of an institution
    ///
    /// Those that it asked for, with their stages so far. For its administrators and the processor (C094).
    GET "/institutions/{institutionId}/audits" => list_audits: "A page of audits, in the order in which they were asked for.";

    /// Ask for an audit
    ///
    /// By an administrator, with the notice of the contract: 30 days (C092).
    POST "/institutions/{institutionId}/audits" => request_audit: "The audit was asked for.";

    /// Read an audit
    ///
    /// With what is on record of each stage. For the two parties alone (C094).
    GET "/audits/{auditId}" => read_audit: "The audit.";

    /// Plan an audit
    ///
    /// By the processor: on which day, and what shows that the expert is independent and certified.
    POST "/audits/{auditId}/_plan" => plan_audit: "The audit, planned."
        .refusing(&[ProblemKind::Conflict]);

    /// Record the report of an audit
    ///
    /// By either party, when the other one agreed the plan: the digest of what the expert reported, which both have, and whether it
    /// finds major faults of the processor.
    POST "/audits/{auditId}/_report" => report_audit: "The audit, with its report."
        .refusing(&[ProblemKind::Conflict]);

    /// Record what follows from an audit
    ///
    /// By either party, when the other one has seen the report: what was agreed, by which day it is done, and who pays (C095).
    POST "/audits/{auditId}/_follow-up" => follow_up_audit: "The audit, followed up."
        .refusing(&[ProblemKind::Conflict]);

    /// Confirm a stage of an audit
    ///
    /// By the party that did not put the stage on record: that it agrees the plan (`plan-agreed`), has seen the report, with its
    /// objections when it has any (`report-seen`), and agrees what follows (`follow-up-agreed`). At last the institution, which asked
    /// for the audit, confirms that what was agreed is done (`follow-up-done`). Which party confirms follows from who asks. What
    /// is confirmed stays so.
    POST "/audits/{auditId}/_confirm" => confirm_audit: "The audit, with what was confirmed."
        .refusing(&[ProblemKind::Conflict]);
}

request_body! {
    /// An audit that is asked for.
    pub struct AuditCreation {
        /// The day on which it is wanted, in Amsterdam.
        audit_on: Date,
        /// SHA-256 of the request, in hexadecimal. For proving later what was asked for.
        document_sha256: Sha256Hex,
        /// How many bytes the request has.
        document_bytes: u32 = within(1, i32::MAX.into()),
    }

    example {
        "auditOn": "2027-01-18",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "documentBytes": 18_204,
    }
}

request_body! {
    /// When an audit is, and by whom.
    pub struct AuditPlan {
        /// The day, in Amsterdam: no sooner than was asked for.
        audit_on: Date,
        /// SHA-256 of what shows that the expert is independent and certified, in hexadecimal.
        document_sha256: Sha256Hex,
        /// How many bytes it has.
        document_bytes: u32 = within(1, i32::MAX.into()),
    }

    example {
        "auditOn": "2027-01-18",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "documentBytes": 20_480,
    }
}

request_body! {
    /// The report of an audit.
    pub struct AuditReport {
        /// The day of the report, in Amsterdam.
        reported_on: Date,
        /// SHA-256 of the report, in hexadecimal.
        document_sha256: Sha256Hex,
        /// How many bytes it has.
        document_bytes: u32 = within(1, i32::MAX.into()),
        /// Whether it finds major faults that are the processor's.
        major_faults: bool,
    }

    example {
        "reportedOn": "2026-11-21",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "documentBytes": 512_000,
        "majorFaults": false,
    }
}

request_body! {
    /// What follows from an audit.
    pub struct AuditFollowUp {
        /// The day by which what was agreed is done, in Amsterdam.
        due_on: Date,
        /// SHA-256 of what was agreed, in hexadecimal.
        document_sha256: Sha256Hex,
        /// How many bytes it has.
        document_bytes: u32 = within(1, i32::MAX.into()),
        /// Who pays for the audit.
        paid_by: AuditPayer,
    }

    example {
        "dueOn": "2027-05-01",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "documentBytes": 9_600,
        "paidBy": "institution",
    }
}

request_body! {
    /// What a party to an audit confirms.
    pub struct AuditConfirmation {
        /// What is confirmed.
        kind: AuditConfirmationKind,
        /// SHA-256 of the objections to the report, in hexadecimal, which both parties have; of `report-seen` alone.
        objections_sha256: Option<Sha256Hex>,
        /// How many bytes they have; beside `objectionsSha256`.
        objections_bytes: Option<u32> = within(1, i32::MAX.into()),
    }

    example {
        "kind": "plan-agreed",
    }
}

reply_body! {
    /// What is on record of a stage of an audit.
    pub struct AuditStageRecord {
        /// Which stage.
        stage: AuditStage,
        /// The day that it is about, in Amsterdam: that of the audit as asked for and as planned, that of the report, and that by
        /// which what was agreed is done.
        day: Date,
        /// SHA-256 of its document, in hexadecimal. Both parties have the document.
        document_sha256: Sha256Hex,
        /// How many bytes it has.
        document_bytes: u64,
        /// Whether the report finds major faults of the processor; null for other stages.
        major_faults: Option<bool>,
        /// Who pays; null for other stages than the follow-up.
        paid_by: Option<AuditPayer>,
        /// For which party it was put on record.
        party: AuditParty,
        /// Who put it on record.
        recorded_by: UserId,
        /// When, in UTC.
        recorded_at: Timestamp,
    }
}

reply_body! {
    /// What a party to an audit confirmed.
    pub struct AuditConfirmationRecord {
        /// What.
        kind: AuditConfirmationKind,
        /// For which party it was confirmed.
        party: AuditParty,
        /// SHA-256 of the objections to the report, in hexadecimal; null when there are none.
        objections_sha256: Option<Sha256Hex>,
        /// How many bytes they have; null when there are none.
        objections_bytes: Option<u64>,
        /// Who confirmed it.
        confirmed_by: UserId,
        /// When, in UTC.
        confirmed_at: Timestamp,
    }
}

reply_body! {
    /// An audit of the processor.
    pub struct Audit {
        /// The audit's id.
        id: AuditId,
        /// Which institution asked for it.
        institution_id: InstitutionId,
        /// How far it is.
        stage: AuditStage,
        /// What is on record of each stage, in order.
        stages: Vec<AuditStageRecord> = counted(1..=AuditStage::ALL.len()),
        /// What was confirmed, in order.
        confirmations: Vec<AuditConfirmationRecord> = counted(0..=AuditConfirmationKind::ALL.len()),
    }
}

query_params! {
    pub struct ListAudits {
        /// How many audits one page has.
        page: Page<AuditId>,
    }
}

impl From<StoredStage> for AuditStageRecord {
    fn from(stored: StoredStage) -> Self {
        let step = stored.step;
        Self {
            stage: step.stage,
            day: step.on,
            document_sha256: Sha256Hex(step.document.sha256),
            document_bytes: step.document.bytes,
            major_faults: step.major_faults,
            paid_by: step.paid_by,
            party: stored.party,
            recorded_by: stored.taken_by,
            recorded_at: stored.taken_at,
        }
    }
}

impl From<StoredConfirmation> for AuditConfirmationRecord {
    fn from(stored: StoredConfirmation) -> Self {
        let Confirmation { kind, objections } = stored.confirmation;
        Self {
            kind,
            party: stored.party,
            objections_sha256: objections.map(|document| Sha256Hex(document.sha256)),
            objections_bytes: objections.map(|document| document.bytes),
            confirmed_by: stored.confirmed_by,
            confirmed_at: stored.confirmed_at,
        }
    }
}

impl From<StoredAudit> for Audit {
    fn from(stored: StoredAudit) -> Self {
        let stage = stored.stages.last().map_or(AuditStage::Requested, |last| last.step.stage);
        let stages = stored.stages.into_iter().map(AuditStageRecord::from).collect();
        let confirmations = stored.confirmations.into_iter().map(AuditConfirmationRecord::from).collect();
        Self { id: stored.id, institution_id: stored.institution, stage, stages, confirmations }
    }
}

/// Who asks, as far as it matters for what they see.
fn viewer<P, A, V>(access: &Access<P, A, V>) -> Viewer {
    access.institution().map_or(Viewer::Processor, Viewer::Institution)
}

/// The document of a stage, of which the size is no field of its own in the domain.
fn document(sha256: Sha256Hex, bytes: u32) -> Result<AuditDocument, Problem> {
    if bytes == 0 {
        let refusal = Refusal::new("out-of-range", "no document is empty");
        return Err(Error::invalid("document_bytes", refusal).into());
    }
    Ok(AuditDocument { sha256: sha256.0, bytes: bytes.into() })
}

/// Puts a stage on record for whoever asks.
async fn take<P, A, V>(
    access: &Access<P, A, V>,
    id: AuditId,
    step: AuditStep,
) -> Result<Shown<Audit>, Problem> {
    let viewer = viewer(access);
    let taken = access.platform().write(move |writer| writer.take_audit_step(viewer, id, &step)).await?;
    reply::view(&Audit::from(taken))
}

async fn list_audits(
    access: Access<part::Audits, action::Read, OperateService>,
    PathId(institution): PathId<InstitutionId>,
    query: ListAudits,
) -> Result<Listed<Audit>, Problem> {
    let ListAudits { page } = query;
    require_reach(&access, institution)?;
    let (after, rows) = (page.after, page.rows);
    let found =
        access.platform().read(Cost::Rows, move |reader| reader.audits(institution, after, rows)).await?;
    page.reply(found, |audit| audit.id, Audit::from)
}

async fn request_audit(
    access: Access<part::Audits, action::Create, OperateService>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<AuditCreation>,
) -> Result<Created<Audit>, Problem> {
    require_reach(&access, institution)?;
    let platform = access.platform();
    let id = AuditId::from_uuid(platform.environment().uuid());
    let asked = document(body.document_sha256, body.document_bytes)?;
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let audit = writer.request_audit(id, institution, body.audit_on, asked)?;
            Ok(New { location: format!("/v1/audits/{id}"), ids: id, view: View::unrevised(audit) })
        },
        move |writer, id| writer.reader().audit(Viewer::Institution(institution), id).map(View::unrevised),
    )
    .await
}

async fn read_audit(
    access: Access<part::Audits, action::Read, OperateService>,
    PathId(id): PathId<AuditId>,
) -> Result<Shown<Audit>, Problem> {
    let viewer = viewer(&access);
    let found = access.platform().read(Cost::Rows, move |reader| reader.audit(viewer, id)).await?;
    reply::view(&Audit::from(found))
}

async fn plan_audit(
    access: Access<part::Compliance, action::Create, OperateService>,
    PathId(id): PathId<AuditId>,
    JsonBody(body, _): JsonBody<AuditPlan>,
) -> Result<Shown<Audit>, Problem> {
    let document = document(body.document_sha256, body.document_bytes)?;
    let stage = AuditStage::Planned;
    take(&access, id, AuditStep { stage, on: body.audit_on, document, major_faults: None, paid_by: None })
        .await
}

async fn report_audit(
    access: Access<part::Audits, action::Change, OperateService>,
    PathId(id): PathId<AuditId>,
    JsonBody(body, _): JsonBody<AuditReport>,
) -> Result<Shown<Audit>, Problem> {
    let document = document(body.document_sha256, body.document_bytes)?;
    let (stage, major_faults) = (AuditStage::Reported, Some(body.major_faults));
    take(&access, id, AuditStep { stage, on: body.reported_on, document, major_faults, paid_by: None }).await
}

async fn follow_up_audit(
    access: Access<part::Audits, action::Change, OperateService>,
    PathId(id): PathId<AuditId>,
    JsonBody(body, _): JsonBody<AuditFollowUp>,
) -> Result<Shown<Audit>, Problem> {
    let document = document(body.document_sha256, body.document_bytes)?;
    let (stage, paid_by) = (AuditStage::FollowedUp, Some(body.paid_by));
    take(&access, id, AuditStep { stage, on: body.due_on, document, major_faults: None, paid_by }).await
}

async fn confirm_audit(
    access: Access<part::Audits, action::Change, OperateService>,
    PathId(id): PathId<AuditId>,
    JsonBody(body, _): JsonBody<AuditConfirmation>,
) -> Result<Shown<Audit>, Problem> {
    let confirmation = Confirmation { kind: body.kind, objections: objections(&body)? };
    let viewer = viewer(&access);
    let platform = access.platform();
    let confirmed = platform.write(move |writer| writer.confirm_audit(viewer, id, &confirmation)).await?;
    reply::view(&Audit::from(confirmed))
}

/// The document with objections, of which both its digest and its size are told, or neither.
fn objections(body: &AuditConfirmation) -> Result<Option<AuditDocument>, Problem> {
    let missing = |field| Error::invalid(field, Refusal::new("missing", "is told with the other of the two"));
    match (body.objections_sha256, body.objections_bytes) {
        (None, None) => Ok(None),
        (Some(sha256), Some(bytes)) if bytes > 0 => {
            Ok(Some(AuditDocument { sha256: sha256.0, bytes: bytes.into() }))
        }
        (Some(_), Some(_)) => {
            Err(Error::invalid("objections_bytes", Refusal::new("out-of-range", "no document is empty"))
                .into())
        }
        (Some(_), None) => Err(missing("objections_bytes").into()),
        (None, Some(_)) => Err(missing("objections_sha256").into()),
    }
}

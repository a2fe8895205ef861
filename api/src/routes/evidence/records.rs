//! Evidence records: what was examined or stated outside the software (C018, C082–C084, C087, C091, C093, C150, C151, C153).

use actix_web::HttpRequest;
use groeilijn_domain::evidence::clause::ClauseId;
use groeilijn_domain::evidence::kind::EvidenceKind;
use groeilijn_domain::evidence::record::{EvidenceFields, EvidenceOutcome};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{EvidenceRecordId, InstitutionId, UserId};
use groeilijn_domain::values::text::Label;
use groeilijn_persistence::Cost;
use groeilijn_persistence::evidence::record::{NewEvidence, StoredEvidence};
use groeilijn_persistence::platform::subprocessor::Viewer;
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
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body};

/// The most clauses that one record is about.
const MOST_CLAUSES: usize = 154;

operations! {
    /// The operations on evidence records.
    pub fn endpoints;

    /// List the evidence records
    ///
    /// Tests, scans, statements, certificates and checks, each with the digest of its document. An institution sees those that
    /// concern it and those that concern all; the processor sees all.
    GET "/evidence-records" => list_evidence_records: "A page of records, in the order in which they were made.";

    /// Record evidence
    ///
    /// By the secretariat or the platform administrator. A record never changes: a later one takes its place (`replacesId`). It
    /// is evidence for the clauses that it names, as long as it is in force.
    POST "/evidence-records" => record_evidence: "It is on record.";

    /// Read an evidence record
    ///
    /// What it is evidence for, and whether it is in force.
    GET "/evidence-records/{evidenceRecordId}" => read_evidence_record: "The record.";
}

request_body! {
    /// Evidence that is kept outside the software.
    pub struct EvidenceRecordCreation {
        /// What it is.
        kind: EvidenceKind,
        /// What people know it by.
        title: Label,
        /// The day of the document, in Amsterdam.
        dated_on: Date,
        /// The last day on which it counts, in Amsterdam; null when it counts until another takes its place.
        valid_until: Option<Date>,
        /// SHA-256 of the document, in hexadecimal. For proving later that it is this document.
        document_sha256: Sha256Hex,
        /// How many bytes the document has.
        document_bytes: u32 = within(1, i32::MAX.into()),
        /// What came of it.
        outcome: EvidenceOutcome,
        /// Who of the processor's staff answers for it (C018).
        owner_id: UserId,
        /// The day by which it is looked at again, in Amsterdam. After that it is not in force.
        review_on: Date,
        /// The clauses that it is evidence for.
        clause_ids: Vec<ClauseId> = counted(1..=MOST_CLAUSES),
        /// The institution that it concerns; null when it concerns all of them.
        institution_id: Option<InstitutionId>,
        /// The record whose place it takes: one of the same kind about the same institution.
        replaces_id: Option<EvidenceRecordId>,
    }

    example {
        "kind": "penetration-test",
        "title": "Binnendringtest najaar 2026",
        "datedOn": "2026-11-10",
        "validUntil": "2027-11-09",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "documentBytes": 481_230,
        "outcome": "with-findings",
        "ownerId": "01999999-0000-7000-8000-000000000001",
        "reviewOn": "2027-05-10",
        "clauseIds": ["C082"],
    }
}

reply_body! {
    /// Evidence that is kept outside the software. It never changes.
    pub struct EvidenceRecord {
        /// The record's id.
        id: EvidenceRecordId,
        /// What it is.
        kind: EvidenceKind,
        /// What people know it by.
        title: Label,
        /// The day of the document, in Amsterdam.
        dated_on: Date,
        /// The last day on which it counts, in Amsterdam; null when it counts until another takes its place.
        valid_until: Option<Date>,
        /// SHA-256 of the document, in hexadecimal.
        document_sha256: Sha256Hex,
        /// How many bytes the document has.
        document_bytes: u64,
        /// What came of it.
        outcome: EvidenceOutcome,
        /// Who of the processor's staff answers for it.
        owner_id: UserId,
        /// The day by which it is looked at again, in Amsterdam.
        review_on: Date,
        /// The clauses that it is evidence for.
        clause_ids: Vec<ClauseId>,
        /// The institution that it concerns; null when it concerns all of them.
        institution_id: Option<InstitutionId>,
        /// The record whose place it took; null for a first one.
        replaces_id: Option<EvidenceRecordId>,
        /// The record that took its place; null as long as none did.
        replaced_by_id: Option<EvidenceRecordId>,
        /// Whether it is evidence today: no other took its place, its days and that of its review are not over, and it was in
        /// order.
        in_force: bool,
        /// Who recorded it.
        recorded_by: UserId,
        /// When, in UTC.
        recorded_at: Timestamp,
    }
}

query_params! {
    pub struct ListEvidenceRecords {
        /// Only records of this kind.
        kind: Option<EvidenceKind>,
        /// How many records one page has.
        page: Page<EvidenceRecordId>,
    }
}

impl EvidenceRecord {
    /// A record as it stands on a day, in Amsterdam.
    pub(super) fn of(stored: StoredEvidence, today: Date) -> Self {
        let in_force = stored.is_in_force(today);
        let fields = stored.fields;
        Self {
            id: stored.id,
            kind: fields.kind,
            title: fields.title,
            dated_on: fields.dated_on,
            valid_until: fields.valid_until,
            document_sha256: Sha256Hex(fields.document_sha256),
            document_bytes: fields.document_bytes,
            outcome: fields.outcome,
            owner_id: fields.owner,
            review_on: fields.review_on,
            clause_ids: fields.clauses,
            institution_id: fields.institution,
            replaces_id: stored.replaces,
            replaced_by_id: stored.replaced_by,
            in_force,
            recorded_by: stored.recorded_by,
            recorded_at: stored.recorded_at,
        }
    }
}

/// A record, as it stands on a day.
struct EvidenceOn(StoredEvidence, Date);

impl From<EvidenceOn> for EvidenceRecord {
    fn from(EvidenceOn(stored, today): EvidenceOn) -> Self {
        Self::of(stored, today)
    }
}

/// Who asks, as far as it matters for what they see.
fn viewer<P, A, V>(access: &Access<P, A, V>) -> Viewer {
    access.institution().map_or(Viewer::Processor, Viewer::Institution)
}

fn today<P, A, V>(access: &Access<P, A, V>) -> Date {
    amsterdam_date(access.state().environment().now())
}

async fn list_evidence_records(
    access: Access<part::Compliance, action::Read, OperateService>,
    query: ListEvidenceRecords,
) -> Result<Listed<EvidenceRecord>, Problem> {
    let ListEvidenceRecords { kind, page } = query;
    let (viewer, today) = (viewer(&access), today(&access));
    let (after, rows) = (page.after, page.rows);
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.evidence_records(viewer, kind, after, rows))
        .await?;
    page.reply(found, |record| record.id, |record| EvidenceRecord::of(record, today))
}

async fn record_evidence(
    access: Access<part::Compliance, action::Create, OperateService>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<EvidenceRecordCreation>,
) -> Result<Created<EvidenceRecord>, Problem> {
    let platform = access.platform();
    let today = today(&access);
    let fields = EvidenceFields {
        kind: body.kind,
        title: body.title,
        dated_on: body.dated_on,
        valid_until: body.valid_until,
        document_sha256: body.document_sha256.0,
        document_bytes: body.document_bytes.into(),
        outcome: body.outcome,
        owner: body.owner_id,
        review_on: body.review_on,
        clauses: body.clause_ids,
        institution: body.institution_id,
    };
    fields.check(today)?;
    let id = EvidenceRecordId::from_uuid(platform.environment().uuid());
    let new = NewEvidence { id, replaces: body.replaces_id, fields };
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let recorded = EvidenceOn(writer.record_evidence(&new)?, today);
            Ok(New {
                location: format!("/v1/evidence-records/{id}"),
                ids: id,
                view: View::unrevised(recorded),
            })
        },
        move |writer, id| {
            let found = writer.reader().evidence_record(Viewer::Processor, id)?;
            Ok(View::unrevised(EvidenceOn(found, today)))
        },
    )
    .await
}

async fn read_evidence_record(
    access: Access<part::Compliance, action::Read, OperateService>,
    PathId(id): PathId<EvidenceRecordId>,
) -> Result<Shown<EvidenceRecord>, Problem> {
    let (viewer, today) = (viewer(&access), today(&access));
    let found = access.platform().read(Cost::Rows, move |reader| reader.evidence_record(viewer, id)).await?;
    reply::view(&EvidenceRecord::of(found, today))
}

//! What is told of an import.

use std::collections::BTreeMap;

use groeilijn_domain::children::import::{Counts, Failure, ImportState, Outcome, RecordKind};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, ImportId, PupilId, UserId};
use groeilijn_persistence::children::import::{ReportLine, ReportReason, StoredImport};
use jiff::Timestamp;

use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::reply_body;

reply_body! {
    /// An import of a school file: what would become of its records, or what became of them.
    pub(super) struct SchoolFileImport {
        /// The import's id.
        id: ImportId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// What the file was read as.
        format: FileFormat,
        /// How far the import is.
        state: ImportState,
        /// The school year that the groups of the file are in; null once the report is gone.
        school_year: Option<SchoolYear>,
        /// How many records the file has. For showing progress.
        lines_total: u32,
        /// How many of them are done; while the import is carried out it only rises. For showing progress.
        lines_done: u32,
        /// What becomes of the groups in the file.
        groups: ImportCounts,
        /// What becomes of the pupils in the file.
        pupils: ImportCounts,
        /// How many values were dropped unread, by the name of the element or column (C030). For telling the
        /// school what it need not send. Empty once the report is gone.
        dropped: BTreeMap<String, u64>,
        /// Headers of columns that mean nothing here. For finding misspelt ones. Empty once the report
        /// is gone.
        ignored_columns: Vec<String>,
        /// How many teachers the file holds; they are not taken over. Null once the report is gone.
        teachers_seen: Option<u64>,
        /// Why nothing of it was carried out; null unless it failed.
        failure: Option<Failure>,
        /// Who sent the file.
        sent_by: UserId,
        /// When the file was sent, in UTC.
        created_at: Timestamp,
        /// When the import was carried out, failed or lapsed, in UTC.
        finished_at: Option<Timestamp>,
        /// Until when at least the report can be read, in UTC; null once it is gone. The numbers above stay.
        report_until: Option<Timestamp>,
    }
}

reply_body! {
    /// How many records of one kind meet each outcome.
    pub(super) struct ImportCounts {
        /// New ones, to be entered.
        created: u64,
        /// Known ones of which something differs.
        changed: u64,
        /// Known ones of which nothing differs.
        unchanged: u64,
        /// Ones that are left alone, such as pupils who left the school or are older than seven.
        left_alone: u64,
        /// Ones that cannot be taken over until they are corrected.
        refused: u64,
    }
}

reply_body! {
    /// What becomes of one record of the file. It names nobody: the line finds the record back in the file.
    pub(super) struct ImportLine {
        /// The line of the file on which the record starts, from 1.
        line: u64,
        /// What the record describes.
        record: RecordKind,
        /// What becomes of it.
        outcome: Outcome,
        /// The fields that change, without their values.
        changed_fields: Vec<String>,
        /// Why it is refused or left alone: all reasons at once.
        reasons: Vec<ImportReason>,
        /// The pupil that is changed or was created; null when there is none yet, or none is.
        pupil_id: Option<PupilId>,
        /// The group that is changed or was created; null when there is none yet, or none is.
        group_id: Option<GroupId>,
    }
}

reply_body! {
    /// Why a record is refused or left alone. It never holds the value itself.
    pub(super) struct ImportReason {
        /// The field that it is about; null when it is about the whole record.
        field: Option<String>,
        /// Stable name of the reason, in kebab case.
        code: String,
        /// The reason in one sentence.
        detail: String,
    }
}

impl From<StoredImport> for SchoolFileImport {
    fn from(stored: StoredImport) -> Self {
        let report_until = stored.report_until();
        let (etag, notices) = (stored.etag(), stored.notices);
        Self {
            id: stored.id,
            etag,
            format: stored.format,
            state: stored.state,
            school_year: notices.as_ref().map(|notices| notices.school_year),
            lines_total: stored.lines_total,
            lines_done: stored.lines_done,
            groups: stored.counts.groups.into(),
            pupils: stored.counts.pupils.into(),
            teachers_seen: notices.as_ref().map(|notices| notices.teachers_seen),
            dropped: notices.as_ref().map(|notices| notices.dropped.clone()).unwrap_or_default(),
            ignored_columns: notices.map(|notices| notices.ignored_columns).unwrap_or_default(),
            failure: stored.failure,
            sent_by: stored.author,
            created_at: stored.created_at,
            finished_at: stored.finished_at,
            report_until,
        }
    }
}

impl From<Counts> for ImportCounts {
    fn from(counts: Counts) -> Self {
        Self {
            created: counts.create,
            changed: counts.change,
            unchanged: counts.unchanged,
            left_alone: counts.leave_alone,
            refused: counts.refuse,
        }
    }
}

impl From<ReportLine> for ImportLine {
    fn from(line: ReportLine) -> Self {
        Self {
            pupil_id: line.pupil(),
            group_id: line.group(),
            line: line.line,
            record: line.record,
            outcome: line.outcome,
            changed_fields: line.changed_fields,
            reasons: line.reasons.into_iter().map(ImportReason::from).collect(),
        }
    }
}

impl From<ReportReason> for ImportReason {
    fn from(reason: ReportReason) -> Self {
        Self { field: reason.field, code: reason.code, detail: reason.detail }
    }
}

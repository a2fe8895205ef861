//! What is told of an import.

use std::collections::BTreeMap;

use groeilijn_domain::children::import::{
    Counts, Failure, ImportState, Outcome, RecordKind, in_dutch, remark_on_other_school, remark_on_year,
};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::values::calendar::{SchoolYear, amsterdam_date};
use groeilijn_domain::values::ids::{GroupId, ImportId, PupilId, UserId};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::children::import::{ReportLine, ReportReason, StoredImport};
use jiff::Timestamp;

use crate::http::entity_tag::ETag;
use crate::http::etag::Revised;
use crate::reply_body;
use crate::routes::access::authors::Author;

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
        /// Names of the groups that are made. Empty once the report is gone.
        new_groups: Vec<String>,
        /// Those of the new groups that have to be confirmed when the import is carried out, because there are groups in
        /// the school year already and the name may be a mistyped one of these. Empty once that was asked.
        groups_to_confirm: Vec<String>,
        /// How many pupils are in a group and in no record of the file; null once the report is gone.
        missing_pupils: Option<u64>,
        /// What to look at of the file as a whole: `earlier-school-year`, `other-school`. Empty once the report is gone.
        remarks: Vec<ImportReason>,
        /// Why nothing of it was carried out; null unless it failed.
        failure: Option<Failure>,
        /// Who sent the file.
        sent_by: UserId,
        /// The same with her name.
        author: Author,
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
    /// What becomes of one record of the file. Its line and its name find it back there.
    pub(super) struct ImportLine {
        /// The line of the file, or the row of the sheet, on which the record starts, from 1.
        line: u64,
        /// Which of the groups, or of the pupils, of the file it is, from 1; null in a report of before these were counted.
        number: Option<u64>,
        /// What the file calls the pupil or the group, for finding the record back, never for telling one child from another;
        /// null when the file does not say so.
        name: Option<String>,
        /// What the record describes.
        record: RecordKind,
        /// What becomes of it.
        outcome: Outcome,
        /// The fields that change, without their values.
        changed_fields: Vec<String>,
        /// Why it is refused or left alone: all reasons at once.
        reasons: Vec<ImportReason>,
        /// What to look at though the record is taken over, such as `no-group` or `leaves-later`.
        remarks: Vec<ImportReason>,
        /// Children of the record's name and birth date, when no number tells whether it is one of them (`may-exist-already`).
        proposed_pupil_ids: Vec<PupilId>,
        /// The pupil that is changed or was created; null when there is none yet, or none is.
        pupil_id: Option<PupilId>,
        /// The group that is changed or was created; null when there is none yet, or none is.
        group_id: Option<GroupId>,
    }
}

reply_body! {
    /// Why a record is refused or left alone, or what to look at. It never holds the value itself.
    pub(super) struct ImportReason {
        /// The field that it is about; null when it is about the whole record.
        field: Option<String>,
        /// What the file itself calls that field: the header of the column or the name of the element. Null when it has
        /// none.
        column: Option<String>,
        /// Stable name of the reason, in kebab case.
        code: String,
        /// The reason in one sentence, in the language that `Accept-Language` asks for.
        detail: String,
    }
}

/// Something stored, to be told in a language.
pub(super) struct Told<T>(pub(super) T, pub(super) Language);

impl Revised for Told<StoredImport> {
    fn revision(&self) -> i32 {
        self.0.revision
    }
}

impl Told<StoredImport> {
    /// What is to be said of the file as a whole.
    pub(super) fn remarks(&self) -> Vec<Refusal> {
        let Some(notices) = &self.0.notices else { return Vec::new() };
        let of_year = remark_on_year(notices.school_year, amsterdam_date(self.0.created_at));
        of_year.into_iter().chain(notices.other_school.then(remark_on_other_school)).collect()
    }
}

impl From<Told<StoredImport>> for SchoolFileImport {
    fn from(told: Told<StoredImport>) -> Self {
        let remarks = told.remarks();
        let Told(stored, language) = told;
        let report_until = stored.report_until();
        let may_be_confirmed = stored.state == ImportState::Examined;
        let (etag, notices) = (ETag(stored.revision), stored.notices);
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
            new_groups: notices.as_ref().map(|notices| notices.new_groups.clone()).unwrap_or_default(),
            groups_to_confirm: notices
                .as_ref()
                .filter(|_| may_be_confirmed)
                .and_then(|notices| notices.groups_to_confirm.clone())
                .unwrap_or_default(),
            missing_pupils: notices.as_ref().map(|notices| notices.missing.len() as u64),
            remarks: remarks
                .into_iter()
                .map(|remark| ImportReason {
                    field: None,
                    column: None,
                    detail: in_language(remark.code, None, remark.detail, language),
                    code: remark.code.to_owned(),
                })
                .collect(),
            dropped: notices.as_ref().map(|notices| notices.dropped.clone()).unwrap_or_default(),
            ignored_columns: notices.map(|notices| notices.ignored_columns).unwrap_or_default(),
            failure: stored.failure,
            sent_by: stored.author.id,
            author: stored.author.into(),
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

impl From<Told<ReportLine>> for ImportLine {
    fn from(Told(line, language): Told<ReportLine>) -> Self {
        let told = |reasons: Vec<ReportReason>| {
            reasons.into_iter().map(|reason| ImportReason::from(Told(reason, language))).collect()
        };
        Self {
            pupil_id: line.pupil(),
            group_id: line.group(),
            line: line.line,
            number: Some(line.number).filter(|number| *number > 0),
            proposed_pupil_ids: line.proposed,
            name: line.name,
            record: line.record,
            outcome: line.outcome,
            changed_fields: line.changed_fields,
            reasons: told(line.reasons),
            remarks: told(line.remarks),
        }
    }
}

impl From<Told<ReportReason>> for ImportReason {
    fn from(Told(reason, language): Told<ReportReason>) -> Self {
        let detail = in_language(&reason.code, reason.field.as_deref(), reason.detail, language);
        Self { field: reason.field, column: reason.column, code: reason.code, detail }
    }
}

/// What is kept in English, in another language: sentences follow from their codes, so that one report serves all.
pub(super) fn in_language(code: &str, field: Option<&str>, english: String, language: Language) -> String {
    match language {
        Language::English => english,
        Language::Dutch => in_dutch(code, field).map_or(english, str::to_owned),
    }
}

//! What became of each line of a school file: by line number, with the name that the file gives. It is sealed.

use std::collections::{BTreeMap, BTreeSet};

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::import::{MAY_EXIST_ALREADY, Outcome, PlanLine, Reason, RecordKind};
use groeilijn_domain::values::ids::{GroupId, ImportId, PupilId};
use groeilijn_engine::error::Result;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::children::pupil::ListedPupil;
use crate::handles::tenant::TenantReader;

/// What becomes, or became, of one record of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    /// The line of the file on which the record starts, from 1.
    pub line: u64,
    /// Which record of its kind it is in the file, from 1; 0 in a report of a version that did not count.
    #[serde(default)]
    pub number: u64,
    /// What the record describes.
    pub record: RecordKind,
    /// What the file calls the pupil or group; none when it does not say so.
    #[serde(default)]
    pub name: Option<String>,
    /// What happens with it.
    pub outcome: Outcome,
    /// The fields that change.
    pub changed_fields: Vec<String>,
    /// Why it is refused or left alone.
    pub reasons: Vec<ReportReason>,
    /// What to look at though it is taken over.
    #[serde(default)]
    pub remarks: Vec<ReportReason>,
    /// Children who may be the one that the record is about, when nobody can tell.
    #[serde(default)]
    pub proposed: Vec<PupilId>,
    /// The pupil or group that is created or changed: of a new one there is none until it is there.
    pub object: Option<Uuid>,
}

/// Why a record is refused or left alone, or what to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReason {
    /// The field that it is about, if it is about one.
    pub field: Option<String>,
    /// What the file itself calls that field: a column or an element.
    #[serde(default)]
    pub column: Option<String>,
    /// Stable name, in kebab case.
    pub code: String,
    /// One sentence in English for the person who sent the file.
    pub detail: String,
}

impl ReportLine {
    /// The line of a plan for the file, which calls the fields so; `object` is what it creates or changes.
    pub(super) fn of(line: &PlanLine, object: Option<Uuid>, columns: &BTreeMap<String, String>) -> Self {
        let told = |reasons: &[Reason]| -> Vec<_> {
            let told = reasons.iter().map(|reason| ReportReason {
                field: reason.field.map(str::to_owned),
                column: reason.field.and_then(|field| columns.get(field).cloned()),
                code: reason.code.to_owned(),
                detail: reason.detail.clone(),
            });
            told.collect()
        };
        Self {
            line: line.line,
            number: line.number,
            record: line.record,
            name: line.name.clone(),
            outcome: line.outcome,
            changed_fields: line.changed_fields.iter().map(|&field| field.to_owned()).collect(),
            reasons: told(&line.reasons),
            remarks: told(&line.remarks),
            proposed: line.proposed.clone(),
            object,
        }
    }

    /// Whether nobody can tell if its child is there already.
    pub(super) fn is_asked(&self) -> bool {
        self.reasons.iter().any(|reason| reason.code == MAY_EXIST_ALREADY)
    }

    /// The pupil that the line is about, as far as it is known.
    pub fn pupil(&self) -> Option<PupilId> {
        self.object.filter(|_| self.record == RecordKind::Pupil).map(PupilId::from_uuid)
    }

    /// The group that the line is about, as far as it is known.
    pub fn group(&self) -> Option<GroupId> {
        self.object.filter(|_| self.record == RecordKind::Group).map(GroupId::from_uuid)
    }
}

impl TenantReader<'_> {
    /// Lines of an import's report, each with its place in the report, from the place `from`; only those with one
    /// outcome, if it is given. There are none once its time is over.
    pub fn import_lines(
        &mut self,
        id: ImportId,
        outcome: Option<Outcome>,
        from: usize,
        limit: usize,
    ) -> Result<Vec<(usize, ReportLine)>> {
        let keys = self.import_keys(id)?;
        let lines = self.report_lines(keys, outcome, from, limit)?;
        self.touch(ObjectKind::Import, id.as_uuid());
        let named = lines.iter().flat_map(|(_, line)| line.pupil().into_iter().chain(line.proposed.clone()));
        for pupil in named.collect::<BTreeSet<_>>() {
            self.touch(ObjectKind::Pupil, pupil.as_uuid());
        }
        Ok(lines)
    }

    /// Pupils who are in a group and in no record of an import's file, in the order of their ids, after the one with id
    /// `after`; those who are gone by now are left out. There are none once the time of its report is over.
    ///
    /// # Errors
    /// [`Error::NotFound`](groeilijn_engine::error::Error::NotFound) when there is no such import.
    pub fn missing_pupils(
        &mut self,
        id: ImportId,
        after: Option<PupilId>,
        limit: usize,
    ) -> Result<Vec<ListedPupil>> {
        let keys = self.import_keys(id)?;
        let notices = self.notices(keys);
        let notices = self.readable(keys.id, notices)?.flatten();
        let missing = notices.map(|notices| notices.missing).unwrap_or_default();
        self.touch(ObjectKind::Import, id.as_uuid());
        let mut found = Vec::new();
        let rest: Vec<_> = missing.into_iter().filter(|pupil| Some(*pupil) > after).collect();
        for some in rest.chunks(limit.max(1)) {
            found.extend(self.roster_among(some)?);
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

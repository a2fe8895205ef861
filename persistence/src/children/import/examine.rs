//! What becomes of a school file with what is stored now: a plan, and its report.

use std::collections::HashMap;

use groeilijn_domain::children::import::{
    Action, Answers, ExistingGroup, ExistingPupil, Plan, RecordKind, is_of_other_school, plan,
};
use groeilijn_domain::children::school_file::SchoolFile;
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::institutions::institution::Brin;
use groeilijn_domain::values::calendar::{SchoolYear, amsterdam_date};
use groeilijn_domain::values::ids::{GroupId, ImportId, PupilId};
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use uuid::Uuid;

use super::facts::{ImportCounts, Notices};
use super::parts::{ImportKeys, ReadyParts};
use super::report::ReportLine;
use crate::handles::new_keys::NewKeys;
use crate::handles::tenant::{Tenant, TenantReader};

/// The code of a refusal to plan beside something that is damaged.
pub const UNREADABLE_RECORDS: &str = "unreadable-records";

/// The outcome of examining a file, sealed, ready to be kept.
pub struct Examined {
    pub(super) lines_total: i32,
    pub(super) counts: ImportCounts,
    pub(super) parts: ReadyParts,
}

/// A plan, and what it was made from.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) pupils: HashMap<PupilId, i32>,
    pub(super) groups: HashMap<GroupId, i32>,
    pub(super) edition: i64,
}

impl Tenant {
    /// Decides what becomes of `file`, without changing anything. Its groups are in the school year it names,
    /// else in `school_year`, else in the present one. The outcome is sealed under keys of its own; the handle that
    /// comes with it enters it, and takes the keys away again when that is refused.
    ///
    /// # Errors
    /// [`Error::Conflict`] `unreadable-records` when a pupil or group that is stored is damaged.
    pub async fn examine(
        &self,
        file: SchoolFile,
        school_year: Option<SchoolYear>,
    ) -> Result<(Self, Examined)> {
        let environment = self.environment();
        let keys = ImportKeys { id: ImportId::from_uuid(environment.uuid()), report: environment.uuid() };
        let new_keys = NewKeys::of(vec![keys.file(), keys.report()]);
        let new_keys = new_keys.make(self.store(), self.institution()).await?;
        match self.read(Cost::Scan, move |reader| reader.examine(keys, file, school_year)).await {
            Ok(examined) => Ok((self.with_new_keys(new_keys), examined)),
            Err(error) => {
                new_keys.settle(self.store(), self.institution()).await;
                Err(error)
            }
        }
    }
}

impl TenantReader<'_> {
    fn examine(
        &mut self,
        keys: ImportKeys,
        mut file: SchoolFile,
        school_year: Option<SchoolYear>,
    ) -> Result<Examined> {
        let present = SchoolYear::containing(amsterdam_date(self.now()));
        file.school_year = file.school_year.or(school_year).or(Some(present));
        let planned = self.plan_import(&file, &Answers::default())?;
        let report: Vec<_> = planned
            .plan
            .lines
            .iter()
            .map(|line| ReportLine::of(line, line.action.as_ref().and_then(known), &file.columns))
            .collect();
        let mut examined = self.report_on(keys, &planned.plan, &file, &report)?;
        examined.parts.file(self, &file)?;
        Ok(examined)
    }

    /// The report of a plan, sealed.
    pub(super) fn report_on(
        &mut self,
        keys: ImportKeys,
        plan: &Plan,
        file: &SchoolFile,
        report: &[ReportLine],
    ) -> Result<Examined> {
        let own = self.own_school_numbers()?;
        let notices = Notices {
            school_year: file.school_year.ok_or(Error::Unreadable("import"))?,
            dropped: plan.dropped.clone(),
            ignored_columns: plan.ignored_columns.clone(),
            teachers_seen: plan.teachers_seen,
            new_groups: plan.new_groups.clone(),
            groups_to_confirm: Some(plan.groups_to_confirm.clone()),
            missing: plan.missing.clone(),
            other_school: is_of_other_school(file.brin.as_deref(), &own),
        };
        let mut parts = ReadyParts::under(keys);
        parts.notices(self, &notices)?;
        parts.report(self, report)?;
        Ok(Examined {
            lines_total: i32::try_from(plan.lines.len()).map_err(Error::internal)?,
            counts: ImportCounts {
                groups: plan.counts(RecordKind::Group),
                pupils: plan.counts(RecordKind::Pupil),
            },
            parts,
        })
    }

    /// The numbers of the institution and of its locations.
    fn own_school_numbers(&mut self) -> Result<Vec<Brin>> {
        let locations = self.locations(false, None, i64::MAX)?;
        let of_locations = locations.into_iter().filter_map(|location| location.fields.brin);
        Ok(self.own_institution()?.fields.brin.into_iter().chain(of_locations).collect())
    }

    /// Plans a file, whose school year is known, with what is stored now and what was said of it.
    ///
    /// # Errors
    /// [`Error::Conflict`] `unreadable-records` when something of that is damaged: who cannot be read is not recognised,
    /// and would be entered a second time.
    pub(super) fn plan_import(&mut self, file: &SchoolFile, answers: &Answers) -> Result<Planned> {
        let today = amsterdam_date(self.now());
        let edition = self.children_edition()?;
        let pupils = self.all_pupils()?;
        let groups = self.all_groups()?;
        let placements = self.all_placements()?;
        if self.met_damage() {
            return Err(Error::conflict(
                UNREADABLE_RECORDS,
                "pupils or groups that are stored cannot be read, so nobody can tell who is in the file already",
            ));
        }
        let existing_pupils: Vec<_> = pupils
            .iter()
            .map(|pupil| ExistingPupil {
                id: pupil.id,
                fields: &pupil.fields,
                school_key: pupil.school_key.as_ref().map(SchoolKey::as_str),
                placements: placements.get(&pupil.id).map_or(&[], Vec::as_slice),
                archived: pupil.archived_at.is_some(),
                last_day: pupil.departure.as_ref().map(|departure| departure.last_day),
            })
            .collect();
        let existing_groups: Vec<_> = groups
            .iter()
            .map(|group| ExistingGroup {
                id: group.id,
                school_key: group.school_key.as_deref(),
                name: group.fields.name.as_str(),
                school_year: group.fields.school_year,
                location: group.fields.location.as_ref().map(Label::as_str),
                location_id: group.fields.location_id,
                archived: group.archived_at.is_some(),
            })
            .collect();
        let school_year = SchoolYear::containing(today);
        Ok(Planned {
            plan: plan(file, &existing_pupils, &existing_groups, answers, school_year, today),
            pupils: pupils.iter().map(|pupil| (pupil.id, pupil.revision)).collect(),
            groups: groups.iter().map(|group| (group.id, group.revision)).collect(),
            edition,
        })
    }
}

/// The pupil or group that an action changes; none when it creates one.
pub(super) fn known(action: &Action) -> Option<Uuid> {
    match action {
        Action::ChangeGroup { id, .. } => Some(id.as_uuid()),
        Action::ChangePupil { id, .. } => Some(id.as_uuid()),
        Action::CreateGroup { .. } | Action::CreatePupil { .. } => None,
    }
}

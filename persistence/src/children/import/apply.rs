//! Carrying an import out: all of it in one transaction, or nothing.
//!
//! The file is planned again with what is stored now. What takes time (keys, sealing) is done before the
//! transaction, in steps that tell how far they are; the transaction then only writes, and only if nothing
//! changed since the plan was made. Doing it twice is doing it once, for only an import that is being carried
//! out can be finished.

use std::collections::HashMap;
use std::sync::Arc;

use groeilijn_domain::children::departure::{Departure, DepartureKind};
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::children::import::{
    Action, GroupRef, ImportState, PlanLine, PlannedPlacement, check_confirmed, field,
};
use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::values::ids::{GroupId, ImportId, PlacementId, PupilId};
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyOwner;
use jiff::civil::Date;
use uuid::Uuid;

use super::examine::{Examined, Planned, known};
use super::report::ReportLine;
use crate::children::key_owner;
use crate::children::pupil::ReadyPupil;
use crate::handles::new_keys::NewKeys;
use crate::handles::tenant::{Tenant, TenantReader, TenantWriter};

/// How many lines are done between two notes of how far it is.
const STEP: usize = 1_000;

/// An import that is ready to be carried out, apart from the sealing.
struct Prepared {
    lines: Vec<PlanLine>,
    objects: Objects,
    edition: i64,
    outcome: Examined,
}

/// The ids and revisions of what the lines create or change.
struct Objects {
    by_line: Vec<Option<Uuid>>,
    pupils: HashMap<PupilId, i32>,
    groups: HashMap<GroupId, i32>,
}

/// One thing to be done, ready to be written.
enum Task {
    CreateGroup { id: GroupId, group: NewGroup, school_key: Option<String> },
    ChangeGroup { id: GroupId, revision: i32, group: NewGroup, school_key: Option<String> },
    CreatePupil { id: PupilId, pupil: Box<ReadyPupil> },
    ChangePupil { id: PupilId, revision: i32, pupil: Box<ReadyPupil>, corrects_birth: bool },
    PlaceFirst { pupil: PupilId, group: GroupId, on: Date },
    Place { pupil: PupilId, group: GroupId, on: Date },
    Depart { pupil: PupilId, last_day: Date },
}

impl Tenant {
    /// Carries out an import that was queued. Nothing happens when it is not being carried out any more.
    ///
    /// # Errors
    /// [`Error::Stale`] when pupils or groups changed meanwhile: planning again may succeed. After any error
    /// nothing was changed.
    pub async fn apply_import(&self, id: ImportId) -> Result<()> {
        let Some(prepared) = self.read(Cost::Scan, move |reader| reader.prepare_import(id)).await? else {
            return Ok(());
        };
        let Prepared { lines, objects, edition, outcome } = prepared;
        let new_keys = NewKeys::of(objects.new_pupils(&lines));
        let entering = self.with_new_keys(new_keys.clone());
        match self.seal_tasks(id, lines, Arc::new(objects)).await {
            Ok(tasks) => {
                let carry_out = move |writer: &mut TenantWriter<'_>| {
                    writer.require_children_edition(edition)?;
                    writer.finish_import(outcome)?;
                    tasks.into_iter().try_for_each(|task| writer.carry_out(task))
                };
                entering.write_with_keys(carry_out).await?;
                self.end_file(id).await;
                Ok(())
            }
            Err(error) => {
                new_keys.settle(self.store(), self.institution()).await;
                Err(error)
            }
        }
    }

    async fn seal_tasks(
        &self,
        id: ImportId,
        lines: Vec<PlanLine>,
        objects: Arc<Objects>,
    ) -> Result<Vec<Task>> {
        let mut tasks = Vec::with_capacity(lines.len());
        let mut lines = lines.into_iter().enumerate();
        let mut done: i32 = 0;
        loop {
            let step: Vec<_> = lines.by_ref().take(STEP).collect();
            if step.is_empty() {
                return Ok(tasks);
            }
            done += i32::try_from(step.len()).map_err(Error::internal)?;
            self.create_keys(objects.new_pupils_of(&step)).await?;
            let objects = objects.clone();
            let sealed = self.read(Cost::Scan, move |reader| {
                let mut sealed = Vec::with_capacity(step.len());
                for (index, line) in step {
                    reader.seal_line(index, line, &objects, &mut sealed)?;
                }
                Ok(sealed)
            });
            tasks.extend(sealed.await?);
            self.write(move |writer| writer.note_progress(id, done)).await?;
        }
    }
}

impl Objects {
    /// The owners of keys that all lines create.
    fn new_pupils(&self, lines: &[PlanLine]) -> Vec<KeyOwner> {
        lines.iter().enumerate().filter_map(|(index, line)| self.new_pupil(index, line)).collect()
    }

    /// The owners of keys that some lines create, each with its place among all lines.
    fn new_pupils_of(&self, lines: &[(usize, PlanLine)]) -> Vec<KeyOwner> {
        lines.iter().filter_map(|(index, line)| self.new_pupil(*index, line)).collect()
    }

    fn new_pupil(&self, index: usize, line: &PlanLine) -> Option<KeyOwner> {
        let id = matches!(line.action, Some(Action::CreatePupil { .. })).then(|| self.of_line(index).ok());
        id.flatten().map(|id| key_owner::pupil(PupilId::from_uuid(id)))
    }

    fn of_line(&self, index: usize) -> Result<Uuid> {
        self.by_line.get(index).copied().flatten().ok_or_else(lost)
    }

    fn group(&self, group: GroupRef) -> Result<GroupId> {
        match group {
            GroupRef::Existing(id) => Ok(id),
            GroupRef::New(index) => self.of_line(index).map(GroupId::from_uuid),
        }
    }
}

/// A plan that refers to what it does not hold: a mistake in the planning.
fn lost() -> Error {
    Error::internal("the plan of an import refers to an object that it does not have")
}

impl TenantReader<'_> {
    /// Plans the file of an import again; none when it is not being carried out any more.
    fn prepare_import(&mut self, id: ImportId) -> Result<Option<Prepared>> {
        let import = self.import(id)?;
        if import.state != ImportState::Applying {
            return Ok(None);
        }
        let file = self.import_file(import.keys)?;
        let answers = self.answers(import.keys)?;
        let Planned { plan, pupils, groups, edition } = self.plan_import(&file, &answers)?;
        // Whoever had it carried out confirmed what the preview asked, and nothing more.
        if let Some(confirmed) = import.notices.and_then(|notices| notices.groups_to_confirm) {
            check_confirmed(&plan.groups_to_confirm, &confirmed).map_err(Error::Conflict)?;
        }
        let environment = self.environment();
        let object = |action: &Action| known(action).unwrap_or_else(|| environment.uuid());
        let by_line: Vec<_> = plan.lines.iter().map(|line| line.action.as_ref().map(object)).collect();
        let report: Vec<_> = plan
            .lines
            .iter()
            .zip(&by_line)
            .map(|(line, object)| ReportLine::of(line, *object, &file.columns))
            .collect();
        let outcome = self.report_on(import.keys, &plan, &file, &report)?;
        let objects = Objects { by_line, pupils, groups };
        Ok(Some(Prepared { lines: plan.lines, objects, edition, outcome }))
    }

    /// The tasks that one line of the plan asks for, sealed.
    fn seal_line(
        &self,
        index: usize,
        line: PlanLine,
        objects: &Objects,
        sealed: &mut Vec<Task>,
    ) -> Result<()> {
        let placed = |placement: Option<PlannedPlacement>| {
            placement.map(|(group, on)| Ok::<_, Error>((objects.group(group)?, on))).transpose()
        };
        match line.action {
            None => {}
            Some(Action::CreateGroup { group, school_key }) => {
                let id = GroupId::from_uuid(objects.of_line(index)?);
                sealed.push(Task::CreateGroup { id, group, school_key });
            }
            Some(Action::ChangeGroup { id, group, school_key }) => {
                let revision = *objects.groups.get(&id).ok_or_else(lost)?;
                sealed.push(Task::ChangeGroup { id, revision, group, school_key });
            }
            Some(Action::CreatePupil { fields, school_key, placement, last_day }) => {
                let id = PupilId::from_uuid(objects.of_line(index)?);
                let pupil = Box::new(self.seal_pupil(id, &fields, school_key.as_deref())?);
                sealed.push(Task::CreatePupil { id, pupil });
                let placed = placed(placement)?;
                sealed.extend(placed.map(|(group, on)| Task::PlaceFirst { pupil: id, group, on }));
                sealed.extend(last_day.map(|last_day| Task::Depart { pupil: id, last_day }));
            }
            Some(Action::ChangePupil { id, fields, school_key, placement, last_day }) => {
                let moves = [field::GROUP, field::LEFT_ON];
                if line.changed_fields.iter().any(|changed| !moves.contains(changed)) {
                    let revision = *objects.pupils.get(&id).ok_or_else(lost)?;
                    let pupil = Box::new(self.seal_pupil(id, &fields, school_key.as_deref())?);
                    let corrects_birth = line.changed_fields.contains(&field::BIRTH_DATE);
                    sealed.push(Task::ChangePupil { id, revision, pupil, corrects_birth });
                }
                let placed = placed(placement)?;
                sealed.extend(placed.map(|(group, on)| Task::Place { pupil: id, group, on }));
                sealed.extend(last_day.map(|last_day| Task::Depart { pupil: id, last_day }));
            }
        }
        Ok(())
    }
}

impl TenantWriter<'_> {
    fn carry_out(&mut self, task: Task) -> Result<()> {
        match task {
            Task::CreateGroup { id, group, school_key } => {
                self.create_group(id, &group, school_key.as_deref()).map(drop)
            }
            Task::ChangeGroup { id, revision, group, school_key } => {
                self.change_group(id, revision, &group)?;
                self.set_group_key(id, school_key.as_deref())
            }
            Task::CreatePupil { id, pupil } => self.insert_pupil(id, *pupil).map(drop),
            Task::ChangePupil { id, revision, pupil, corrects_birth } => {
                if corrects_birth {
                    self.keep_birth_date(id, revision)?;
                    self.raise_registrations(id)?;
                }
                self.update_pupil(id, revision, *pupil)
            }
            Task::PlaceFirst { pupil, group, on } => {
                let id = PlacementId::from_uuid(self.environment().uuid());
                let child = self.child(pupil)?;
                self.insert_placement(id, child, Placement { group, placed_on: on, ended_on: None }, None)
            }
            Task::Place { pupil, group, on } => {
                let id = PlacementId::from_uuid(self.environment().uuid());
                let (child, group) = (self.child(pupil)?, self.reached_group(group)?);
                self.place(id, child, group, on).map(drop)
            }
            Task::Depart { pupil, last_day } => {
                let before = self.pupil(pupil)?;
                // Where to no file says: who knows records it, which replaces this.
                self.depart(&before, &Departure { last_day, kind: DepartureKind::Other, destination: None })
            }
        }
    }
}

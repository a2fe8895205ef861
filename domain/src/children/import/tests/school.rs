//! An institution in memory, and records to import into it.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use uuid::Uuid;

use crate::children::departure;
use crate::children::group::NewGroup;
use crate::children::import::{
    Action, Answers, ExistingGroup, ExistingPupil, GroupRef, Outcome, Plan, PlannedPlacement, plan,
};
use crate::children::placement::Placement;
use crate::children::pupil::PupilFields;
use crate::children::school_file::{FileGroup, FilePupil, SchoolFile};
use crate::values::calendar::SchoolYear;
use crate::values::ids::{GroupId, PupilId};
use crate::values::text::Label;

pub(super) const TODAY: Date = date(2026, 11, 21);

/// The last of its values is the last day of a pupil who leaves.
type StoredPupil = (PupilId, PupilFields, Option<String>, Vec<Placement>, Option<Date>);
type StoredGroup = (GroupId, NewGroup, Option<String>);

/// An institution in memory, in which plans can be carried out.
#[derive(Default)]
pub(super) struct School {
    pub(super) pupils: Vec<StoredPupil>,
    pub(super) groups: Vec<StoredGroup>,
}

impl School {
    pub(super) fn plan(&self, file: &SchoolFile, today: Date) -> Plan {
        self.plan_with(file, &Answers::default(), today)
    }

    pub(super) fn plan_with(&self, file: &SchoolFile, answers: &Answers, today: Date) -> Plan {
        let pupils: Vec<_> = self.pupils.iter().map(existing_pupil).collect();
        let groups: Vec<_> = self.groups.iter().map(existing_group).collect();
        plan(file, &pupils, &groups, answers, SchoolYear::containing(today), today)
    }

    fn carry_out(&mut self, plan: &Plan) {
        let mut created = BTreeMap::new();
        for (index, line) in plan.lines.iter().enumerate() {
            match line.action.clone() {
                None => assert!(!matches!(line.outcome, Outcome::Create | Outcome::Change)),
                Some(Action::CreateGroup { group, school_key }) => {
                    let id = GroupId::from_uuid(self.next_id());
                    created.insert(index, id);
                    self.groups.push((id, group, school_key));
                }
                Some(Action::ChangeGroup { id, group, school_key }) => {
                    *self.groups.iter_mut().find(|known| known.0 == id).unwrap() = (id, group, school_key);
                }
                Some(Action::CreatePupil { fields, school_key, placement, last_day }) => {
                    let id = PupilId::from_uuid(self.next_id());
                    self.pupils.push((id, *fields, school_key, Vec::new(), None));
                    self.place(id, placement, &created);
                    self.depart(id, last_day);
                }
                Some(Action::ChangePupil { id, fields, school_key, placement, last_day }) => {
                    let known = self.pupils.iter_mut().find(|known| known.0 == id).unwrap();
                    (known.1, known.2) = (*fields, school_key);
                    self.place(id, placement, &created);
                    self.depart(id, last_day);
                }
            }
        }
    }

    fn place(
        &mut self,
        id: PupilId,
        placement: Option<PlannedPlacement>,
        created: &BTreeMap<usize, GroupId>,
    ) {
        let Some((group, on)) = placement else { return };
        let group = match group {
            GroupRef::Existing(id) => id,
            GroupRef::New(index) => created[&index],
        };
        let history = &mut self.pupils.iter_mut().find(|known| known.0 == id).unwrap().3;
        let school_year = self.groups.iter().find(|known| known.0 == group).unwrap().1.school_year;
        let change = crate::children::placement::place(history, group, school_year, on, None, TODAY).unwrap();
        history.retain(|stay| Some(*stay) != change.replaced);
        if let Some(stay) = history.iter_mut().find(|stay| Some(**stay) == change.cut_short) {
            stay.ended_on = Some(on);
        }
        history.push(change.added);
    }

    fn depart(&mut self, id: PupilId, last_day: Option<Date>) {
        let Some(last_day) = last_day else { return };
        let known = self.pupils.iter_mut().find(|known| known.0 == id).unwrap();
        assert_eq!(known.4, None, "a departure that is known stays what it is");
        let endings = departure::depart(&known.3, known.1.birth_date, last_day, TODAY).unwrap();
        for (ended, ended_on) in endings {
            known.3.iter_mut().find(|stay| **stay == ended).unwrap().ended_on = Some(ended_on);
        }
        known.4 = Some(last_day);
    }

    fn next_id(&self) -> Uuid {
        Uuid::from_u128((self.pupils.len() + self.groups.len() + 1) as u128)
    }

    pub(super) fn import(&mut self, file: &SchoolFile) -> Plan {
        let plan = self.plan(file, TODAY);
        self.carry_out(&plan);
        plan
    }
}

fn existing_pupil(stored: &StoredPupil) -> ExistingPupil<'_> {
    ExistingPupil {
        id: stored.0,
        fields: &stored.1,
        school_key: stored.2.as_deref(),
        placements: &stored.3,
        archived: false,
        last_day: stored.4,
    }
}

fn existing_group(stored: &StoredGroup) -> ExistingGroup<'_> {
    ExistingGroup {
        id: stored.0,
        school_key: stored.2.as_deref(),
        name: stored.1.name.as_str(),
        school_year: stored.1.school_year,
        location: stored.1.location.as_ref().map(Label::as_str),
        location_id: stored.1.location_id,
        archived: false,
    }
}

pub(super) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) fn pupil(key: &str) -> FilePupil {
    FilePupil {
        line: 7,
        key: text(key),
        first_name: text("Fien"),
        last_name: text("Verzonnen"),
        birth_date: text("2022-03-04"),
        ..FilePupil::default()
    }
}

pub(super) fn group(key: &str, name: &str) -> FileGroup {
    FileGroup {
        line: 3,
        key: key.to_owned(),
        school_key: text(key),
        name: name.to_owned(),
        ..FileGroup::default()
    }
}

pub(super) fn file(groups: Vec<FileGroup>, pupils: Vec<FilePupil>) -> SchoolFile {
    SchoolFile { groups, pupils, ..SchoolFile::default() }
}

pub(super) fn pupils_only(pupils: Vec<FilePupil>) -> SchoolFile {
    file(Vec::new(), pupils)
}

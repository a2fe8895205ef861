//! A plan for a school file: what happens with each record, and why.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::children::group::NewGroup;
use crate::children::placement::Placement;
use crate::children::pupil::PupilFields;
use crate::values::calendar::SchoolYear;
use crate::values::ids::{GroupId, LocationId, PupilId};
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// A pupil of the institution as it is stored.
#[derive(Clone, Copy)]
pub struct ExistingPupil<'a> {
    /// The pupil.
    pub id: PupilId,
    /// The stored fields.
    pub fields: &'a PupilFields,
    /// The key that a school administration gave the pupil.
    pub school_key: Option<&'a str>,
    /// The pupil's placements; those that ended before the last one may be left out.
    pub placements: &'a [Placement],
    /// Whether the pupil is in the archive.
    pub archived: bool,
    /// The last day at the institution, if the pupil leaves or left.
    pub last_day: Option<Date>,
}

/// A group of the institution as it is stored.
#[derive(Clone, Copy)]
pub struct ExistingGroup<'a> {
    /// The group.
    pub id: GroupId,
    /// The key that a school administration gave the group.
    pub school_key: Option<&'a str>,
    /// The group's name.
    pub name: &'a str,
    /// The school year the group exists in.
    pub school_year: SchoolYear,
    /// The group's location.
    pub location: Option<&'a str>,
    /// The location of the institution that it is at.
    pub location_id: Option<LocationId>,
    /// Whether the group is in the archive.
    pub archived: bool,
}

code_list! {
    /// What happens with one record of the file.
    pub enum Outcome {
        /// It is new.
        Create = "create",
        /// It is known and something about it differs.
        Change = "change",
        /// It is known and nothing differs.
        Unchanged = "unchanged",
        /// It is none of this product's business: a pupil who left or is too old, or whom it may know already.
        LeaveAlone = "leave-alone",
        /// It cannot be taken over until it is corrected.
        Refuse = "refuse",
    }
}

code_list! {
    /// What a record of the file describes.
    pub enum RecordKind {
        /// A group.
        Group = "group",
        /// A pupil.
        Pupil = "pupil",
    }
}

/// The code of a record whose child may be there already.
pub const MAY_EXIST_ALREADY: &str = "may-exist-already";

/// Why a record is refused or left alone, or what to look at. It never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The field it is about, by a name of [`super::field`]; none when it is about the whole record.
    pub field: Option<&'static str>,
    /// Stable name, in kebab case.
    pub code: &'static str,
    /// One sentence for the person who sent the file.
    pub detail: String,
}

impl Reason {
    pub(super) fn new(field: Option<&'static str>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field, code, detail: detail.into() }
    }

    pub(super) fn about(field: &'static str, refusal: Refusal) -> Self {
        Self::new(Some(field), refusal.code, refusal.detail)
    }
}

/// A group that a pupil is placed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupRef {
    /// A group that exists.
    Existing(GroupId),
    /// The group that the line at this index of [`Plan::lines`] creates.
    New(usize),
}

/// A placement to make: the group, and the first day in it (a day in Amsterdam).
pub type PlannedPlacement = (GroupRef, Date);

/// What to do to carry a line out. It holds personal data, hence no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Create a group.
    CreateGroup {
        /// The group.
        group: NewGroup,
        /// The school administration's key for it.
        school_key: Option<String>,
    },
    /// Give a group new values.
    ChangeGroup {
        /// The group.
        id: GroupId,
        /// All its values, new and old.
        group: NewGroup,
        /// Its key, new or old.
        school_key: Option<String>,
    },
    /// Create a pupil.
    CreatePupil {
        /// The pupil.
        fields: Box<PupilFields>,
        /// The school administration's key for it.
        school_key: Option<String>,
        /// The pupil's first placement; none if the file names no group.
        placement: Option<PlannedPlacement>,
        /// The last day at the institution, when the file says that the pupil leaves.
        last_day: Option<Date>,
    },
    /// Give a pupil new values, a new placement, or both.
    ChangePupil {
        /// The pupil.
        id: PupilId,
        /// All its fields, new and old.
        fields: Box<PupilFields>,
        /// Its key, new or old.
        school_key: Option<String>,
        /// The placement to make; none if the pupil stays where it is.
        placement: Option<PlannedPlacement>,
        /// The last day at the institution, when the file says that the pupil leaves or left and nobody knew.
        last_day: Option<Date>,
    },
}

/// What happens with one record, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// Line of the file on which the record starts, from 1.
    pub line: u64,
    /// Which record of its kind it is in the file, from 1.
    pub number: u64,
    /// What the record describes.
    pub record: RecordKind,
    /// What the record calls the pupil or group, for finding it back in the file; none when it does not say so.
    pub name: Option<String>,
    /// What happens with it.
    pub outcome: Outcome,
    /// Why it is refused or left alone: all reasons at once.
    pub reasons: Vec<Reason>,
    /// What to look at though it is taken over.
    pub remarks: Vec<Reason>,
    /// The fields that change, by the names of [`super::field`].
    pub changed_fields: Vec<&'static str>,
    /// Children who may be the one that the record is about, when nobody can tell.
    pub proposed: Vec<PupilId>,
    /// What to do, for the outcomes `Create` and `Change`.
    pub action: Option<Action>,
}

impl PlanLine {
    pub(super) fn bare(line: u64, record: RecordKind, outcome: Outcome) -> Self {
        Self {
            line,
            number: 0,
            record,
            name: None,
            outcome,
            reasons: Vec::new(),
            remarks: Vec::new(),
            changed_fields: Vec::new(),
            proposed: Vec::new(),
            action: None,
        }
    }

    pub(super) fn refused(line: u64, record: RecordKind, reasons: Vec<Reason>) -> Self {
        Self { reasons, ..Self::bare(line, record, Outcome::Refuse) }
    }

    pub(super) fn left_alone(line: u64, record: RecordKind, reason: Reason) -> Self {
        Self { reasons: vec![reason], ..Self::bare(line, record, Outcome::LeaveAlone) }
    }

    pub(super) fn creating(line: u64, record: RecordKind, action: Action) -> Self {
        Self { action: Some(action), ..Self::bare(line, record, Outcome::Create) }
    }

    pub(super) fn changing_nothing(line: u64, record: RecordKind) -> Self {
        Self::bare(line, record, Outcome::Unchanged)
    }

    pub(super) fn changing(
        line: u64,
        record: RecordKind,
        changed_fields: Vec<&'static str>,
        action: Action,
    ) -> Self {
        if changed_fields.is_empty() {
            return Self::changing_nothing(line, record);
        }
        Self { changed_fields, action: Some(action), ..Self::bare(line, record, Outcome::Change) }
    }
}

/// What becomes of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Plan {
    /// One line per record: first the groups, then the pupils, each in the order of the file.
    pub lines: Vec<PlanLine>,
    /// Pupils who are in a group and in no record of the file; nothing happens with them.
    pub missing: Vec<PupilId>,
    /// Names of the groups that are made.
    pub new_groups: Vec<String>,
    /// Those of them that may be mistyped names of groups that are there: names alone, in a year that has groups.
    pub groups_to_confirm: Vec<String>,
    /// How many values were dropped unread, by the name of the element or column (C030).
    pub dropped: BTreeMap<String, u64>,
    /// Headers of columns that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many teachers the file holds; they are not taken over.
    pub teachers_seen: u64,
}

/// How many records of one kind meet each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// New ones.
    pub create: u64,
    /// Known ones that differ.
    pub change: u64,
    /// Known ones that do not.
    pub unchanged: u64,
    /// Ones that are left alone.
    pub leave_alone: u64,
    /// Ones that are refused.
    pub refuse: u64,
}

impl Plan {
    /// Numbers the records of each kind.
    pub(super) fn number(&mut self) {
        for kind in RecordKind::ALL {
            let of_kind = self.lines.iter_mut().filter(|line| line.record == kind);
            (1..).zip(of_kind).for_each(|(number, line)| line.number = number);
        }
    }

    /// How many records of the kind `record` meet each outcome.
    pub fn counts(&self, record: RecordKind) -> Counts {
        let mut counts = Counts::default();
        for line in self.lines.iter().filter(|line| line.record == record) {
            let count = match line.outcome {
                Outcome::Create => &mut counts.create,
                Outcome::Change => &mut counts.change,
                Outcome::Unchanged => &mut counts.unchanged,
                Outcome::LeaveAlone => &mut counts.leave_alone,
                Outcome::Refuse => &mut counts.refuse,
            };
            *count += 1;
        }
        counts
    }
}

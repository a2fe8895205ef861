//! What becomes of the groups of a file.

use std::collections::{HashMap, HashSet};

use super::field;
use super::plan::{Action, ExistingGroup, GroupRef, PlanLine, Reason, RecordKind};
use super::values::{ValueReader, school_key, shown_name};
use crate::children::group::NewGroup;
use crate::children::school_file::FileGroup;
use crate::values::calendar::SchoolYear;
use crate::values::ids::GroupId;
use crate::values::refusal::Refusal;
use crate::values::text::Label;

/// The lines of the groups, and which group a pupil's reference leads to.
pub(super) struct GroupPlan<'a> {
    lines: Vec<PlanLine>,
    /// By the key in the file: the group, or none if it is refused.
    targets: HashMap<&'a str, Option<GroupRef>>,
    /// Indexes of the lines whose group a pupil is placed in.
    used: HashSet<usize>,
    /// Whether there are groups in the file's school year already.
    has_groups: bool,
}

/// The lines of the groups, and the names of those that are made.
pub(super) struct NewGroups {
    pub(super) lines: Vec<PlanLine>,
    pub(super) all: Vec<String>,
    pub(super) to_confirm: Vec<String>,
}

impl<'a> GroupPlan<'a> {
    pub(super) fn new(file: &'a [FileGroup], stored: &[ExistingGroup<'_>], year: SchoolYear) -> Self {
        let mut register = Register::new(file, stored, year);
        let mut plan = Self {
            lines: Vec::with_capacity(file.len()),
            targets: HashMap::new(),
            used: HashSet::new(),
            has_groups: stored.iter().any(|group| group.school_year == year),
        };
        for (index, group) in file.iter().enumerate() {
            let (line, target) = match register.plan(group) {
                Ok((line, known)) => (line, Some(known.map_or(GroupRef::New(index), GroupRef::Existing))),
                Err(reasons) => (PlanLine::refused(group.line, RecordKind::Group, reasons), None),
            };
            plan.lines.push(PlanLine { name: shown_name([Some(group.name.as_str())]), ..line });
            plan.targets.insert(&group.key, target);
        }
        plan
    }

    /// The group that pupils of the file call `key`.
    ///
    /// # Errors
    /// `unknown-group`, or `group-refused` if the group itself is.
    pub(super) fn target(&self, key: &str) -> Result<GroupRef, Refusal> {
        match self.targets.get(key) {
            Some(Some(target)) => Ok(*target),
            Some(None) => Err(Refusal::new("group-refused", "the group of the pupil is refused")),
            None => {
                Err(Refusal::new("unknown-group", "the file has no group with the key the pupil refers to"))
            }
        }
    }

    /// Notes that a pupil is placed in `group`.
    pub(super) fn note_use(&mut self, group: GroupRef) {
        if let GroupRef::New(index) = group {
            self.used.insert(index);
        }
    }

    /// The lines, without the creation of groups that would stay empty: a school's file holds its older
    /// year groups too (C026). A group that has a key stands in the school's own list of groups; one that is just a name
    /// is there because a pupil's record names it, rightly or by a slip of the pen.
    pub(super) fn finish(mut self) -> NewGroups {
        let (mut all, mut to_confirm) = (Vec::new(), Vec::new());
        for (index, line) in self.lines.iter_mut().enumerate() {
            let Some(Action::CreateGroup { group, school_key }) = &line.action else { continue };
            if self.used.contains(&index) {
                let name = group.name.as_str().to_owned();
                if self.has_groups && school_key.is_none() {
                    to_confirm.push(name.clone());
                }
                all.push(name);
            } else {
                let reason =
                    Reason::new(None, "no-pupil-to-place", "no pupil of the file will be in this group");
                let name = line.name.take();
                *line = PlanLine { name, ..PlanLine::left_alone(line.line, RecordKind::Group, reason) };
            }
        }
        NewGroups { lines: self.lines, all, to_confirm }
    }
}

/// The stored groups of the file's school year.
struct Register<'a, 'b> {
    year: SchoolYear,
    by_key: HashMap<&'a str, &'b ExistingGroup<'a>>,
    by_name: HashMap<&'a str, Vec<&'b ExistingGroup<'a>>>,
    /// Groups that a record of the file already is, or will be by its key.
    taken: HashSet<GroupId>,
    double_keys: HashSet<&'b str>,
}

impl<'a, 'b> Register<'a, 'b> {
    fn new(file: &'b [FileGroup], stored: &'b [ExistingGroup<'a>], year: SchoolYear) -> Self {
        let mut by_key = HashMap::new();
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for group in stored.iter().filter(|group| group.school_year == year) {
            by_key.extend(group.school_key.map(|key| (key, group)));
            by_name.entry(group.name).or_default().push(group);
        }
        let mut seen = HashSet::new();
        let double_keys =
            file.iter().map(|group| group.key.as_str()).filter(|key| !seen.insert(*key)).collect();
        let keys = file.iter().filter_map(|group| group.school_key.as_deref());
        let taken = keys.filter_map(|key| by_key.get(key)).map(|group| group.id).collect();
        Self { year, by_key, by_name, taken, double_keys }
    }

    /// The line of one group, and the stored group that it is.
    fn plan(&mut self, raw: &FileGroup) -> Result<(PlanLine, Option<GroupId>), Vec<Reason>> {
        let mut reasons = Vec::new();
        if self.double_keys.contains(raw.key.as_str()) {
            let detail = "another group of the file has the same key";
            reasons.push(Reason::new(Some(field::SCHOOL_KEY), "double-key", detail));
        }
        let mut reader = ValueReader(&mut reasons);
        let name = reader.read(field::NAME, Some(&raw.name), Label::parse);
        let location = reader.read(field::LOCATION, raw.location.as_deref(), Label::parse);
        let key = reader.read(field::SCHOOL_KEY, raw.school_key.as_deref(), school_key);
        let Some(name) = name.filter(|_| reasons.is_empty()) else { return Err(reasons) };
        let group = NewGroup { name, school_year: self.year, location, location_id: None };
        Ok(match self.find(&group, key.as_deref()).map_err(|reason| vec![reason])? {
            Some(known) if known.archived => {
                let detail = "the group is in the archive: restore it first";
                return Err(vec![Reason::new(None, "archived", detail)]);
            }
            Some(known) => (change(raw.line, group, key, known), Some(known.id)),
            None => {
                let action = Action::CreateGroup { group, school_key: key };
                (PlanLine::creating(raw.line, RecordKind::Group, action), None)
            }
        })
    }

    /// By key, else by name. Groups of two schools may have the same name, so a name says nothing about a group
    /// that has another key.
    fn find(&mut self, group: &NewGroup, key: Option<&str>) -> Result<Option<&'b ExistingGroup<'a>>, Reason> {
        if let Some(known) = key.and_then(|key| self.by_key.get(key)) {
            return Ok(Some(known));
        }
        let namesakes = self.by_name.get(group.name.as_str()).into_iter().flatten().copied();
        let free = namesakes.filter(|known| !self.taken.contains(&known.id));
        let mut matching: Vec<_> = free.filter(|known| key.is_none() || known.school_key.is_none()).collect();
        let here = |known: &&ExistingGroup<'_>| known.location == group.location.as_ref().map(Label::as_str);
        if matching.len() > 1 {
            matching.retain(here);
        }
        match matching.as_slice() {
            [] => Ok(None),
            [known] => {
                self.taken.insert(known.id);
                Ok(Some(known))
            }
            _ => Err(Reason::new(Some(field::NAME), "ambiguous-group", "several groups have this name")),
        }
    }
}

fn change(line: u64, mut group: NewGroup, key: Option<String>, known: &ExistingGroup<'_>) -> PlanLine {
    let mut changed = Vec::new();
    if group.name.as_str() != known.name {
        changed.push(field::NAME);
    }
    let known_location = known.location.and_then(|location| Label::parse(location).ok());
    match group.location {
        Some(_) if group.location != known_location => changed.push(field::LOCATION),
        _ => group.location = known_location,
    }
    group.location_id = known.location_id;
    let known_key = known.school_key.map(str::to_owned);
    let school_key = key.or_else(|| known_key.clone());
    if school_key != known_key {
        changed.push(field::SCHOOL_KEY);
    }
    let action = Action::ChangeGroup { id: known.id, group, school_key };
    PlanLine::changing(line, RecordKind::Group, changed, action)
}

//! What of an entry of the log the caller may know of.

use std::collections::{HashMap, HashSet};

use groeilijn_domain::audit::entry::{Object, ObjectKind};
use groeilijn_domain::children::feed::{ChangeKind, Effect, FeedKind, Reached, effects_of};
use groeilijn_domain::values::ids::{GoalId, GroupId, NoteId, PupilId, RegistrationId};
use groeilijn_engine::audit::following::Done;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use uuid::Uuid;

use crate::children::schema::{goal, groups, note, registration};
use crate::handles::tenant::TenantReader;

/// How many ids one query looks for.
const TOGETHER: usize = 500;

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedChange {
    /// When it was decided, or found, in UTC.
    pub at: Timestamp,
    /// Of what.
    pub kind: FeedKind,
    /// Its id.
    pub id: Uuid,
    /// The child that it is about; `None` for what is about a group.
    pub pupil: Option<PupilId>,
    /// What happened to it.
    pub change: ChangeKind,
}

/// Of what the caller may know.
pub(super) struct Visible<'a> {
    /// Only of these kinds.
    pub kinds: &'a [FeedKind],
    /// What she reaches; `None` when that is everything.
    pub reached: Option<&'a Reached>,
}

/// A change with its place in the log.
pub(super) struct Told {
    /// The entry.
    pub sequence: u64,
    /// How many of its objects there are up to and including this one.
    pub within: u32,
    /// The change.
    pub change: FeedChange,
}

/// Something that an entry names and that was changed.
struct Named<'a> {
    entry: &'a Done,
    within: u32,
    kind: FeedKind,
    id: Uuid,
    effect: Effect,
}

/// What is kept of what was named, as it is now.
#[derive(Default)]
struct Facts {
    notes: HashMap<Uuid, (PupilId, Option<NoteId>)>,
    registrations: HashMap<Uuid, PupilId>,
    goals: HashMap<Uuid, GroupId>,
    /// The children whom the caller reaches.
    pupils: HashSet<PupilId>,
    /// The groups that she reaches.
    groups: HashSet<GroupId>,
}

impl TenantReader<'_> {
    /// The changes in some entries that the caller may know of, in their order.
    pub(super) fn told(&mut self, done: &[Done], visible: &Visible<'_>) -> Result<Vec<Told>> {
        let named: Vec<_> = done.iter().flat_map(|entry| named_in(entry, visible.kinds)).collect();
        let facts = self.facts(done, &named, visible.reached)?;
        let told = named.iter().filter_map(|named| {
            let (pupil, change) = facts.of(named, visible.reached.is_some())?;
            let at = named.entry.occurred_at;
            let change = FeedChange { at, kind: named.kind, id: named.id, pupil, change };
            Some(Told { sequence: named.entry.sequence, within: named.within, change })
        });
        Ok(told.collect())
    }

    fn facts(&mut self, done: &[Done], named: &[Named<'_>], reached: Option<&Reached>) -> Result<Facts> {
        let ids = |kind| named.iter().filter(move |named| named.kind == kind).map(|named| named.id);
        let institution = self.institution();
        let mut facts = Facts::default();
        for ids in apart(ids(FeedKind::Note)) {
            let rows: Vec<(NoteId, PupilId, Option<NoteId>)> = note::table
                .filter(note::institution_id.is(institution))
                .filter(note::id.eq_any(ids.iter().map(|id| OneOf(NoteId::from_uuid(*id)))))
                .select((note::id, note::pupil_id, note::moved_to))
                .load(self.connection)?;
            facts
                .notes
                .extend(rows.into_iter().map(|(id, pupil, moved_to)| (id.as_uuid(), (pupil, moved_to))));
        }
        for ids in apart(ids(FeedKind::Registration)) {
            let rows: Vec<(RegistrationId, PupilId)> = registration::table
                .filter(registration::institution_id.is(institution))
                .filter(registration::id.eq_any(ids.iter().map(|id| OneOf(RegistrationId::from_uuid(*id)))))
                .select((registration::id, registration::pupil_id))
                .load(self.connection)?;
            facts.registrations.extend(rows.into_iter().map(|(id, pupil)| (id.as_uuid(), pupil)));
        }
        for ids in apart(ids(FeedKind::Goal)) {
            let rows: Vec<(GoalId, GroupId)> = goal::table
                .filter(goal::institution_id.is(institution))
                .filter(goal::id.eq_any(ids.iter().map(|id| OneOf(GoalId::from_uuid(*id)))))
                .select((goal::id, goal::group_id))
                .load(self.connection)?;
            facts.goals.extend(rows.into_iter().map(|(id, group)| (id.as_uuid(), group)));
        }
        match reached {
            Some(reached) => {
                facts.pupils = reached.pupils.iter().copied().map(PupilId::from_uuid).collect();
                facts.groups = reached.groups.iter().copied().map(GroupId::from_uuid).collect();
            }
            None => {
                let objects = |kind| done.iter().flat_map(move |entry| objects_of(entry, kind));
                for ids in apart(objects(ObjectKind::Pupil)) {
                    facts.pupils.extend(self.those_in_reach(ids.into_iter().map(PupilId::from_uuid))?);
                }
                let of_goals: Vec<_> = facts.goals.values().map(GroupId::as_uuid).collect();
                for ids in apart(objects(ObjectKind::Group).chain(of_goals)) {
                    let rows: Vec<GroupId> = groups::table
                        .filter(groups::institution_id.is(institution))
                        .filter(groups::id.eq_any(ids.iter().map(|id| OneOf(GroupId::from_uuid(*id)))))
                        .select(groups::id)
                        .load(self.connection)?;
                    facts.groups.extend(rows);
                }
            }
        }
        Ok(facts)
    }
}

impl Facts {
    /// What is told of something to a caller who is `limited` in what she reaches, or is not. Of what came within the reach
    /// of who is, or left it, that is told alone.
    fn of(&self, named: &Named<'_>, limited: bool) -> Option<(Option<PupilId>, ChangeKind)> {
        let change = match named.effect {
            Effect::Is(change) => change,
            Effect::Imported => ChangeKind::Changed,
            Effect::Moves => {
                let (_, moved_to) = self.notes.get(&named.id)?;
                let to_other = moved_to
                    .is_some_and(|to| named.entry.objects.contains(&(ObjectKind::Note, to.as_uuid())));
                if to_other { ChangeKind::Withdrawn } else { ChangeKind::Created }
            }
        };
        let by_reach = limited && matches!(change, ChangeKind::Created | ChangeKind::Removed);
        match named.kind {
            FeedKind::Pupil => {
                let pupil = PupilId::from_uuid(named.id);
                // It is on record that a child is going to be destroyed as well: it is there still.
                let is_so = self.pupils.contains(&pupil) != (change == ChangeKind::Destroyed);
                (is_so && !by_reach && !(limited && change == ChangeKind::Destroyed))
                    .then_some((Some(pupil), change))
            }
            FeedKind::Group => {
                let is_so =
                    self.groups.contains(&GroupId::from_uuid(named.id)) != (change == ChangeKind::Removed);
                (is_so && !by_reach).then_some((None, change))
            }
            FeedKind::Note => self.about(self.notes.get(&named.id).map(|(pupil, _)| *pupil), named, change),
            FeedKind::Registration => self.about(self.registrations.get(&named.id).copied(), named, change),
            FeedKind::Goal => {
                let group = self.goals.get(&named.id).copied();
                let group = group.or_else(|| only(named.entry, ObjectKind::Group).map(GroupId::from_uuid))?;
                self.groups.contains(&group).then_some((None, change))
            }
        }
    }

    /// The same of what is about a child: `pupil`, or the one that the entry names when it is gone.
    fn about(
        &self,
        pupil: Option<PupilId>,
        named: &Named<'_>,
        change: ChangeKind,
    ) -> Option<(Option<PupilId>, ChangeKind)> {
        let pupil = pupil.or_else(|| only(named.entry, ObjectKind::Pupil).map(PupilId::from_uuid))?;
        self.pupils.contains(&pupil).then_some((Some(pupil), change))
    }
}

/// What an entry names of these kinds that was changed.
fn named_in<'a>(entry: &'a Done, kinds: &[FeedKind]) -> Vec<Named<'a>> {
    let effects: Vec<_> = effects_of(&entry.operation)
        .iter()
        .filter(|(kind, effect)| kinds.contains(kind) && (entry.sealed || !effect.seals()))
        .collect();
    let named = (1..).zip(&entry.objects).filter_map(|(within, (object, id))| {
        let (kind, effect) = effects.iter().find(|(kind, _)| kind.object() == *object)?;
        Some(Named { entry, within, kind: *kind, id: *id, effect: *effect })
    });
    named.collect()
}

fn objects_of(entry: &Done, kind: ObjectKind) -> impl Iterator<Item = Uuid> {
    entry.objects.iter().filter(move |(object, _): &&Object| *object == kind).map(|(_, id)| *id)
}

/// The one thing of a kind that an entry names.
fn only(entry: &Done, kind: ObjectKind) -> Option<Uuid> {
    let mut objects = objects_of(entry, kind);
    objects.next().filter(|_| objects.next().is_none())
}

/// Ids, each once, as many together as one query looks for.
fn apart(ids: impl Iterator<Item = Uuid>) -> Vec<Vec<Uuid>> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.chunks(TOGETHER).map(<[Uuid]>::to_vec).collect()
}

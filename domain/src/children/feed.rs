//! What a client that keeps copies is told of changes: which operation changes what, and where a feed goes on.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::audit::entry::ObjectKind;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// What a change is of.
    pub enum FeedKind {
        /// A child, with its placements and its departure.
        Pupil = "pupil",
        /// A group.
        Group = "group",
        /// A note about a child.
        Note = "note",
        /// A registration of a child.
        Registration = "registration",
        /// What a group works towards.
        Goal = "goal",
    }
}

impl FeedKind {
    /// What the audit log calls it.
    pub const fn object(self) -> ObjectKind {
        match self {
            Self::Pupil => ObjectKind::Pupil,
            Self::Group => ObjectKind::Group,
            Self::Note => ObjectKind::Note,
            Self::Registration => ObjectKind::Registration,
            Self::Goal => ObjectKind::Goal,
        }
    }
}

code_list! {
    /// What happened to it, for whoever keeps a copy.
    pub enum ChangeKind {
        /// It was made.
        Created = "created",
        /// It is different now, or new: an import does both.
        Changed = "changed",
        /// It is marked as wrong, and stays readable.
        Withdrawn = "withdrawn",
        /// It was taken away by who works with it: a draft, a goal, a group.
        Removed = "removed",
        /// The child was destroyed, and everything about it.
        Destroyed = "destroyed",
        /// It came within the caller's reach.
        InReach = "in-reach",
        /// It left the caller's reach.
        OutOfReach = "out-of-reach",
    }
}

/// What an operation does to the things of a kind that its entry in the audit log names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// This.
    Is(ChangeKind),
    /// Of two notes one was made, and the other withdrawn because of it.
    Moves,
    /// It is different, or new: of what was named in an entry of something that was sealed. An import reads in others.
    Imported,
}

impl Effect {
    /// Whether it takes that something was sealed. What was made before and is only read when its request comes again has an
    /// entry as well.
    pub const fn seals(self) -> bool {
        matches!(self, MADE | Self::Moves | Self::Imported)
    }
}

const MADE: Effect = Effect::Is(ChangeKind::Created);
const CHANGED: Effect = Effect::Is(ChangeKind::Changed);
const WITHDRAWN: Effect = Effect::Is(ChangeKind::Withdrawn);
const REMOVED: Effect = Effect::Is(ChangeKind::Removed);
const DESTROYED: Effect = Effect::Is(ChangeKind::Destroyed);

/// What is done to the things of a kind.
pub type Effects = &'static [(FeedKind, Effect)];

/// What every operation and job changes that is told. Whatever else its entry names was only read for it.
const TABLE: &[(&[&str], Effects)] = &[
    (&["createPupil"], &[(FeedKind::Pupil, MADE)]),
    (
        &[
            "changePupil",
            "placePupil",
            "changePlacement",
            "takePlacementAway",
            "addAdditionalGroup",
            "changeAdditionalGroup",
            "removeAdditionalGroup",
            "recordDeparture",
            "undoDeparture",
            "archivePupil",
            "restorePupil",
        ],
        &[(FeedKind::Pupil, CHANGED)],
    ),
    (
        &["archiveGroup", "restoreGroup", "archiveSchoolYear", "restoreSchoolYear"],
        &[(FeedKind::Group, CHANGED), (FeedKind::Pupil, CHANGED)],
    ),
    (&["applyImport"], &[(FeedKind::Group, Effect::Imported), (FeedKind::Pupil, Effect::Imported)]),
    (&["createSchoolYearTransition"], &[(FeedKind::Group, MADE), (FeedKind::Pupil, CHANGED)]),
    (&["undoSchoolYearTransition"], &[(FeedKind::Group, REMOVED), (FeedKind::Pupil, CHANGED)]),
    (&["createGroup"], &[(FeedKind::Group, MADE)]),
    (&["changeGroup"], &[(FeedKind::Group, CHANGED)]),
    (&["deleteGroup"], &[(FeedKind::Group, REMOVED)]),
    (&["createNote", "createSharedNote"], &[(FeedKind::Note, MADE)]),
    (&["changeNote"], &[(FeedKind::Note, CHANGED)]),
    (&["withdrawNote"], &[(FeedKind::Note, WITHDRAWN)]),
    (&["moveNote"], &[(FeedKind::Note, Effect::Moves)]),
    (&["createRegistration"], &[(FeedKind::Registration, MADE)]),
    (
        &[
            "changeRegistration",
            "correctRegistration",
            "finaliseRegistration",
            // What is planned stands beside a registration, and is read by way of it.
            "createFollowUp",
            "changeFollowUp",
            "finishFollowUp",
            "deleteFollowUp",
        ],
        &[(FeedKind::Registration, CHANGED)],
    ),
    (&["withdrawRegistration"], &[(FeedKind::Registration, WITHDRAWN)]),
    (&["discardRegistrationDraft"], &[(FeedKind::Registration, REMOVED)]),
    (&["createGoal"], &[(FeedKind::Goal, MADE)]),
    (&["changeGoal", "addGoalOffer"], &[(FeedKind::Goal, CHANGED)]),
    (&["deleteGoal"], &[(FeedKind::Goal, REMOVED)]),
    (&["destroy"], &[(FeedKind::Pupil, DESTROYED)]),
];

/// What else is asked of what is kept about children by another method than GET: it changes nothing that is told.
const UNTOLD: &[&str] = &[
    "searchPupils",
    "createImport",
    "sendBatch",
    "reportToParents",
    "reportGroup",
    "previewSchoolYearTransition",
];

/// What an operation or job does to the things that its entry in the audit log names.
pub fn effects_of(operation: &str) -> Effects {
    TABLE.iter().find(|(operations, _)| operations.contains(&operation)).map_or(&[], |(_, effects)| effects)
}

/// Whether it is known of an operation what it changes, or that it changes nothing.
pub fn is_known(operation: &str) -> bool {
    !effects_of(operation).is_empty() || UNTOLD.contains(&operation)
}

/// The operations and jobs that change something.
pub fn changing() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|(operations, _)| *operations).copied()
}

/// The refusal of a cursor from which the feed cannot go on.
pub fn start_anew() -> Refusal {
    let detail = "what happened since this cursor cannot be told any more: ask without `after`, read the lists anew, \
                  and delete what is not in them";
    Refusal::new("start-anew", detail)
}

/// The refusal of what this feed did not give to this caller.
pub fn not_a_cursor() -> Refusal {
    Refusal::new("not-a-cursor", "must be a `cursor` that this feed gave to the same user")
}

/// What somebody reaches, who does not reach everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// Groups.
    pub groups: BTreeSet<Uuid>,
    /// Children.
    pub pupils: BTreeSet<Uuid>,
}

impl Reached {
    /// What has to be told to whoever knows of `self` for her to know of `present`: first what she must let go of.
    pub fn until(&self, present: &Self) -> Vec<(FeedKind, Uuid, ChangeKind)> {
        fn of(
            kind: FeedKind,
            one: &BTreeSet<Uuid>,
            other: &BTreeSet<Uuid>,
            change: ChangeKind,
        ) -> Vec<(FeedKind, Uuid, ChangeKind)> {
            one.difference(other).map(|id| (kind, *id, change)).collect()
        }
        [
            of(FeedKind::Pupil, &self.pupils, &present.pupils, ChangeKind::OutOfReach),
            of(FeedKind::Group, &self.groups, &present.groups, ChangeKind::OutOfReach),
            of(FeedKind::Group, &present.groups, &self.groups, ChangeKind::InReach),
            of(FeedKind::Pupil, &present.pupils, &self.pupils, ChangeKind::InReach),
        ]
        .concat()
    }

    /// Takes in what was told.
    pub fn tell(&mut self, kind: FeedKind, id: Uuid, change: ChangeKind) {
        let known = if kind == FeedKind::Group { &mut self.groups } else { &mut self.pupils };
        match change {
            ChangeKind::InReach => drop(known.insert(id)),
            _ => drop(known.remove(&id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_operation_is_in_the_table_once() {
        let all: Vec<_> = changing().chain(UNTOLD.iter().copied()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.into_iter().all(is_known));
        assert!(!is_known("readPupil"));
    }

    fn reached() -> impl Strategy<Value = Reached> {
        let ids = || prop::collection::btree_set((0_u128..6).prop_map(Uuid::from_u128), 0..6);
        (ids(), ids()).prop_map(|(groups, pupils)| Reached { groups, pupils })
    }

    proptest! {
        #[test]
        fn c143_who_is_told_what_changed_knows_what_is_reached(known in reached(), present in reached()) {
            let mut told = known.clone();
            for (kind, id, change) in known.until(&present) {
                told.tell(kind, id, change);
            }
            prop_assert_eq!(&told, &present);
            prop_assert_eq!(told.until(&present), []);
        }
    }
}

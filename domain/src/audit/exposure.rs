//! Whom something touched, and with what: the blast radius of an account, a session, a token, a network address or a
//! support session (C035, C126). It fills what a report of a datalek says of people and data as a draft.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::audit::data_class::{DataClass, Subject, classes_of, is_of_all, of_request};
use crate::audit::entry::{Object, ObjectKind, Outcome};
use crate::values::refusal::{FieldRefusals, Refusal};

/// The longest period that is looked into at once.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(92 * 24);

/// What begins the name of an operation that only looks.
const LOOKS: [&str; 7] = ["read", "list", "search", "print", "forecast", "export", "workOut"];

/// An entry of the log, as far as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The operation.
    pub operation: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// When, in UTC.
    pub at: Timestamp,
    /// What it touched.
    pub touched: &'a [Object],
}

/// When, and how many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// How many times.
    pub count: u64,
    /// The first time, in UTC.
    pub first_at: Timestamp,
    /// The last time, in UTC.
    pub last_at: Timestamp,
}

impl Span {
    const fn at(at: Timestamp) -> Self {
        Self { count: 0, first_at: at, last_at: at }
    }

    fn count(&mut self, at: Timestamp) {
        self.count += 1;
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
    }
}

/// What happened to what is kept of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPerson {
    /// When, in UTC, and how many times it was asked for, refusals included.
    pub span: Span,
    /// How many times it was shown.
    pub shown: u64,
    /// How many times it was changed.
    pub changed: u64,
    /// How many times it was refused, or failed.
    pub refused: u64,
    /// What was shown or changed.
    pub subjects: BTreeSet<Subject>,
    /// By which operations it was shown or changed.
    pub operations: BTreeSet<String>,
}

/// Whom something touched, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Every entry, by operation and outcome: also those that touched nobody.
    pub operations: BTreeMap<(String, Outcome), Span>,
    /// The children.
    pub pupils: BTreeMap<Uuid, ExposedPerson>,
    /// The users, or the processor's staff in its own log.
    pub users: BTreeMap<Uuid, ExposedPerson>,
    /// What of people was shown or changed.
    pub subjects: BTreeSet<Subject>,
    /// Whether everything that the institution has went somewhere: then everybody in it is touched, whoever is named.
    pub everything: bool,
}

impl Exposure {
    /// Counts an entry, in any order of time.
    pub fn count(&mut self, entry: &Counted<'_>) {
        let Counted { operation, outcome, at, touched } = *entry;
        let by_operation = self.operations.entry((operation.to_owned(), outcome));
        by_operation.or_insert(Span::at(at)).count(at);
        let happened = outcome == Outcome::Success;
        let subjects = if happened { of_request(operation, touched) } else { BTreeSet::new() };
        self.everything |= happened && is_of_all(operation);
        if happened && is_of_all(operation) {
            self.subjects.extend(&subjects);
        }
        for (kind, id) in touched {
            let people = match kind {
                ObjectKind::Pupil => &mut self.pupils,
                ObjectKind::User | ObjectKind::ProcessorStaff => &mut self.users,
                _ => continue,
            };
            self.subjects.extend(&subjects);
            let person = people.entry(*id).or_insert_with(|| ExposedPerson {
                span: Span::at(at),
                shown: 0,
                changed: 0,
                refused: 0,
                subjects: BTreeSet::new(),
                operations: BTreeSet::new(),
            });
            person.span.count(at);
            if !happened {
                person.refused += 1;
                continue;
            }
            if only_looks(operation) {
                person.shown += 1;
            } else {
                person.changed += 1;
            }
            person.subjects.extend(&subjects);
            if !person.operations.contains(operation) {
                person.operations.insert(operation.to_owned());
            }
        }
    }

    /// Of which classes was what was shown or changed.
    pub fn classes(&self) -> BTreeSet<DataClass> {
        classes_of(&self.subjects)
    }

    /// How many entries were counted.
    pub fn entries(&self) -> u64 {
        self.operations.values().map(|span| span.count).sum()
    }

    /// How many children something was shown or changed of.
    pub fn pupils_touched(&self) -> usize {
        self.pupils.values().filter(|person| person.is_touched()).count()
    }

    /// How many users something was shown or changed of.
    pub fn users_touched(&self) -> usize {
        self.users.values().filter(|person| person.is_touched()).count()
    }
}

impl ExposedPerson {
    /// Whether anything was shown or changed: not when everything was refused.
    pub const fn is_touched(&self) -> bool {
        self.shown + self.changed > 0
    }

    /// Of which classes was what was shown or changed.
    pub fn classes(&self) -> BTreeSet<DataClass> {
        classes_of(&self.subjects)
    }
}

fn only_looks(operation: &str) -> bool {
    LOOKS.iter().any(|verb| operation.starts_with(verb))
}

/// That a period can be looked into.
///
/// # Errors
/// For `until` `before-start`, `out-of-range` when it lasts longer than 92 days.
pub fn check_period(from: Timestamp, until: Timestamp) -> Result<(), FieldRefusals> {
    let refuse = |code, detail| Err(FieldRefusals::one("until", Refusal::new(code, detail)));
    if until <= from {
        return refuse("before-start", "must be after `from`");
    }
    if until.duration_since(from) > LONGEST {
        return refuse("out-of-range", "must be at most 92 days after `from`");
    }
    Ok(())
}

/// That exactly one of the things is named by which one can look, told by the names of their fields.
///
/// # Errors
/// `only-one` for the first field when none is named, and for each that is named beside another.
pub fn check_one(named: &[(&'static str, bool)]) -> Result<(), FieldRefusals> {
    let given: Vec<_> = named.iter().filter(|(_, given)| *given).map(|(field, _)| *field).collect();
    let mut refusals = FieldRefusals::new();
    if given.len() != 1 {
        let first = named.first().map(|(field, _)| *field);
        let wrong = if given.is_empty() { first.into_iter().collect() } else { given };
        for field in wrong {
            refusals.refuse(field, Refusal::new("only-one", "exactly one of these is looked for"));
        }
    }
    refusals.or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    #[test]
    fn c035_each_child_is_counted_with_what_was_shown_changed_and_refused() {
        let [noor, sem] = [1, 2].map(Uuid::from_u128);
        let both = [(ObjectKind::Pupil, noor), (ObjectKind::Pupil, sem)];
        let entry =
            |operation, outcome, minute, touched| Counted { operation, outcome, at: at(minute), touched };
        let entries = [
            entry("listPupils", Outcome::Success, 1, &both[..]),
            entry("readGroup", Outcome::Success, 2, &[]),
            entry("createNote", Outcome::Success, 3, &both[..1]),
            entry("readPupil", Outcome::Denied, 4, &both[1..]),
        ];
        let mut forwards = Exposure::default();
        entries.iter().for_each(|entry| forwards.count(entry));
        let mut backwards = Exposure::default();
        entries.iter().rev().for_each(|entry| backwards.count(entry));
        assert_eq!(forwards, backwards);
        let [noor, sem] = [&forwards.pupils[&noor], &forwards.pupils[&sem]];
        assert_eq!((noor.shown, noor.changed, noor.refused), (1, 1, 0));
        assert_eq!((sem.shown, sem.changed, sem.refused), (1, 0, 1));
        assert_eq!(noor.span, Span { count: 2, first_at: at(1), last_at: at(3) });
        assert!(noor.classes().contains(&DataClass::LearningResult));
        assert!(!sem.classes().contains(&DataClass::LearningResult), "a note about another child");
        assert!(!sem.classes().contains(&DataClass::SpecialCategory), "what was refused was not seen");
        assert_eq!((forwards.entries(), forwards.pupils_touched()), (4, 2));
    }

    #[test]
    fn c035_an_export_touches_everybody() {
        let mut exposure = Exposure::default();
        let touched = [(ObjectKind::Institution, Uuid::nil())];
        let export = Counted {
            operation: "exportInstitution",
            outcome: Outcome::Success,
            at: at(0),
            touched: &touched,
        };
        exposure.count(&Counted { outcome: Outcome::Failed, ..export });
        assert!(!exposure.everything && exposure.classes().is_empty());
        exposure.count(&export);
        assert!(exposure.everything && exposure.classes().contains(&DataClass::LearningResult));
    }

    #[test]
    fn a_period_is_at_most_ninety_two_days() {
        let code = |until: Timestamp| {
            check_period(at(0), until).err().into_iter().flatten().next().map(|one| one.1.code)
        };
        assert_eq!(code(at(1)), None);
        assert_eq!(code(at(0) + LONGEST), None);
        assert_eq!(code(at(1) + LONGEST), Some("out-of-range"));
        assert_eq!(code(at(0)), Some("before-start"));
    }

    #[test]
    fn exactly_one_is_looked_for() {
        let refused = |named: &[(&'static str, bool)]| {
            let refused = check_one(named).err().into_iter().flatten();
            refused.map(|(field, refusal)| (field, refusal.code)).collect::<Vec<_>>()
        };
        assert!(refused(&[("actor_id", false), ("session_id", true)]).is_empty());
        assert_eq!(
            refused(&[("actor_id", false), ("session_id", false)]),
            [("actor_id".to_owned(), "only-one")]
        );
        assert_eq!(refused(&[("actor_id", true), ("session_id", true)]).len(), 2);
    }
}

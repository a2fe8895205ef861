//! Which stored pupil a record of the file is about: by ECK iD, else by key, never by name, unless somebody said so (C030).

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use jiff::civil::Date;

use super::answers::Answers;
use super::field;
use super::plan::{ExistingPupil, Reason};
use super::values::date;
use crate::children::school_file::FilePupil;
use crate::values::ids::PupilId;
use crate::values::person::PersonName;
use crate::values::text::{Infix, NamePart, search_key};

/// Stored pupils by what identifies them.
struct Register<'a> {
    by_eck_id: HashMap<&'a str, &'a ExistingPupil<'a>>,
    by_key: HashMap<&'a str, &'a ExistingPupil<'a>>,
}

/// For each record of a file, in order, the stored pupil it is about, none for a new one, or why it cannot
/// be told.
pub(super) fn recognise<'a>(
    file: &[FilePupil],
    stored: &'a [ExistingPupil<'a>],
    answers: &Answers,
) -> Vec<Result<Option<&'a ExistingPupil<'a>>, Vec<Reason>>> {
    let register = Register {
        by_eck_id: stored.iter().filter_map(|pupil| Some((eck_id(pupil)?, pupil))).collect(),
        by_key: stored.iter().filter_map(|pupil| Some((pupil.school_key?, pupil))).collect(),
    };
    let eck_ids = doubles(file.iter().filter_map(|pupil| pupil.eck_id.as_deref()));
    let keys = doubles(file.iter().filter_map(|pupil| pupil.key.as_deref()));
    let mut recognised: Vec<_> = (1..)
        .zip(file)
        .map(|(number, pupil)| {
            let mut reasons = Vec::new();
            if pupil.eck_id.as_deref().is_some_and(|id| eck_ids.contains(id)) {
                let detail = "another record of the file has the same ECK iD";
                reasons.push(Reason::new(Some(field::ECK_ID), "double-eck-id", detail));
            }
            if pupil.key.as_deref().is_some_and(|key| keys.contains(key)) {
                let detail = "another record of the file has the same key";
                reasons.push(Reason::new(Some(field::SCHOOL_KEY), "double-key", detail));
            }
            if reasons.is_empty() {
                let known = register.find(pupil).and_then(|known| match known {
                    None => answers.same(number).map(|id| said_to_be(id, pupil, stored)).transpose(),
                    known => Ok(known),
                });
                known.map_err(|reason| vec![reason])
            } else {
                Err(reasons)
            }
        })
        .collect();
    let twice: HashSet<PupilId> =
        doubles(recognised.iter().filter_map(|known| known.as_ref().ok()?.map(|pupil| pupil.id)));
    for known in &mut recognised {
        if known.as_ref().is_ok_and(|pupil| pupil.is_some_and(|pupil| twice.contains(&pupil.id))) {
            let detail = "another record of the file is about the same pupil";
            *known = Err(vec![Reason::new(None, "same-pupil-twice", detail)]);
        }
    }
    recognised
}

impl<'a> Register<'a> {
    fn find(&self, pupil: &FilePupil) -> Result<Option<&'a ExistingPupil<'a>>, Reason> {
        let by_eck_id = pupil.eck_id.as_deref().and_then(|id| self.by_eck_id.get(id).copied());
        let by_key = pupil.key.as_deref().and_then(|key| self.by_key.get(key).copied());
        match (by_eck_id, by_key) {
            (Some(one), Some(other)) if one.id != other.id => Err(conflict()),
            (None, Some(known)) if is_someone_else(pupil, known) => Err(conflict()),
            (known, other) => Ok(known.or(other)),
        }
    }
}

/// Whether a pupil with the same key is another one: the ECK iDs differ, or both first name and birth date do.
/// Two schools of one board may well give the same key to different children.
fn is_someone_else(pupil: &FilePupil, known: &ExistingPupil<'_>) -> bool {
    let differs = |raw: &Option<String>, stored: &str| raw.as_deref().is_some_and(|raw| raw != stored);
    if let (Some(id), Some(known_id)) = (pupil.eck_id.as_deref(), eck_id(known)) {
        return id != known_id;
    }
    differs(&pupil.first_name, known.fields.name.first.as_str())
        && pupil
            .birth_date
            .as_deref()
            .is_some_and(|raw| date(raw).is_ok_and(|birth_date| birth_date != known.fields.birth_date))
}

/// The stored pupil that somebody said a record is about, as long as nobody could tell otherwise.
fn said_to_be<'a>(
    id: PupilId,
    record: &FilePupil,
    stored: &'a [ExistingPupil<'a>],
) -> Result<&'a ExistingPupil<'a>, Reason> {
    let numbers = Numbers { eck_id: record.eck_id.as_deref(), key: record.key.as_deref() };
    let is_still = |pupil: &&ExistingPupil<'_>| {
        pupil.id == id
            && !numbers.tell_apart(Numbers::of(pupil))
            && entry_of(record) == Some(entry(&pupil.fields.name, pupil.fields.birth_date))
    };
    let detail =
        "the child that the record was said to be about is gone or was changed since: send the file again";
    stored.iter().find(is_still).ok_or_else(|| Reason::new(None, "answer-outdated", detail))
}

/// What a record calls its child, and its birth date, if both can be read.
fn entry_of(record: &FilePupil) -> Option<(String, Date)> {
    let infix = record.infix.as_deref().map(Infix::parse).transpose().ok()?;
    let [first, last] =
        [&record.first_name, &record.last_name].map(|part| NamePart::parse(part.as_deref()?).ok());
    let name = PersonName { first: first?, infix, last: last? };
    Some(entry(&name, date(record.birth_date.as_deref()?).ok()?))
}

fn conflict() -> Reason {
    let detail = "the ECK iD and the key are those of different pupils, or a different child has this key";
    Reason::new(None, "conflicting-identity", detail)
}

fn eck_id<'a>(pupil: &ExistingPupil<'a>) -> Option<&'a str> {
    Some(pupil.fields.eck_id.as_ref()?.as_str())
}

fn doubles<T: Copy + Eq + Hash>(values: impl Iterator<Item = T>) -> HashSet<T> {
    let mut seen = HashSet::new();
    values.filter(|value| !seen.insert(*value)).collect()
}

/// Children by name and birth date. This recognises nobody: it keeps one who may be there already from being created over and
/// over, and proposes who it may be.
pub(super) struct Namesakes<'a> {
    stored: HashMap<(String, Date), Vec<&'a ExistingPupil<'a>>>,
    /// The stored pupils whom a record of the file is about.
    recognised: HashSet<PupilId>,
    /// The records before, by which numbers each has.
    of_file: HashMap<(String, Date), Vec<(bool, bool)>>,
}

/// The numbers by which a child can be recognised.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    pub(super) eck_id: Option<&'a str>,
    pub(super) key: Option<&'a str>,
}

impl<'a> Numbers<'a> {
    fn of(known: &ExistingPupil<'a>) -> Self {
        Self { eck_id: eck_id(known), key: known.school_key }
    }

    fn are_there(self) -> (bool, bool) {
        (self.eck_id.is_some(), self.key.is_some())
    }

    /// Whether a number of the same kind tells two children apart, of whom none was recognised by the other's.
    fn tell_apart(self, other: Numbers<'_>) -> bool {
        is_told_apart(self.are_there(), other.are_there())
    }
}

const fn is_told_apart(one: (bool, bool), other: (bool, bool)) -> bool {
    one.0 && other.0 || one.1 && other.1
}

impl<'a> Namesakes<'a> {
    /// The stored pupils; these of them were recognised.
    pub(super) fn new(stored: &'a [ExistingPupil<'a>], recognised: HashSet<PupilId>) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for pupil in stored {
            by_name.entry(entry(&pupil.fields.name, pupil.fields.birth_date)).or_default().push(pupil);
        }
        Self { stored: by_name, recognised, of_file: HashMap::new() }
    }

    /// Notes a child of the file whom no number recognises. It may be one of those; with none of them it may be the child of
    /// another record; it is new when there is nothing.
    pub(super) fn note(
        &mut self,
        name: &PersonName,
        birth_date: Date,
        numbers: Numbers<'_>,
    ) -> Option<Vec<PupilId>> {
        let entry = entry(name, birth_date);
        let namesakes = self.stored.get(&entry).into_iter().flatten();
        let alike: Vec<_> = namesakes.filter(|known| !numbers.tell_apart(Numbers::of(known))).collect();
        let proposed =
            alike.iter().map(|known| known.id).filter(|id| !self.recognised.contains(id)).collect();
        let before = self.of_file.entry(entry).or_default();
        let is_double = before.iter().any(|other| !is_told_apart(*other, numbers.are_there()));
        before.push(numbers.are_there());
        (is_double || !alike.is_empty()).then_some(proposed)
    }
}

fn entry(name: &PersonName, birth_date: Date) -> (String, Date) {
    (search_key(&name.display()), birth_date)
}

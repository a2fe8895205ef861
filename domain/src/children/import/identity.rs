//! Which stored pupil a record of the file is about: by ECK iD, else by key, never by name (C030).

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use jiff::civil::Date;

use super::field;
use super::plan::{ExistingPupil, Reason};
use super::values::date;
use crate::children::school_file::FilePupil;
use crate::values::ids::PupilId;
use crate::values::person::PersonName;
use crate::values::text::search_key;

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
) -> Vec<Result<Option<&'a ExistingPupil<'a>>, Vec<Reason>>> {
    let register = Register {
        by_eck_id: stored.iter().filter_map(|pupil| Some((eck_id(pupil)?, pupil))).collect(),
        by_key: stored.iter().filter_map(|pupil| Some((pupil.school_key?, pupil))).collect(),
    };
    let eck_ids = doubles(file.iter().filter_map(|pupil| pupil.eck_id.as_deref()));
    let keys = doubles(file.iter().filter_map(|pupil| pupil.key.as_deref()));
    let mut recognised: Vec<_> = file
        .iter()
        .map(|pupil| {
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
                register.find(pupil).map_err(|reason| vec![reason])
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

/// Children by name and birth date. This recognises nobody: it only keeps a record without ECK iD and key from
/// being created over and over.
pub(super) struct Namesakes(HashSet<(String, Date)>);

impl Namesakes {
    /// The stored pupils, if the file has any record that needs them.
    pub(super) fn new(file: &[FilePupil], stored: &[ExistingPupil<'_>]) -> Self {
        let needed = file.iter().any(|pupil| pupil.eck_id.is_none() && pupil.key.is_none());
        let pupils = stored.iter().filter(|_| needed);
        Self(pupils.map(|pupil| entry(&pupil.fields.name, pupil.fields.birth_date)).collect())
    }

    /// Notes a child; whether there was none of that name and birth date yet.
    pub(super) fn note(&mut self, name: &PersonName, birth_date: Date) -> bool {
        self.0.insert(entry(name, birth_date))
    }
}

fn entry(name: &PersonName, birth_date: Date) -> (String, Date) {
    (search_key(&name.display()), birth_date)
}

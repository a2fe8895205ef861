//! What the log tells of the contents of a notice: IV to VI as a draft (C126).

use super::contents::{Affected, AffectedData, AffectedGroup};
use crate::audit::data_class::DataClass;
use crate::audit::exposure::{ExposedPerson, Exposure};
use crate::values::refusal::Refusal;
use crate::values::text::{FreeText, ShortText};

/// A draft of the contents IV to VI. What the log cannot tell is left out; whoever records the contents says it, or when it will
/// be known.
pub struct FromLog {
    /// IV: who is affected, and in which degree.
    pub affected: Option<Vec<Affected>>,
    /// V: the least people that are affected.
    pub group_least: Option<u32>,
    /// V: the most people that are affected.
    pub group_most: Option<u32>,
    /// VI: the kinds of data.
    pub data: Option<Vec<AffectedData>>,
}

impl FromLog {
    /// The draft of what was found. It `is_whole` when nothing is left of which it is not known whether it belongs to it.
    ///
    /// # Errors
    /// None: the texts are short enough for every number and every class (tested).
    pub fn of(exposure: &Exposure, is_whole: bool) -> Result<Self, Refusal> {
        let people = [
            (AffectedGroup::Pupils, "kind", "kinderen", Degree::of(exposure.pupils.values())),
            (AffectedGroup::Staff, "gebruiker", "gebruikers", Degree::of(exposure.users.values())),
        ];
        let touched: usize = people.iter().map(|(.., degree)| degree.touched).sum();
        let affected = people
            .into_iter()
            .filter(|(.., degree)| degree.touched > 0)
            .map(|(group, one, more, degree)| Ok(Affected { group, degree: degree.in_words(one, more)? }))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let least = u32::try_from(touched).ok().filter(|least| *least > 0);
        Ok(Self {
            affected: Some(affected).filter(|affected| !affected.is_empty()),
            group_least: least,
            group_most: least.filter(|_| is_whole && !exposure.everything),
            data: Some(data(exposure)?).filter(|data| !data.is_empty()),
        })
    }
}

/// Of how many people something was shown, and changed.
struct Degree {
    touched: usize,
    shown: usize,
    changed: usize,
}

impl Degree {
    fn of<'a>(people: impl Iterator<Item = &'a ExposedPerson> + Clone) -> Self {
        Self {
            touched: people.clone().filter(|person| person.is_touched()).count(),
            shown: people.clone().filter(|person| person.shown > 0).count(),
            changed: people.filter(|person| person.changed > 0).count(),
        }
    }

    fn in_words(&self, one: &str, more: &str) -> Result<FreeText, Refusal> {
        let counted = |number: usize| format!("{number} {}", if number == 1 { one } else { more });
        let shown = format!("Van {} zijn gegevens getoond", counted(self.shown));
        let changed = format!("an {} zijn gegevens gewijzigd of toegevoegd", counted(self.changed));
        FreeText::parse(&match (self.shown, self.changed) {
            (_, 0) => format!("{shown}."),
            (0, _) => format!("V{changed}."),
            _ => format!("{shown}, v{changed}."),
        })
    }
}

/// Each class that was touched, with what of it.
fn data(exposure: &Exposure) -> Result<Vec<AffectedData>, Refusal> {
    let of_class = |class: DataClass| {
        let subjects = exposure.subjects.iter().filter(|subject| subject.classes.contains(&class));
        let what = subjects.map(|subject| subject.words).collect::<Vec<_>>().join("; ");
        Ok(AffectedData { class, what: ShortText::parse(&what)? })
    };
    exposure.classes().into_iter().map(of_class).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::audit::data_class::all_subjects;
    use crate::audit::entry::{ObjectKind, Outcome};
    use crate::audit::exposure::Counted;

    fn exposure(entries: &[(&str, &[(ObjectKind, u128)])]) -> Exposure {
        let mut exposure = Exposure::default();
        for (operation, touched) in entries {
            let touched: Vec<_> = touched.iter().map(|(kind, id)| (*kind, Uuid::from_u128(*id))).collect();
            let at = Timestamp::UNIX_EPOCH;
            exposure.count(&Counted { operation, outcome: Outcome::Success, at, touched: &touched });
        }
        exposure
    }

    #[test]
    fn c126_the_draft_tells_of_whom_and_what() {
        let [noor, sem] = [(ObjectKind::Pupil, 1), (ObjectKind::Pupil, 2)];
        let found = exposure(&[
            ("listNotes", &[noor]),
            ("listPupils", &[noor, sem]),
            ("createNote", &[noor]),
            ("readUser", &[(ObjectKind::User, 3)]),
        ]);
        let draft = FromLog::of(&found, true).unwrap();
        assert_eq!((draft.group_least, draft.group_most), (Some(3), Some(3)));
        let affected: Vec<_> =
            draft.affected.as_ref().unwrap().iter().map(|one| (one.group, one.degree.as_str())).collect();
        assert_eq!(
            affected,
            [
                (
                    AffectedGroup::Pupils,
                    "Van 2 kinderen zijn gegevens getoond, van 1 kind zijn gegevens gewijzigd of toegevoegd."
                ),
                (AffectedGroup::Staff, "Van 1 gebruiker zijn gegevens getoond."),
            ]
        );
        let data: Vec<_> =
            draft.data.as_ref().unwrap().iter().map(|one| (one.class, one.what.as_str())).collect();
        assert_eq!(
            data,
            [
                (DataClass::Ordinary, "gegevens van gebruikers; lijsten van kinderen"),
                (DataClass::SpecialCategory, "notities"),
                (DataClass::Sensitive, "notities"),
                (DataClass::AccessIdentification, "gegevens van gebruikers"),
                (DataClass::LearningResult, "notities"),
            ]
        );
    }

    #[test]
    fn c126_what_the_log_cannot_tell_is_left_out() {
        let nobody = FromLog::of(&Exposure::default(), true).unwrap();
        assert!(nobody.affected.is_none() && nobody.data.is_none() && nobody.group_least.is_none());
        let read = [("readPupil", &[(ObjectKind::Pupil, 1)][..])];
        let part = FromLog::of(&exposure(&read), false).unwrap();
        assert_eq!((part.group_least, part.group_most), (Some(1), None));
        let all = exposure(&[read[0], ("exportInstitution", &[])]);
        assert_eq!(FromLog::of(&all, true).unwrap().group_most, None);
    }

    #[test]
    fn the_texts_of_all_that_there_is_are_short_enough() {
        let mut found = exposure(&[("readPupil", &[(ObjectKind::Pupil, 1)])]);
        found.subjects.extend(all_subjects());
        assert!(FromLog::of(&found, true).is_ok());
        let degree = Degree { touched: usize::MAX, shown: usize::MAX, changed: usize::MAX };
        assert!(degree.in_words("gebruiker", "gebruikers").is_ok());
    }
}

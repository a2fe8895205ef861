//! Notes: what a professional saw, in words, on one day (C027).

use std::collections::HashSet;

use jiff::civil::Date;

use crate::children::framework::{FrameworkIndex, LineCode};
use crate::values::ids::{PupilId, UserId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::bounded_text;

bounded_text! {
    /// The words of a note, in lines. Special-category data always: encrypted and never logged.
    NoteText(10_000, Allowed)
}

/// How many development lines one note can be about.
pub const MAX_LINES: usize = 20;

/// A note about a child, as it is written.
#[derive(Clone)]
pub struct NewNote {
    /// What was seen.
    pub text: NoteText,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// The development lines it is about; may be empty.
    pub lines: Vec<LineCode>,
}

/// What changes about a note; what is `None` stays.
#[derive(Default)]
pub struct NoteChange {
    /// What was seen.
    pub text: Option<NoteText>,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Option<Date>,
    /// The development lines it is about.
    pub lines: Option<Vec<LineCode>>,
}

impl NewNote {
    /// Whether this is `before` sent again. The day tells them apart when the client named one: a note that was sent
    /// without a day before midnight is sent again after it.
    pub fn repeats(&self, before: &Self, names_day: bool) -> bool {
        let is_same_day = !names_day || self.observed_on == before.observed_on;
        is_same_day && self.text == before.text && self.lines == before.lines
    }

    /// Checks the day against the child's birth and today's date, both in Europe/Amsterdam, and the lines against the
    /// framework that they are of, or else the reason why there is none.
    ///
    /// # Errors
    /// For `observed_on` `in-the-future` or `before-birth`; for `framework_id` that reason; for `lines` `too-many`,
    /// `not-in-framework` or `not-unique`.
    pub fn check(
        &self,
        birth: Date,
        today: Date,
        framework: Result<&FrameworkIndex, Refusal>,
    ) -> Result<(), FieldRefusals> {
        let mut refused = FieldRefusals::new();
        refused.check("observed_on", check_observed_on(self.observed_on, birth, today));
        match framework {
            Err(refusal) => refused.refuse("framework_id", refusal),
            Ok(framework) => {
                for refusal in refused_lines(&self.lines, framework) {
                    refused.refuse("lines", refusal);
                }
            }
        }
        refused.or(())
    }

    /// The note as it is after a change, and its lines if they stay. Those are not checked again: they may be of an
    /// older framework than the one in use.
    #[must_use]
    pub fn changed(self, change: NoteChange) -> (Self, Option<Vec<LineCode>>) {
        let (lines, staying) = match change.lines {
            Some(lines) => (lines, None),
            None => (Vec::new(), Some(self.lines)),
        };
        let text = change.text.unwrap_or(self.text);
        let observed_on = change.observed_on.unwrap_or(self.observed_on);
        (Self { text, observed_on, lines }, staying)
    }
}

/// That a user may change a note: only its author may.
///
/// # Errors
/// `not-the-author`.
pub fn check_author(author: UserId, user: UserId) -> Result<(), Refusal> {
    if author == user {
        return Ok(());
    }
    Err(Refusal::new("not-the-author", "only who wrote a note may change it"))
}

/// Whether a child born on `birth` can have been observed on this day.
///
/// # Errors
/// `in-the-future` after today, `before-birth` before the birth.
pub(crate) fn check_observed_on(observed_on: Date, birth: Date, today: Date) -> Result<(), Refusal> {
    check_not_in_the_future(observed_on, today)?;
    check_not_before_birth(observed_on, birth)
}

/// That what is written down was not seen after today.
///
/// # Errors
/// `in-the-future`.
pub(super) fn check_not_in_the_future(observed_on: Date, today: Date) -> Result<(), Refusal> {
    if observed_on <= today {
        return Ok(());
    }
    Err(Refusal::new("in-the-future", "a child is observed today or earlier"))
}

/// That a child was born by the day on which it was observed.
///
/// # Errors
/// `before-birth`.
pub(super) fn check_not_before_birth(observed_on: Date, birth: Date) -> Result<(), Refusal> {
    if observed_on >= birth {
        return Ok(());
    }
    Err(Refusal::new("before-birth", "that day is before the child was born"))
}

/// That a note of the day `observed_on` about the child `from` can be moved to the child `to`, who was born on `birth`.
///
/// # Errors
/// `same-pupil`; `before-birth` when that child was not born yet.
pub fn may_move(observed_on: Date, from: PupilId, to: PupilId, birth: Date) -> Result<(), Refusal> {
    if from == to {
        return Err(Refusal::new("same-pupil", "the note is about this child already"));
    }
    if observed_on < birth {
        return Err(Refusal::new("before-birth", "this child was not born yet on the day of the note"));
    }
    Ok(())
}

fn refused_lines(lines: &[LineCode], framework: &FrameworkIndex) -> Vec<Refusal> {
    [too_many_lines(lines), unknown_line(lines, framework), repeated_line(lines)]
        .into_iter()
        .flatten()
        .collect()
}

pub(super) fn too_many_lines(lines: &[LineCode]) -> Option<Refusal> {
    let detail = || format!("a note is about at most {MAX_LINES} development lines");
    (lines.len() > MAX_LINES).then(|| Refusal::new("too-many", detail()))
}

pub(super) fn unknown_line(lines: &[LineCode], framework: &FrameworkIndex) -> Option<Refusal> {
    let is_unknown = lines.iter().any(|code| framework.line(code.as_str()).is_none());
    is_unknown.then(|| Refusal::new("not-in-framework", "the framework in use has no such development line"))
}

pub(super) fn repeated_line(lines: &[LineCode]) -> Option<Refusal> {
    let is_repeated = lines.iter().collect::<HashSet<_>>().len() < lines.len();
    is_repeated.then(|| Refusal::new("not-unique", "a development line is named once"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::children::framework::fixture;

    const BIRTH: Date = date(2023, 2, 28);
    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn a_note_that_is_sent_again_reads_the_same() {
        let before = note(TODAY, &["play"]);
        let tomorrow = note(date(2026, 11, 22), &["play"]);
        assert!(note(TODAY, &["play"]).repeats(&before, true) && tomorrow.repeats(&before, false));
        assert!(!tomorrow.repeats(&before, true) && !note(TODAY, &[]).repeats(&before, false));
        let other = NewNote { text: NoteText::parse("Bouwt een brug.").unwrap(), ..note(TODAY, &["play"]) };
        assert!(!other.repeats(&before, true));
    }

    fn note(observed_on: Date, lines: &[&str]) -> NewNote {
        NewNote {
            text: NoteText::parse("Bouwt een toren van acht blokken.").unwrap(),
            observed_on,
            lines: lines.iter().map(|code| LineCode::parse(code).unwrap()).collect(),
        }
    }

    fn refused(note: &NewNote) -> Vec<(String, &'static str)> {
        let outcome = note.check(BIRTH, TODAY, Ok(&fixture::index()));
        outcome.err().into_iter().flatten().map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn named(field: &str, codes: &[&'static str]) -> Vec<(String, &'static str)> {
        codes.iter().map(|code| (field.to_owned(), *code)).collect()
    }

    #[test]
    fn c027_a_note_of_any_day_of_the_childs_life_will_do() {
        for day in [BIRTH, date(2025, 1, 1), TODAY] {
            assert_eq!(refused(&note(day, &[])), []);
        }
        let refused = |day| refused(&note(day, &[]));
        assert_eq!(refused(BIRTH.yesterday().unwrap()), named("observed_on", &["before-birth"]));
        assert_eq!(refused(TODAY.tomorrow().unwrap()), named("observed_on", &["in-the-future"]));
    }

    #[test]
    fn everything_wrong_with_the_lines_is_reported_together() {
        let refused = |lines: &[&str]| refused(&note(TODAY, lines));
        assert_eq!(refused(&[]), []);
        assert_eq!(refused(&["gross-motor", "spoken-language"]), []);
        assert_eq!(refused(&["gross-motor", "gross-motor"]), named("lines", &["not-unique"]));
        assert_eq!(refused(&["gross-motor", "singing"]), named("lines", &["not-in-framework"]));
        let all = ["too-many", "not-in-framework", "not-unique"];
        assert_eq!(refused(&["singing"; 21]), named("lines", &all));
    }

    #[test]
    fn lines_that_stay_are_not_checked_again() {
        let (changed, staying) = note(TODAY, &["singing"]).changed(NoteChange::default());
        assert!(refused(&changed).is_empty());
        assert_eq!(staying.unwrap(), note(TODAY, &["singing"]).lines);
        let lines = Some(note(TODAY, &["gross-motor"]).lines);
        let (changed, staying) =
            note(TODAY, &["singing"]).changed(NoteChange { lines, ..NoteChange::default() });
        assert_eq!((changed.lines.len(), staying), (1, None));
    }

    #[test]
    fn a_note_moves_to_another_child_who_was_born_by_then() {
        let [one, other] = [1, 2].map(|number| PupilId::from_uuid(uuid::Uuid::from_u128(number)));
        let refused = |day, to| may_move(day, one, to, BIRTH).map_err(|refusal| refusal.code);
        assert_eq!(refused(BIRTH, other), Ok(()));
        assert_eq!(refused(BIRTH.yesterday().unwrap(), other), Err("before-birth"));
        assert_eq!(refused(TODAY, one), Err("same-pupil"));
    }

    #[test]
    fn only_its_author_changes_a_note() {
        let [one, other] = [1, 2].map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number)));
        assert_eq!(check_author(one, one), Ok(()));
        assert_eq!(check_author(one, other).unwrap_err().code, "not-the-author");
    }
}

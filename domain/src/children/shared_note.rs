//! One note about several children: what they did together, written down once. Each gets a note of its own, which lives by
//! itself and tells of none of the others (C116).

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::children::archive::check_active;
use crate::children::framework::FrameworkIndex;
use crate::children::goal::has_word;
use crate::children::note::{
    NewNote, check_not_before_birth, check_not_in_the_future, repeated_line, too_many_lines, unknown_line,
};
use crate::values::ids::PupilId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::NamePart;

/// How many children one note can be about: a group.
pub const MOST_PUPILS: usize = 30;

/// A child that somebody named and follows, and what a note about it is held against.
pub struct NamedChild<'a> {
    /// Its first name.
    pub first_name: NamePart,
    /// The day of its birth.
    pub birth: Date,
    /// Since when it is in the archive.
    pub archived_at: Option<Timestamp>,
    /// The framework that the lines are of, or else the reason why there is none.
    pub framework: Result<&'a FrameworkIndex, Refusal>,
}

impl NewNote {
    /// Checks a note about these children, `None` where somebody follows no such child, against today in Europe/Amsterdam. Of
    /// more than [`MOST_PUPILS`] the first are enough.
    ///
    /// The text names none of them by the first name, since everybody who reads of one child would read of the others. A line
    /// that no child has in its framework is refused where the lines are; one that only some lack, at those children.
    ///
    /// # Errors
    /// Everything that is wrong: for `pupil_ids` `empty` or `too-many`, and at one of them `repeated`, `unknown-pupil`,
    /// `archived`, `before-birth` or `not-in-framework`; for `observed_on` `in-the-future`; for `framework_id` the reason why
    /// there is none; for `lines` `too-many`, `not-in-framework` or `not-unique`; for `text` `names-pupil`.
    pub fn check_shared(
        &self,
        pupils: &[PupilId],
        children: &[Option<NamedChild<'_>>],
        today: Date,
    ) -> Result<(), FieldRefusals> {
        let mut refused = FieldRefusals::new();
        refused.check("pupil_ids", check_number(pupils.len()));
        refused.check("observed_on", check_not_in_the_future(self.observed_on, today));
        let known: Vec<_> = children.iter().flatten().collect();
        if let Some(refusal) = known.iter().find_map(|child| child.framework.as_ref().err()) {
            refused.refuse("framework_id", refusal.clone());
        }
        let lacking = |child: &NamedChild<'_>| {
            child.framework.as_ref().ok().and_then(|framework| unknown_line(&self.lines, framework))
        };
        let lacked_by_all = known
            .first()
            .and_then(|child| lacking(child))
            .filter(|_| known.iter().all(|child| lacking(child).is_some()));
        let lacked_by_some = lacked_by_all.is_none();
        let of_lines = [too_many_lines(&self.lines), lacked_by_all, repeated_line(&self.lines)];
        of_lines.into_iter().flatten().for_each(|refusal| refused.refuse("lines", refusal));
        if pupils.len() > 1 {
            refused.check("text", self.check_names_nobody(&known));
        }
        let mut named = HashSet::new();
        for (number, (pupil, child)) in pupils.iter().zip(children).enumerate() {
            let field = || format!("pupil_ids/{number}");
            let is_new = named.insert(pupil);
            match child {
                _ if !is_new => {
                    refused.refuse(field(), Refusal::new("repeated", "a child is named once"));
                }
                None => {
                    let detail = "there is no such child that you follow";
                    refused.refuse(field(), Refusal::new("unknown-pupil", detail));
                }
                Some(child) => {
                    refused.check(field(), check_active(child.archived_at));
                    refused.check(field(), check_not_before_birth(self.observed_on, child.birth));
                    if let Some(refusal) = lacking(child).filter(|_| lacked_by_some) {
                        refused.refuse(field(), refusal);
                    }
                }
            }
        }
        refused.or(())
    }

    fn check_names_nobody(&self, children: &[&NamedChild<'_>]) -> Result<(), Refusal> {
        if children.iter().any(|child| has_word(self.text.as_str(), child.first_name.as_str())) {
            let detail = "must not name one of these children: the text is in the file of each of them";
            return Err(Refusal::new("names-pupil", detail));
        }
        Ok(())
    }
}

fn check_number(pupils: usize) -> Result<(), Refusal> {
    match pupils {
        0 => Err(Refusal::new("empty", "a note is about one child at least")),
        1..=MOST_PUPILS => Ok(()),
        _ => Err(Refusal::new("too-many", format!("a note is about at most {MOST_PUPILS} children"))),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::children::framework::{LineCode, fixture};
    use crate::children::note::NoteText;

    const TODAY: Date = date(2026, 11, 21);

    fn note(text: &str, lines: &[&str]) -> NewNote {
        NewNote {
            text: NoteText::parse(text).unwrap(),
            observed_on: TODAY,
            lines: lines.iter().map(|code| LineCode::parse(code).unwrap()).collect(),
        }
    }

    fn ids(numbers: &[u128]) -> Vec<PupilId> {
        numbers.iter().map(|number| PupilId::from_uuid(Uuid::from_u128(*number))).collect()
    }

    fn child<'a>(first_name: &str, framework: &'a FrameworkIndex) -> Option<NamedChild<'a>> {
        Some(NamedChild {
            first_name: NamePart::parse(first_name).unwrap(),
            birth: date(2023, 2, 28),
            archived_at: None,
            framework: Ok(framework),
        })
    }

    fn refused(
        note: &NewNote,
        pupils: &[u128],
        children: &[Option<NamedChild<'_>>],
    ) -> Vec<(String, &'static str)> {
        let outcome = note.check_shared(&ids(pupils), children, TODAY);
        outcome.err().into_iter().flatten().map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn named(refusals: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        refusals.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    }

    #[test]
    fn c027_one_note_is_about_several_children_who_were_there() {
        let framework = fixture::index();
        let together = note("Bouwden samen een toren.", &["gross-motor"]);
        let both = || [child("Noor", &framework), child("Sem", &framework)];
        assert_eq!(refused(&together, &[1, 2], &both()), []);
        let [one, mut unborn] = both();
        unborn.as_mut().unwrap().birth = TODAY;
        let yesterday = NewNote { observed_on: TODAY.yesterday().unwrap(), ..together.clone() };
        assert_eq!(refused(&yesterday, &[1, 2], &[one, unborn]), named(&[("pupil_ids/1", "before-birth")]));
        let tomorrow = NewNote { observed_on: TODAY.tomorrow().unwrap(), ..together };
        assert_eq!(refused(&tomorrow, &[1, 2], &both()), named(&[("observed_on", "in-the-future")]));
    }

    #[test]
    fn everything_wrong_with_the_children_is_told_at_each_of_them() {
        let framework = fixture::index();
        let together = note("Bouwden samen een toren.", &[]);
        let mut archived = child("Sem", &framework);
        archived.as_mut().unwrap().archived_at = Some(Timestamp::UNIX_EPOCH);
        let children = [child("Noor", &framework), None, child("Noor", &framework), archived];
        assert_eq!(
            refused(&together, &[1, 2, 1, 3], &children),
            named(&[
                ("pupil_ids/1", "unknown-pupil"),
                ("pupil_ids/2", "repeated"),
                ("pupil_ids/3", "archived"),
            ])
        );
        assert_eq!(refused(&together, &[], &[]), named(&[("pupil_ids", "empty")]));
        let many: Vec<_> = (0..31).collect();
        let first: Vec<_> = (0..30).map(|_| child("Noor", &framework)).collect();
        assert_eq!(refused(&together, &many, &first), named(&[("pupil_ids", "too-many")]));
    }

    #[test]
    fn a_line_that_only_some_have_is_refused_at_the_others() {
        let (framework, empty) = (fixture::index(), FrameworkIndex::default());
        let together = note("Klommen op het rek.", &["gross-motor"]);
        let mixed = [child("Noor", &framework), child("Sem", &empty)];
        assert_eq!(refused(&together, &[1, 2], &mixed), named(&[("pupil_ids/1", "not-in-framework")]));
        let nowhere = [child("Noor", &empty), child("Sem", &empty)];
        assert_eq!(refused(&together, &[1, 2], &nowhere), named(&[("lines", "not-in-framework")]));
        let twice = note("Klommen op het rek.", &["gross-motor", "gross-motor"]);
        assert_eq!(
            refused(&twice, &[1], &[None]),
            named(&[("lines", "not-unique"), ("pupil_ids/0", "unknown-pupil")])
        );
        let mut nothing = child("Noor", &framework);
        nothing.as_mut().unwrap().framework = Err(Refusal::new("not-published", "there is none"));
        assert_eq!(refused(&together, &[1], &[nothing]), named(&[("framework_id", "not-published")]));
    }

    #[test]
    fn c116_what_several_children_did_names_none_of_them() {
        let framework = fixture::index();
        let both = || [child("Noor", &framework), child("Sem", &framework)];
        let says = |text| refused(&note(text, &[]), &[1, 2], &both());
        assert_eq!(says("Bouwde met Sem een toren."), named(&[("text", "names-pupil")]));
        assert_eq!(says("Bouwde met Semih een toren."), []);
        let [one, _] = both();
        assert_eq!(refused(&note("Noor telt.", &[]), &[1], &[one]), []);
    }
}

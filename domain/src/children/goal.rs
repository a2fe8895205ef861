//! What a group works towards on one development line in one period, for whom, and what is offered for it (C142).

use std::collections::HashSet;

use jiff::civil::Date;

use crate::children::framework::{FrameworkIndex, LineCode};
use crate::values::calendar::SchoolYear;
use crate::values::ids::PupilId;
use crate::values::person::PersonName;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::bounded_text;

bounded_text! {
    /// What a group works towards, or what it was offered, in lines. It tells of the group: it is not under the key of any
    /// child, so it names none.
    GoalText(1_000, Allowed)
}

/// How many children one goal is meant for at most.
pub const MOST_PUPILS: usize = 100;

/// How many times something is offered for one goal at most: each school day of a year.
pub const MOST_OFFERS: usize = 200;

/// What a group works towards.
#[derive(Clone, PartialEq, Eq)]
pub struct GoalFields {
    /// The development line.
    pub line: LineCode,
    /// The first day on which it is worked on, in Europe/Amsterdam.
    pub first_day: Date,
    /// The last day on which it is.
    pub last_day: Date,
    /// What is worked towards.
    pub text: GoalText,
    /// The children it is meant for.
    pub pupils: Vec<PupilId>,
}

/// A child of the group in the period of a goal.
pub struct GroupMember {
    /// The child.
    pub pupil: PupilId,
    /// Its name.
    pub name: PersonName,
    /// The day of its birth.
    pub birth: Date,
    /// Whether it is in the archive.
    pub is_archived: bool,
    /// Whether it is within the caller's reach.
    pub is_reached: bool,
}

/// What a goal is held against.
pub struct Grounds<'a> {
    /// The school year of the group.
    pub school_year: SchoolYear,
    /// The published framework that the line is of, or else the reason why there is none.
    pub framework: Result<&'a FrameworkIndex, Refusal>,
    /// The children who are in the group on a day of the period at least, within reach or not.
    pub members: &'a [GroupMember],
    /// The goal as it is, when it is changed.
    pub before: Option<&'a GoalFields>,
}

impl GoalFields {
    /// Whether the period has a day.
    pub fn has_a_period(&self) -> bool {
        self.first_day <= self.last_day
    }

    /// Checks a goal. A text that stays is not checked again, nor are the children while they and the period stay: the group
    /// may have changed since.
    ///
    /// # Errors
    /// Everything that is wrong: for `framework_id` the reason why there is none; for `line` `not-in-framework`; for
    /// `first_day` and `last_day` `outside-school-year`, for `last_day` `before-start`; for `text` what
    /// [`check_names_nobody`] refuses; for `pupil_ids` `empty` or `too-many`, and at one of them `repeated` or
    /// `not-in-the-group`.
    pub fn check(&self, grounds: &Grounds<'_>) -> Result<(), FieldRefusals> {
        let mut refused = FieldRefusals::new();
        match &grounds.framework {
            Err(refusal) => refused.refuse("framework_id", refusal.clone()),
            Ok(framework) if framework.line(self.line.as_str()).is_none() => refused.refuse(
                "line",
                Refusal::new("not-in-framework", "the framework has no such development line"),
            ),
            Ok(_) => {}
        }
        for (field, day) in [("first_day", self.first_day), ("last_day", self.last_day)] {
            if !grounds.school_year.contains(day) {
                let detail = format!("the group is of the school year {}", grounds.school_year);
                refused.refuse(field, Refusal::new("outside-school-year", detail));
            }
        }
        if !self.has_a_period() {
            refused.refuse("last_day", Refusal::new("before-start", "must be the first day or a later one"));
        }
        if grounds.before.is_none_or(|before| before.text != self.text) {
            refused.check("text", check_names_nobody(&self.text, grounds.members));
        }
        let same_period =
            |before: &Self| before.first_day == self.first_day && before.last_day == self.last_day;
        if grounds.before.is_none_or(|before| before.pupils != self.pupils || !same_period(before)) {
            self.check_pupils(grounds.members, grounds.before, &mut refused);
        }
        refused.or(())
    }

    fn check_pupils(&self, members: &[GroupMember], before: Option<&Self>, refused: &mut FieldRefusals) {
        if self.pupils.is_empty() {
            refused.refuse("pupil_ids", Refusal::new("empty", "a goal is meant for one child at least"));
        }
        refused.check("pupil_ids", check_number(self.pupils.len()));
        let may_be_meant = |member: &&GroupMember| {
            let was_meant = before.is_some_and(|before| before.pupils.contains(&member.pupil));
            member.is_reached && (was_meant || !member.is_archived)
        };
        let members: HashSet<_> = members.iter().filter(may_be_meant).map(|member| member.pupil).collect();
        let mut named = HashSet::new();
        for (number, pupil) in self.pupils.iter().enumerate() {
            let field = || format!("pupil_ids/{number}");
            if !named.insert(pupil) {
                refused.refuse(field(), Refusal::new("repeated", "a child is named once"));
            } else if self.has_a_period() && !members.contains(pupil) {
                let detail = "must be a child who is in the group on a day of the period";
                refused.refuse(field(), Refusal::new("not-in-the-group", detail));
            }
        }
    }
}

/// That a goal is meant for so many children.
///
/// # Errors
/// `too-many`.
pub fn check_number(pupils: usize) -> Result<(), Refusal> {
    if pupils <= MOST_PUPILS {
        return Ok(());
    }
    Err(Refusal::new(
        "too-many",
        format!("a goal is meant for at most {MOST_PUPILS} children, whoever sees them"),
    ))
}

/// That a text about a group has the first name of none of its children in it, as a word of its own and spelled as the name
/// is. It is there for what is written by habit: who means to name a child can do it in other words.
///
/// # Errors
/// `names-pupil`.
pub fn check_names_nobody(text: &GoalText, members: &[GroupMember]) -> Result<(), Refusal> {
    if members.iter().any(|member| has_word(text.as_str(), member.name.first.as_str())) {
        let detail =
            "must not name a child of the group: what is about one child is written in a note about it";
        return Err(Refusal::new("names-pupil", detail));
    }
    Ok(())
}

/// Whether a text has this word, on its own and spelled like this.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(start + found.len()..).and_then(|after| after.chars().next());
        [before, after].into_iter().flatten().all(|beside| !beside.is_alphanumeric())
    })
}

/// Checks what was offered on a day for a goal with this period, before and with `today`.
///
/// # Errors
/// For `offered_on` `in-the-future`, `before-start` or `after-end`; for `text` what [`check_names_nobody`] refuses.
pub fn check_offer(
    offered_on: Date,
    text: &GoalText,
    goal: &GoalFields,
    members: &[GroupMember],
    today: Date,
) -> Result<(), FieldRefusals> {
    let mut refused = FieldRefusals::new();
    if offered_on > today {
        refused.refuse(
            "offered_on",
            Refusal::new("in-the-future", "what was offered was offered today or earlier"),
        );
    }
    if offered_on < goal.first_day {
        refused.refuse("offered_on", Refusal::new("before-start", "that day is before the goal's first one"));
    }
    if offered_on > goal.last_day {
        refused.refuse("offered_on", Refusal::new("after-end", "that day is after the goal's last one"));
    }
    refused.check("text", check_names_nobody(text, members));
    refused.or(())
}

/// That one more can be added to so many offers.
///
/// # Errors
/// `too-many`.
pub fn check_room(offers: usize) -> Result<(), Refusal> {
    if offers < MOST_OFFERS {
        return Ok(());
    }
    Err(Refusal::new("too-many", format!("a goal has at most {MOST_OFFERS} offers: make another goal")))
}

/// The children that a goal is meant for once those whom somebody sees, `seen`, became `wanted`: those whom she does not see
/// stay.
pub fn meant_for(before: &[PupilId], seen: &HashSet<PupilId>, wanted: &[PupilId]) -> Vec<PupilId> {
    let staying = before.iter().filter(|pupil| !seen.contains(pupil) && !wanted.contains(pupil));
    wanted.iter().chain(staying).copied().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::children::framework::fixture;
    use crate::values::text::NamePart;

    fn pupil(number: u128) -> PupilId {
        PupilId::from_uuid(Uuid::from_u128(number))
    }

    fn member(number: u128, first: &str) -> GroupMember {
        let name = PersonName {
            first: NamePart::parse(first).unwrap(),
            infix: None,
            last: NamePart::parse("Voorbeeld").unwrap(),
        };
        GroupMember {
            is_archived: false,
            is_reached: true,
            pupil: pupil(number),
            name,
            birth: date(2022, 5, 4),
        }
    }

    fn goal() -> GoalFields {
        GoalFields {
            line: LineCode::parse("spoken-language").unwrap(),
            first_day: date(2026, 9, 1),
            last_day: date(2026, 12, 18),
            text: GoalText::parse("Een verhaal navertellen.").unwrap(),
            pupils: vec![pupil(1)],
        }
    }

    fn refused(goal: &GoalFields) -> Vec<(String, &'static str)> {
        refused_of_change(None, goal)
    }

    fn refused_of_change(before: Option<&GoalFields>, goal: &GoalFields) -> Vec<(String, &'static str)> {
        let framework = fixture::index();
        let members = [member(1, "Noor"), member(2, "Daan")];
        let grounds = Grounds {
            school_year: SchoolYear::parse("2026-2027").unwrap(),
            framework: Ok(&framework),
            members: &members,
            before,
        };
        let refused = goal.check(&grounds).err().into_iter().flatten();
        refused.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn named(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        pairs.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
    }

    #[test]
    fn a_goal_is_of_the_groups_year_for_its_children_on_a_line() {
        assert_eq!(refused(&goal()), []);
        let one_day = GoalFields { last_day: goal().first_day, ..goal() };
        assert_eq!(refused(&one_day), []);
    }

    #[test]
    fn c142_everything_wrong_with_a_goal_is_told_together() {
        let wrong = GoalFields {
            line: LineCode::parse("singing").unwrap(),
            first_day: date(2026, 7, 31),
            last_day: date(2027, 8, 1),
            text: GoalText::parse("Ook Daan vertelt.").unwrap(),
            pupils: vec![pupil(1), pupil(1), pupil(7)],
        };
        assert_eq!(
            refused(&wrong),
            named(&[
                ("line", "not-in-framework"),
                ("first_day", "outside-school-year"),
                ("last_day", "outside-school-year"),
                ("text", "names-pupil"),
                ("pupil_ids/1", "repeated"),
                ("pupil_ids/2", "not-in-the-group"),
            ])
        );
        let reversed = GoalFields { last_day: date(2026, 8, 31), pupils: vec![pupil(7)], ..goal() };
        assert_eq!(refused(&reversed), named(&[("last_day", "before-start")]));
        let nobody = GoalFields { pupils: Vec::new(), ..goal() };
        assert_eq!(refused(&nobody), named(&[("pupil_ids", "empty")]));
    }

    #[test]
    fn what_stays_of_a_goal_is_not_checked_again() {
        let text = GoalText::parse("Ook Daan vertelt.").unwrap();
        let before = GoalFields { text, pupils: vec![pupil(7)], ..goal() };
        let change = |goal| refused_of_change(Some(&before), &goal);
        assert_eq!(change(before.clone()), []);
        assert_eq!(change(GoalFields { text: goal().text, ..before.clone() }), []);
        assert_eq!(change(GoalFields { pupils: vec![pupil(1)], ..before.clone() }), []);
        let shorter = GoalFields { last_day: date(2026, 10, 1), ..before.clone() };
        assert_eq!(change(shorter), named(&[("pupil_ids/0", "not-in-the-group")]));
        let other = GoalFields { text: GoalText::parse("Daan telt.").unwrap(), ..before.clone() };
        assert_eq!(change(other), named(&[("text", "names-pupil")]));
    }

    #[test]
    fn a_text_names_no_child_of_the_group() {
        let members = [member(1, "Noor"), member(2, "Jan Willem")];
        let is_refused = |text| check_names_nobody(&GoalText::parse(text).unwrap(), &members).is_err();
        for text in ["Noor", "samen met Noor.", "Noor's toren", "(Jan Willem)", "x\nNoor"] {
            assert!(is_refused(text), "{text}");
        }
        for text in ["noorderlicht", "Noordzee", "noor", "ANoor", "Jan en Willem"] {
            assert!(!is_refused(text), "{text}");
        }
    }

    #[test]
    fn an_offer_is_of_a_day_of_the_goal_that_has_come() {
        let text = GoalText::parse("Verteltafel.").unwrap();
        let codes = |day| {
            let refused = check_offer(day, &text, &goal(), &[], date(2026, 10, 1)).err();
            refused.into_iter().flatten().map(|(_, refusal)| refusal.code).collect::<Vec<_>>()
        };
        assert!(codes(date(2026, 9, 1)).is_empty() && codes(date(2026, 10, 1)).is_empty());
        assert_eq!(codes(date(2026, 8, 31)), ["before-start"]);
        assert_eq!(codes(date(2026, 10, 2)), ["in-the-future"]);
        assert_eq!(codes(date(2027, 1, 1)), ["in-the-future", "after-end"]);
        assert!(check_room(MOST_OFFERS - 1).is_ok());
        assert_eq!(check_room(MOST_OFFERS).unwrap_err().code, "too-many");
    }

    #[test]
    fn children_whom_somebody_does_not_see_stay_in_a_goal() {
        let seen = HashSet::from([pupil(1), pupil(2)]);
        let before = [pupil(1), pupil(2), pupil(3)];
        assert_eq!(meant_for(&before, &seen, &[pupil(2), pupil(4)]), [pupil(2), pupil(4), pupil(3)]);
    }
}

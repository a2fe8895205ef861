//! August in one act: which groups there are in the next school year, and which children go to which. It is made as a whole
//! or not at all, and undone as a whole for a week (C023, C029, C141).

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::children::archive::check_active;
use crate::children::group::NewGroup;
use crate::children::placement::{MONTHS_AHEAD, Placement};
use crate::children::pupil::YearLevel;
use crate::values::calendar::{SchoolYear, days_later};
use crate::values::ids::GroupId;
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::Label;

/// How many groups one act makes at most.
pub const MOST_GROUPS: usize = 100;
/// How many moves one act has at most.
pub const MOST_MOVES: usize = 500;
/// How many days it can be undone.
pub const DAYS_TO_UNDO: i32 = 7;

/// What an administrator arranges for the next school year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The day from which the children are in their next groups.
    pub first_day: Date,
    /// The groups that are made, all of the school year that holds that day.
    pub groups: Vec<NewGroup>,
    /// Who goes where.
    pub moves: Vec<Move>,
}

/// That the children of a group go to another one, all or those of some year levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The group that they are in until then.
    pub from_group: GroupId,
    /// The year levels of those who go; `None` for everybody, also a child without one.
    pub year_levels: Option<Vec<YearLevel>>,
    /// The group that is there already to which they go.
    pub to_group: Option<GroupId>,
    /// The new group to which they go: its place among them, counted from 0.
    pub to_new_group: Option<usize>,
    /// The year level that they are in from now on; `None` when it stays.
    pub year_level: Option<YearLevel>,
}

/// What is known of a group that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownGroup {
    /// The school year that it exists in.
    pub school_year: SchoolYear,
    /// Since when it is in the archive.
    pub archived_at: Option<Timestamp>,
}

/// What one move came to, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeMove {
    /// The group that the children were in until then.
    pub from_group: GroupId,
    /// The year levels of those who went; `None` for everybody.
    pub year_levels: Option<Vec<YearLevel>>,
    /// The group to which they went.
    pub to_group: GroupId,
    /// The year level that they got.
    pub year_level: Option<YearLevel>,
    /// How many they were.
    pub placed: u32,
}

/// What the act came to, as it is kept. It names no child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The groups that were made, in the order in which they were given.
    pub groups: Vec<GroupId>,
    /// The moves, in that order too.
    pub moves: Vec<MadeMove>,
    /// How many children of the groups before stayed behind, because no move takes them.
    pub not_moved: u32,
}

impl Move {
    /// Whether a child of the group with this year level goes along.
    pub fn takes(&self, level: Option<YearLevel>) -> bool {
        match &self.year_levels {
            None => true,
            Some(levels) => level.is_some_and(|level| levels.contains(&level)),
        }
    }

    /// The year level that its children had before they got another one.
    fn only_level(&self) -> Option<YearLevel> {
        match self.year_levels.as_deref() {
            Some([level]) => Some(*level),
            _ => None,
        }
    }

    fn shares_children_with(&self, other: &Self) -> bool {
        self.from_group == other.from_group
            && match (&self.year_levels, &other.year_levels) {
                (Some(own), Some(others)) => own.iter().any(|level| others.contains(level)),
                _ => true,
            }
    }

    /// What is wrong with it by itself, in an act with this first day and so many new groups.
    fn check(
        &self,
        first_day: Date,
        new_groups: usize,
        known: &HashMap<GroupId, KnownGroup>,
        today: Date,
    ) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        refusals.check("from_group_id", known_group(known, self.from_group));
        match (self.to_group, self.to_new_group) {
            (None, None) => {
                let detail = "must say to which group: toGroupId or toNewGroup";
                refusals.refuse("to_group_id", Refusal::new("only-one", detail));
            }
            (Some(_), Some(_)) => {
                let detail = "children go to one group: toGroupId or toNewGroup";
                refusals.refuse("to_new_group", Refusal::new("only-one", detail));
            }
            (Some(to), None) => refusals.check("to_group_id", self.check_destination(to, first_day, known)),
            (None, Some(index)) if index >= new_groups => {
                let detail = "must be the place of one of the new groups, counted from 0";
                refusals.refuse("to_new_group", Refusal::new("out-of-range", detail));
            }
            (None, Some(_)) => {}
        }
        if let Some(levels) = &self.year_levels {
            refusals.check("year_levels", check_levels(levels));
        }
        if self.year_level.is_some() {
            refusals.check("year_level", self.check_year_level(first_day, today));
        }
        refusals.or(())
    }

    fn check_destination(
        &self,
        to: GroupId,
        first_day: Date,
        known: &HashMap<GroupId, KnownGroup>,
    ) -> Result<(), Refusal> {
        if to == self.from_group {
            return Err(Refusal::new("same-group", "the children are in this group already"));
        }
        let group = known_group(known, to)?;
        if !group.school_year.contains(first_day) {
            let detail = format!(
                "the group is of the school year {}, which does not hold the first day",
                group.school_year
            );
            return Err(Refusal::new("outside-school-year", detail));
        }
        Ok(())
    }

    fn check_year_level(&self, first_day: Date, today: Date) -> Result<(), Refusal> {
        if first_day > today {
            let detail = "a year level holds at once: it is given on the first day itself";
            return Err(Refusal::new("in-the-future", detail));
        }
        if self.only_level().is_none() {
            let detail = "another year level is for the children of exactly one of yearLevels";
            return Err(Refusal::new("only-one", detail));
        }
        Ok(())
    }
}

impl Transition {
    /// The school year that its groups are of.
    pub fn school_year(&self) -> SchoolYear {
        SchoolYear::containing(self.first_day)
    }

    /// Checks what is wanted, before anything is asked about a child, against the groups that are there. All dates are days in
    /// Amsterdam; `today` is the present one.
    ///
    /// # Errors
    /// Everything that is wrong. For `first_day` `in-the-past` or `too-far-ahead`; for `groups` `too-many`, and for the name
    /// of one `repeated`; for `moves` `empty` or `too-many`, and `overlaps` for one that takes children whom one before it
    /// takes too. Inside of a move, for `from_group_id` `unknown-group` or `archived`; for `to_group_id` these, `only-one`,
    /// `same-group` or `outside-school-year`; for `to_new_group` `only-one` or `out-of-range`; for `year_levels` `empty` or
    /// `repeated`; for `year_level` `in-the-future` or `only-one`.
    pub fn check(&self, known: &HashMap<GroupId, KnownGroup>, today: Date) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        refusals.check("first_day", check_first_day(self.first_day, today));
        refusals.check("groups", check_count(self.groups.len(), MOST_GROUPS));
        let mut named = HashSet::new();
        for (index, group) in self.groups.iter().enumerate().take(MOST_GROUPS) {
            let place = (group.name.as_str(), group.location.as_ref().map(Label::as_str));
            if !named.insert((place, group.location_id)) {
                let detail = "another of the new groups has this name at the same location";
                refusals.refuse(format!("groups/{index}/name"), Refusal::new("repeated", detail));
            }
        }
        if self.moves.is_empty() {
            refusals.refuse("moves", Refusal::new("empty", "must say of a group at least who goes where"));
        }
        refusals.check("moves", check_count(self.moves.len(), MOST_MOVES));
        for (index, one) in self.moves.iter().enumerate().take(MOST_MOVES) {
            let field = format!("moves/{index}");
            let checked = one.check(self.first_day, self.groups.len(), known, today);
            refusals.extend(checked.map_err(|inner| inner.inside(&field)));
            let earlier = self.moves.iter().take(index).position(|other| one.shares_children_with(other));
            if let Some(other) = earlier {
                let detail = format!("move {other}, counted from 0, takes the same children or some of them");
                refusals.refuse(field, Refusal::new("overlaps", detail));
            }
        }
        refusals.or(())
    }
}

impl MadeMove {
    /// The year level that its children get back when it is undone, and the one that they had got.
    pub fn raised(&self) -> Option<(YearLevel, YearLevel)> {
        match (self.year_levels.as_deref(), self.year_level) {
            (Some([before]), Some(since)) => Some((*before, since)),
            _ => None,
        }
    }
}

fn known_group(known: &HashMap<GroupId, KnownGroup>, id: GroupId) -> Result<KnownGroup, Refusal> {
    let group = known.get(&id).ok_or_else(|| Refusal::new("unknown-group", "there is no such group"))?;
    check_active(group.archived_at)?;
    Ok(*group)
}

fn check_first_day(first_day: Date, today: Date) -> Result<(), Refusal> {
    if first_day < today {
        return Err(Refusal::new("in-the-past", "must be today or later"));
    }
    if first_day > today.saturating_add(MONTHS_AHEAD.months()) {
        let detail = format!("a school year is arranged at most {MONTHS_AHEAD} months ahead");
        return Err(Refusal::new("too-far-ahead", detail));
    }
    Ok(())
}

fn check_count(count: usize, most: usize) -> Result<(), Refusal> {
    if count > most {
        return Err(Refusal::new("too-many", format!("must be at most {most}")));
    }
    Ok(())
}

fn check_levels(levels: &[YearLevel]) -> Result<(), Refusal> {
    if levels.is_empty() {
        return Err(Refusal::new("empty", "must name a year level, or be left out for everybody"));
    }
    let different: HashSet<_> = levels.iter().collect();
    if different.len() < levels.len() {
        return Err(Refusal::new("repeated", "a year level is named once"));
    }
    Ok(())
}

/// Until when an act that was made at that moment can be undone.
pub fn undoable_until(made_at: Timestamp) -> Timestamp {
    days_later(made_at, DAYS_TO_UNDO)
}

/// That an act may be undone now.
///
/// # Errors
/// `already-undone`, `undo-too-late`.
pub fn check_undo(made_at: Timestamp, is_undone: bool, now: Timestamp) -> Result<(), Refusal> {
    if is_undone {
        return Err(Refusal::new("already-undone", "it was undone already"));
    }
    if now > undoable_until(made_at) {
        let detail = format!("it is undone within {DAYS_TO_UNDO} days: put the placements right one by one");
        return Err(Refusal::new("undo-too-late", detail));
    }
    Ok(())
}

/// That a placement stands among the child's placements as the act made it, whatever was done to it and taken back since,
/// and that the one in `from_group` lasts until it.
///
/// # Errors
/// `changed-since`.
pub fn check_stands(
    history: &[Placement],
    present: &Placement,
    made: &Placement,
    from_group: GroupId,
) -> Result<(), Refusal> {
    let before = |other: &Placement| other.group == from_group && other.ended_on == Some(made.placed_on);
    if present == made && history.iter().any(before) { Ok(()) } else { Err(changed_since()) }
}

/// The refusal to undo what is not any more as it was made.
pub fn changed_since() -> Refusal {
    let detail = "a placement was changed or taken away since: put the others right one by one";
    Refusal::new("changed-since", detail)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    const TODAY: Date = date(2027, 6, 20);
    const AUGUST: Date = date(2027, 8, 1);

    fn group(number: u128) -> GroupId {
        GroupId::from_uuid(Uuid::from_u128(number))
    }

    /// Groups 1 and 2 are of this year, 3 of the next one, and 4 of the next one in the archive.
    fn known() -> HashMap<GroupId, KnownGroup> {
        let [this, next] = [TODAY, AUGUST].map(SchoolYear::containing);
        let groups = [(1, this, None), (2, this, None), (3, next, None), (4, next, Some(Timestamp::MIN))];
        let known =
            |(number, school_year, archived_at)| (group(number), KnownGroup { school_year, archived_at });
        groups.map(known).into()
    }

    fn new_group(name: &str) -> NewGroup {
        NewGroup {
            name: Label::parse(name).unwrap(),
            school_year: SchoolYear::containing(AUGUST),
            location: None,
            location_id: None,
        }
    }

    fn to_new(from: u128, levels: Option<&[YearLevel]>) -> Move {
        Move {
            from_group: group(from),
            year_levels: levels.map(<[YearLevel]>::to_vec),
            to_group: None,
            to_new_group: Some(0),
            year_level: None,
        }
    }

    fn refused(transition: &Transition, today: Date) -> Vec<(String, &'static str)> {
        let refusals = transition.check(&known(), today).err().into_iter().flatten();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn of(moves: Vec<Move>) -> Transition {
        Transition { first_day: AUGUST, groups: vec![new_group("2 A")], moves }
    }

    #[test]
    fn a_combined_group_is_told_apart_by_year_level() {
        let [one, two] = [YearLevel::One, YearLevel::Two];
        let split = of(vec![to_new(1, Some(&[one])), to_new(1, Some(&[two]))]);
        assert_eq!(refused(&split, TODAY), []);
        assert!(split.moves[0].takes(Some(one)) && !split.moves[0].takes(Some(two)));
        assert!(!split.moves[0].takes(None) && to_new(1, None).takes(None));
        let twice = of(vec![to_new(1, Some(&[one, two])), to_new(1, Some(&[two])), to_new(2, None)]);
        assert_eq!(refused(&twice, TODAY), [("moves/1".to_owned(), "overlaps")]);
    }

    #[test]
    fn a_year_level_is_given_on_the_first_day_to_those_of_one_level() {
        let raise = |levels: Option<&[YearLevel]>| {
            of(vec![Move { year_level: Some(YearLevel::Two), ..to_new(1, levels) }])
        };
        let field = || "moves/0/year_level".to_owned();
        assert_eq!(refused(&raise(Some(&[YearLevel::One])), TODAY), [(field(), "in-the-future")]);
        assert_eq!(refused(&raise(Some(&[YearLevel::One])), AUGUST), []);
        assert_eq!(refused(&raise(None), AUGUST), [(field(), "only-one")]);
    }

    #[test]
    fn a_destination_is_one_group_of_the_next_year() {
        let to = |to_group: Option<u128>, to_new_group| {
            let wanted = Move { to_group: to_group.map(group), to_new_group, ..to_new(1, None) };
            refused(&of(vec![wanted]), TODAY).into_iter().next()
        };
        let refused = |field: &str, code| Some((format!("moves/0/{field}"), code));
        assert_eq!(to(Some(3), None), None);
        assert_eq!(to(None, None), refused("to_group_id", "only-one"));
        assert_eq!(to(Some(3), Some(0)), refused("to_new_group", "only-one"));
        assert_eq!(to(None, Some(1)), refused("to_new_group", "out-of-range"));
        assert_eq!(to(Some(1), None), refused("to_group_id", "same-group"));
        assert_eq!(to(Some(2), None), refused("to_group_id", "outside-school-year"));
        assert_eq!(to(Some(4), None), refused("to_group_id", "archived"));
        assert_eq!(to(Some(9), None), refused("to_group_id", "unknown-group"));
    }

    #[test]
    fn the_first_day_is_today_or_later_and_within_a_year() {
        let on = |first_day| refused(&Transition { first_day, ..of(vec![to_new(1, None)]) }, TODAY);
        assert_eq!(on(TODAY), []);
        assert_eq!(on(date(2027, 6, 19)), [("first_day".to_owned(), "in-the-past")]);
        assert_eq!(on(date(2028, 6, 20)), []);
        assert_eq!(on(date(2028, 6, 21)), [("first_day".to_owned(), "too-far-ahead")]);
    }

    #[test]
    fn it_is_undone_for_a_week() {
        let made: Timestamp = "2027-06-20T10:00:00Z".parse().unwrap();
        let code = |undone, now: &str| {
            check_undo(made, undone, now.parse().unwrap()).map_err(|refusal| refusal.code)
        };
        assert_eq!(code(false, "2027-06-27T10:00:00Z"), Ok(()));
        assert_eq!(code(false, "2027-06-27T10:00:01Z"), Err("undo-too-late"));
        assert_eq!(code(true, "2027-06-21T10:00:00Z"), Err("already-undone"));
    }

    #[test]
    fn what_was_changed_since_does_not_stand() {
        let lasts = |number, placed_on, ended_on| Placement { group: group(number), placed_on, ended_on };
        let made = lasts(3, AUGUST, None);
        let earlier = lasts(1, date(2026, 8, 1), Some(AUGUST));
        let stands = |history: &[Placement], present| {
            check_stands(history, &present, &made, group(1)).map_err(|refusal| refusal.code)
        };
        assert_eq!(stands(&[earlier, made], made), Ok(()));
        let shorter = lasts(3, AUGUST, Some(date(2027, 9, 1)));
        assert_eq!(stands(&[earlier, shorter], shorter), Err("changed-since"));
        assert_eq!(stands(&[made], made), Err("changed-since"));
    }
}

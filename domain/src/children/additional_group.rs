//! The groups that a child is in beside its main one, such as a playgroup of VVE or a plus class, with the day-parts there
//! (C023).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::children::placement::{MONTHS_AHEAD, Placement, first_day_gone};
use crate::children::pupil::MAX_DAY_PARTS;
use crate::values::calendar::SchoolYear;
use crate::values::ids::GroupId;
use crate::values::refusal::{FieldRefusals, Refusal};

/// In how many groups beside its main one a child is at once, at most.
pub const MOST_AT_ONCE: usize = 3;

/// A child's stay in a group beside its main one. It ends with the school year of the group at the latest. All dates are days
/// in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdditionalGroup {
    /// The group.
    pub group: GroupId,
    /// The first day in the group.
    pub placed_on: Date,
    /// The first day no longer in the group.
    pub ended_on: Date,
    /// When it would have ended if the child did not leave; `None` when that ends nothing.
    pub ended_on_otherwise: Option<Date>,
    /// How many day-parts a week the child is there, if that is known.
    pub day_parts_per_week: Option<u8>,
}

impl AdditionalGroup {
    /// Whether the child is in the group on `date`.
    pub fn covers(&self, date: Date) -> bool {
        self.placed_on <= date && date < self.ended_on
    }

    /// Whether it lasts a day at least: one that a departure overtook does not.
    pub fn lasts(&self) -> bool {
        self.covers(self.placed_on)
    }

    /// Whether the child is in it on a day of a placement in the same group.
    pub fn is_doubled_by(&self, placement: &Placement) -> bool {
        self.lasts()
            && placement.lasts()
            && self.group == placement.group
            && placement.placed_on < self.ended_on
            && placement.ended_on.is_none_or(|ended_on| self.placed_on < ended_on)
    }

    fn meets(&self, other: &Self) -> bool {
        self.placed_on < other.ended_on && other.placed_on < self.ended_on
    }
}

/// What a stay beside the main group is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// In which group.
    pub group: GroupId,
    /// The school year of that group.
    pub school_year: SchoolYear,
    /// From which day.
    pub placed_on: Date,
    /// The first day no longer in the group; `None` for as long as the school year and the child's stay at the institution.
    pub ended_on: Option<Date>,
    /// How many day-parts a week.
    pub day_parts_per_week: Option<u8>,
}

/// What is known of the child. All dates are days in Amsterdam.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The day of its birth.
    pub birth: Date,
    /// The last day at the institution, if it leaves or left.
    pub last_day: Option<Date>,
    /// In which main groups it is and was.
    pub placements: &'a [Placement],
    /// How many day-parts a week it is in its main group, if that is known.
    pub day_parts_per_week: Option<u8>,
    /// In which groups it is and was besides; the one that is changed is not among them.
    pub others: &'a [AdditionalGroup],
    /// The present day.
    pub today: Date,
}

/// Puts a child into a group beside its main one, which has to be known from the first day on.
///
/// # Errors
/// Everything that is wrong: for `group_id` `same-group` (its main group on one of these days, or one that it is in besides),
/// `too-many` (more than three at once); for `placed_on` `before-birth`, `too-far-ahead` (more than 12 months),
/// `outside-school-year`, `after-end` (the child is gone), `not-in-a-group` (it is in no main group on that day); and what
/// [`change`] refuses.
pub fn add(wanted: &Wanted, known: &Circumstances<'_>) -> Result<AdditionalGroup, FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    refusals.check("placed_on", check_first_day(wanted, known));
    let added = settle(wanted, known);
    if is_there_already(&added, known) {
        let detail = "the child is in this group on one of these days already";
        refusals.refuse("group_id", Refusal::new("same-group", detail));
    }
    refusals.check("group_id", check_number(&added, known.others));
    check_rest(&added, wanted, known, &mut refusals);
    refusals.or(added)
}

/// Changes until when a stay beside the main group lasts, or the day-parts there.
///
/// # Errors
/// Everything that is wrong: for `ended_on` `before-start` (it would last no day), `outside-school-year`, `after-end` (the child
/// leaves before), `not-in-a-group` (it is in no main group by then), `same-group` (it is in the same group again by then),
/// `too-many` (it would be in more than three at once); for `day_parts_per_week` `out-of-range` (none, or more than a week has),
/// `too-many` (with those in its other groups more than a week has).
pub fn change(wanted: &Wanted, known: &Circumstances<'_>) -> Result<AdditionalGroup, FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    let changed = settle(wanted, known);
    if is_there_already(&changed, known) {
        let detail = "the child is in this group by then in another way";
        refusals.refuse("ended_on", Refusal::new("same-group", detail));
    }
    refusals.check("ended_on", check_number(&changed, known.others));
    check_rest(&changed, wanted, known, &mut refusals);
    refusals.or(changed)
}

/// What becomes of the stays beside the main group when a child leaves: each that lasts longer, and what it is since. One that
/// was planned for later lasts no day at all.
pub fn depart(beside: &[AdditionalGroup], last_day: Date) -> Vec<(AdditionalGroup, AdditionalGroup)> {
    let gone = first_day_gone(last_day);
    let longer = beside.iter().filter(|stay| stay.lasts() && stay.ended_on > gone);
    let ended = longer.map(|stay| {
        let ended_on_otherwise = stay.ended_on_otherwise.or(Some(stay.ended_on));
        (*stay, AdditionalGroup { ended_on: gone.max(stay.placed_on), ended_on_otherwise, ..*stay })
    });
    ended.collect()
}

/// What becomes of the stays that a departure ended when the child does not leave: each that still fits lasts as it would
/// have, if its group is not in the archive. Another one stays as short as it is, since other groups were chosen meanwhile;
/// `None` where it would last no day.
pub fn restore(
    beside: &[AdditionalGroup],
    placements: &[Placement],
    day_parts_per_week: Option<u8>,
    is_archived: impl Fn(GroupId) -> bool,
) -> Vec<(AdditionalGroup, Option<AdditionalGroup>)> {
    let is_ended = |stay: &AdditionalGroup| stay.ended_on_otherwise.is_some();
    let mut others: Vec<_> = beside.iter().filter(|stay| !is_ended(stay) && stay.lasts()).copied().collect();
    let mut restored = Vec::new();
    for before in beside.iter().filter(|stay| is_ended(stay)) {
        let ended_on = before.ended_on_otherwise.unwrap_or(before.ended_on);
        let whole = AdditionalGroup { ended_on, ended_on_otherwise: None, ..*before };
        let short = AdditionalGroup { ended_on_otherwise: None, ..*before };
        let goes_on = !is_archived(before.group) && fits(&whole, &others, placements, day_parts_per_week);
        let after = Some(if goes_on { whole } else { short }).filter(AdditionalGroup::lasts);
        others.extend(after);
        restored.push((*before, after));
    }
    restored
}

fn fits(
    stay: &AdditionalGroup,
    others: &[AdditionalGroup],
    placements: &[Placement],
    main: Option<u8>,
) -> bool {
    let day_parts = main.unwrap_or_default().saturating_add(stay.day_parts_per_week.unwrap_or_default());
    check_beside(placements, &[*stay]).is_ok()
        && !others.iter().any(|other| other.group == stay.group && other.meets(stay))
        && check_number(stay, others).is_ok()
        && turning_points(stay, others).all(|day| check_sum(Some(day_parts), others, day).is_ok())
}

/// That the stays beside the main group fit what becomes of that one.
///
/// # Errors
/// `same-group` (one of them is in the group that is the main one on one of these days), `not-in-a-group` (one of them would be
/// beside none on one of its days).
pub fn check_beside(placements: &[Placement], beside: &[AdditionalGroup]) -> Result<(), Refusal> {
    placements.iter().try_for_each(|placement| check_placement(placement, beside))?;
    if beside.iter().any(|stay| stay.lasts() && !is_beside_one(stay, placements)) {
        let detail = "the child would be in a group beside no main one: end or take away that stay first";
        return Err(Refusal::new("not-in-a-group", detail));
    }
    Ok(())
}

/// That a child is not to be placed in a group as its main one in which it is beside that on one of these days.
///
/// # Errors
/// `same-group`.
pub fn check_placement(placement: &Placement, beside: &[AdditionalGroup]) -> Result<(), Refusal> {
    if beside.iter().any(|stay| stay.is_doubled_by(placement)) {
        let detail = "the child is in this group beside its main one on one of these days";
        return Err(Refusal::new("same-group", detail));
    }
    Ok(())
}

/// That a stay that begins beside a main group is beside one until its end.
fn check_beside_one(stay: &AdditionalGroup, known: &Circumstances<'_>) -> Result<(), Refusal> {
    let begins = known.placements.iter().any(|placement| placement.covers(stay.placed_on));
    if begins && !is_beside_one(stay, known.placements) {
        let detail = "the child is in no main group by then: say until when, or place it first";
        return Err(Refusal::new("not-in-a-group", detail));
    }
    Ok(())
}

/// Whether the child has a main group on each day of a stay.
fn is_beside_one(stay: &AdditionalGroup, placements: &[Placement]) -> bool {
    let ends = placements.iter().filter_map(|placement| placement.ended_on).filter(|day| stay.covers(*day));
    let is_covered = |day: Date| placements.iter().any(|placement| placement.covers(day));
    ends.chain([stay.placed_on]).all(is_covered)
}

/// That a child is not in more day-parts a week than there are, with `day_parts_per_week` in its main group from today on.
///
/// # Errors
/// `too-many`.
pub fn check_main(
    day_parts_per_week: Option<u8>,
    beside: &[AdditionalGroup],
    today: Date,
) -> Result<(), Refusal> {
    let begin = beside.iter().map(|stay| stay.placed_on).filter(|day| *day > today);
    begin.chain([today]).try_for_each(|day| check_sum(day_parts_per_week, beside, day))
}

/// The stay that is wanted, with its end.
fn settle(wanted: &Wanted, known: &Circumstances<'_>) -> AdditionalGroup {
    let gone = gone(wanted, known);
    let whole = first_day_gone(wanted.school_year.last_day());
    let ended_on = wanted.ended_on.unwrap_or_else(|| gone.map_or(whole, |gone| gone.min(whole)));
    AdditionalGroup {
        group: wanted.group,
        placed_on: wanted.placed_on,
        ended_on,
        ended_on_otherwise: Some(whole).filter(|whole| wanted.ended_on.is_none() && ended_on < *whole),
        day_parts_per_week: wanted.day_parts_per_week,
    }
}

/// The first day on which the child is gone, unless it comes back by then.
fn gone(wanted: &Wanted, known: &Circumstances<'_>) -> Option<Date> {
    known.last_day.map(first_day_gone).filter(|gone| wanted.placed_on < *gone)
}

fn check_first_day(wanted: &Wanted, known: &Circumstances<'_>) -> Result<(), Refusal> {
    let day = wanted.placed_on;
    if day < known.birth {
        return Err(Refusal::new("before-birth", "a child is in no group before it is born"));
    }
    if day > known.today.saturating_add(MONTHS_AHEAD.months()) {
        let detail = format!("a child is placed at most {MONTHS_AHEAD} months ahead");
        return Err(Refusal::new("too-far-ahead", detail));
    }
    if !wanted.school_year.contains(day) {
        let detail =
            format!("the group is of the school year {}, which does not hold this day", wanted.school_year);
        return Err(Refusal::new("outside-school-year", detail));
    }
    if known.last_day.is_some_and(|last_day| last_day < day) {
        return Err(Refusal::new("after-end", "the child is gone by then"));
    }
    if !known.placements.iter().any(|placement| placement.covers(day)) {
        let detail = "a group is beside another one: place the child first, from this day or earlier";
        return Err(Refusal::new("not-in-a-group", detail));
    }
    Ok(())
}

fn is_there_already(stay: &AdditionalGroup, known: &Circumstances<'_>) -> bool {
    known.placements.iter().any(|placement| stay.is_doubled_by(placement))
        || known.others.iter().any(|other| other.group == stay.group && other.meets(stay))
}

fn check_rest(
    stay: &AdditionalGroup,
    wanted: &Wanted,
    known: &Circumstances<'_>,
    refusals: &mut FieldRefusals,
) {
    let ended = wanted.ended_on.map_or(Ok(()), |ended_on| check_end(ended_on, wanted, known));
    refusals.check("ended_on", ended.and_then(|()| check_beside_one(stay, known)));
    let Some(day_parts) = stay.day_parts_per_week else { return };
    if !(1..=MAX_DAY_PARTS).contains(&day_parts) {
        let detail = format!("must be 1 to {MAX_DAY_PARTS}, or absent when it is not known");
        refusals.refuse("day_parts_per_week", Refusal::new("out-of-range", detail));
        return;
    }
    let main = known.day_parts_per_week.unwrap_or_default().saturating_add(day_parts);
    let over_all =
        turning_points(stay, known.others).try_for_each(|day| check_sum(Some(main), known.others, day));
    refusals.check("day_parts_per_week", over_all);
}

/// The days of a stay on which the child is in the most groups at once: the first one, and each on which another stay begins.
fn turning_points(stay: &AdditionalGroup, others: &[AdditionalGroup]) -> impl Iterator<Item = Date> {
    let begin = others.iter().map(|other| other.placed_on).filter(|day| stay.covers(*day));
    begin.chain([stay.placed_on])
}

fn check_number(stay: &AdditionalGroup, others: &[AdditionalGroup]) -> Result<(), Refusal> {
    let beside = |day: Date| others.iter().filter(|other| other.covers(day)).count();
    if turning_points(stay, others).any(|day| beside(day) >= MOST_AT_ONCE) {
        let detail = format!("a child is in at most {MOST_AT_ONCE} groups beside its main one at once");
        return Err(Refusal::new("too-many", detail));
    }
    Ok(())
}

fn check_end(ended_on: Date, wanted: &Wanted, known: &Circumstances<'_>) -> Result<(), Refusal> {
    if ended_on <= wanted.placed_on {
        return Err(Refusal::new("before-start", "a child is in a group for a day at least"));
    }
    if ended_on > first_day_gone(wanted.school_year.last_day()) {
        let detail =
            format!("the group is of the school year {}: a child is in it no longer", wanted.school_year);
        return Err(Refusal::new("outside-school-year", detail));
    }
    if gone(wanted, known).is_some_and(|gone| ended_on > gone) {
        return Err(Refusal::new("after-end", "the child leaves before"));
    }
    Ok(())
}

fn check_sum(main: Option<u8>, beside: &[AdditionalGroup], day: Date) -> Result<(), Refusal> {
    let there = beside.iter().filter(|stay| stay.covers(day)).filter_map(|stay| stay.day_parts_per_week);
    let sum = main.into_iter().chain(there).fold(0, u8::saturating_add);
    if sum > MAX_DAY_PARTS {
        let detail =
            format!("over all its groups a child is there for at most {MAX_DAY_PARTS} day-parts a week");
        return Err(Refusal::new("too-many", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);
    const BIRTH: Date = date(2022, 5, 4);

    fn group(number: u128) -> GroupId {
        GroupId::from_uuid(Uuid::from_u128(number))
    }

    fn wanted(number: u128, placed_on: Date, ended_on: Option<Date>, day_parts: Option<u8>) -> Wanted {
        let school_year = SchoolYear::containing(TODAY);
        Wanted { group: group(number), school_year, placed_on, ended_on, day_parts_per_week: day_parts }
    }

    fn codes(outcome: Result<AdditionalGroup, FieldRefusals>) -> Vec<(String, &'static str)> {
        let refusals = outcome.err().into_iter().flatten();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn refused(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
        vec![(field.to_owned(), code)]
    }

    const MAIN: Placement = Placement {
        group: GroupId::from_uuid(Uuid::from_u128(1)),
        placed_on: date(2026, 8, 24),
        ended_on: None,
    };

    fn known<'a>(others: &'a [AdditionalGroup], last_day: Option<Date>) -> Circumstances<'a> {
        let (placements, day_parts_per_week) = (&[MAIN] as &[_], Some(6));
        Circumstances { birth: BIRTH, last_day, placements, day_parts_per_week, others, today: TODAY }
    }

    #[test]
    fn c023_a_group_beside_the_main_one_lasts_as_long_as_its_school_year() {
        let added = add(&wanted(2, TODAY, None, Some(4)), &known(&[], None)).unwrap();
        assert_eq!((added.placed_on, added.ended_on), (TODAY, date(2027, 8, 1)));
        assert_eq!(added.ended_on_otherwise, None);
        let leaves = known(&[], Some(date(2026, 12, 31)));
        let added = add(&wanted(2, TODAY, None, None), &leaves).unwrap();
        assert_eq!((added.ended_on, added.ended_on_otherwise), (date(2027, 1, 1), Some(date(2027, 8, 1))));
        let later = wanted(2, TODAY, Some(date(2027, 1, 2)), None);
        assert_eq!(codes(add(&later, &leaves)), refused("ended_on", "after-end"));
    }

    #[test]
    fn c023_the_first_day_has_to_be_one_on_which_the_child_can_be_there() {
        let code = |day, last_day| codes(add(&wanted(2, day, None, None), &known(&[], last_day)));
        assert_eq!(code(date(2026, 8, 23), None), refused("placed_on", "not-in-a-group"));
        assert_eq!(code(date(2026, 7, 31), None), refused("placed_on", "outside-school-year"));
        assert_eq!(code(date(2022, 5, 3), None), refused("placed_on", "before-birth"));
        assert_eq!(code(date(2027, 11, 22), None)[0], ("placed_on".to_owned(), "too-far-ahead"));
        assert_eq!(code(TODAY, Some(date(2026, 11, 20))), refused("placed_on", "after-end"));
    }

    #[test]
    fn c023_a_child_is_in_one_group_in_one_way_only() {
        let one = add(&wanted(2, TODAY, Some(date(2026, 12, 1)), None), &known(&[], None)).unwrap();
        assert_eq!(
            codes(add(&wanted(1, TODAY, None, None), &known(&[], None))),
            refused("group_id", "same-group")
        );
        let beside = [one];
        let again = |day| codes(add(&wanted(2, day, None, None), &known(&beside, None)));
        assert_eq!(again(date(2026, 11, 30)), refused("group_id", "same-group"));
        assert_eq!(again(date(2026, 12, 1)), []);
        let second = add(&wanted(2, date(2026, 12, 1), None, None), &known(&beside, None)).unwrap();
        let longer = wanted(2, TODAY, Some(date(2026, 12, 2)), None);
        assert_eq!(codes(change(&longer, &known(&[second], None))), refused("ended_on", "same-group"));
        let moved = Placement { group: group(2), placed_on: date(2026, 12, 1), ended_on: None };
        assert!(!one.is_doubled_by(&moved) && second.is_doubled_by(&moved));
    }

    #[test]
    fn c023_a_week_has_no_more_day_parts_and_a_child_no_more_groups() {
        let code = |day_parts| codes(add(&wanted(2, TODAY, None, Some(day_parts)), &known(&[], None)));
        assert_eq!(code(8), []);
        assert_eq!(code(9), refused("day_parts_per_week", "too-many"));
        assert_eq!(code(0), refused("day_parts_per_week", "out-of-range"));
        let spring = date(2027, 3, 1);
        let mut beside = Vec::new();
        for number in 2..5 {
            let stay = wanted(number, spring, None, Some(2));
            beside.push(add(&stay, &known(&beside, None)).unwrap());
        }
        let until = |ended_on| codes(add(&wanted(5, TODAY, ended_on, Some(3)), &known(&beside, None)));
        assert_eq!(until(Some(spring)), []);
        let mut both = refused("group_id", "too-many");
        both.extend(refused("day_parts_per_week", "too-many"));
        let mut found = until(None);
        found.sort_by_key(|(field, _)| field != "group_id");
        assert_eq!(found, both);
        assert!(check_main(Some(8), &beside, TODAY).is_ok());
        assert_eq!(check_main(Some(9), &beside, TODAY).unwrap_err().code, "too-many");
    }

    #[test]
    fn c105_leaving_ends_the_groups_beside_the_main_one() {
        let all = known(&[], None);
        let ended = add(&wanted(2, date(2026, 9, 1), Some(date(2026, 10, 1)), None), &all).unwrap();
        let present = add(&wanted(3, TODAY, None, None), &all).unwrap();
        let planned = add(&wanted(4, date(2027, 3, 1), None, None), &all).unwrap();
        let changes = depart(&[ended, present, planned], date(2026, 12, 31));
        let since: Vec<_> = changes.iter().map(|(_, since)| (since.group, since.ended_on)).collect();
        assert_eq!(since, [(group(3), date(2027, 1, 1)), (group(4), date(2027, 3, 1))]);
        assert!(changes.iter().all(|(_, since)| since.ended_on_otherwise == Some(date(2027, 8, 1))));
        assert!(!changes[1].1.lasts());
    }

    proptest! {
        #[test]
        fn c023_a_child_is_never_in_too_many_groups_nor_twice_in_one(
            attempts in prop::collection::vec((1u128..7, 0i32..320, 1i32..320, 0u8..16), 1..40),
            asked in 0i32..400,
        ) {
            let start = date(2026, 8, 1);
            let mut beside = Vec::new();
            for (number, day, length, day_parts) in attempts {
                let placed_on = start + day.days();
                let ended_on = Some(placed_on + length.days());
                let wanted = wanted(number, placed_on, ended_on, Some(day_parts));
                if let Ok(added) = add(&wanted, &known(&beside, None)) {
                    beside.push(added);
                }
            }
            let asked = start + asked.days();
            let there: Vec<_> = beside.iter().filter(|stay| stay.covers(asked)).collect();
            prop_assert!(there.len() <= MOST_AT_ONCE);
            let mut groups: Vec<_> = there.iter().map(|stay| stay.group).collect();
            groups.sort_unstable();
            groups.dedup();
            prop_assert_eq!(groups.len(), there.len());
            prop_assert!(!groups.contains(&MAIN.group));
            let day_parts: u8 = there.iter().filter_map(|stay| stay.day_parts_per_week).sum();
            prop_assert!(day_parts <= MAX_DAY_PARTS - 6);
        }
    }
}

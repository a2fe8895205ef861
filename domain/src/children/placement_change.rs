//! Putting a placement right: ending it, correcting its group or its days, taking it away. What it was before stays to be
//! read, with the reason (C023).

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::children::placement::{MONTHS_AHEAD, Placement, first_day_gone};
use crate::values::calendar::SchoolYear;
use crate::values::ids::GroupId;
use crate::values::refusal::{FieldRefusals, Refusal};

/// That a placement was put right, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementChange {
    /// What it was before.
    pub before: Placement,
    /// What it is since; nothing for one that was taken away.
    pub after: Option<Placement>,
    /// Why, in the words of who changed it.
    pub reason: String,
}

/// What a placement is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// In which group.
    pub group: GroupId,
    /// The school year of that group.
    pub school_year: SchoolYear,
    /// From which day.
    pub placed_on: Date,
    /// Until when.
    pub end: End,
}

/// Until when a placement is to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As long as it did.
    Stays,
    /// Until this day, which is the first one no longer in the group.
    On(Date),
    /// Until the next placement begins, or the child leaves.
    Open,
}

/// What is known of the child whose placement it is. All dates are days in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The day of its birth.
    pub birth: Date,
    /// The last day at the institution, if it leaves or left.
    pub last_day: Option<Date>,
    /// The present day.
    pub today: Date,
}

/// What becomes of a child's history when one of its placements is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Righted {
    /// What the placement is since; `None` for one that is taken away.
    pub after: Option<Placement>,
    /// Whether the departure of the child decides until when it lasts, where that was asked for anew.
    pub until_departure: bool,
    /// The placement before it, as it was, and until when it lasts since; `None` when that stays as it is.
    pub earlier: Option<(Placement, Option<Date>)>,
}

/// Corrects the placement `before` of a child with the placements `history`. The one before it lasts until the new first day
/// if it lasted until the old one, or if it holds then. `None` when it is as wanted already.
///
/// # Errors
/// For `group_id` `same-group` (the placement before it is in this group and lasts until then); for `placed_on`
/// `too-far-ahead`, `before-birth`, `outside-school-year`, `overlaps-placement` (another placement begins in between);
/// for the last one of `placed_on` and `ended_on` that was asked for `before-start` (it would last no day); for `ended_on`
/// `too-far-ahead`, `overlaps-placement` (the next one begins before) and `after-end` (the child leaves before).
pub fn correct(
    history: &[Placement],
    before: Placement,
    wanted: &Wanted,
    known: &Circumstances,
) -> Result<Option<Righted>, FieldRefusals> {
    let others: Vec<_> = history.iter().filter(|other| other.lasts() && **other != before).copied().collect();
    let mut refusals = FieldRefusals::new();
    refusals.check("placed_on", check_first_day(wanted, &before, known));
    refusals.check("placed_on", check_between(&others, &before, wanted.placed_on));
    let earlier = earlier_than(&others, &before, wanted.placed_on);
    let (ended_on, until_departure) = end_of(&others, &before, wanted.end, known);
    if let End::On(end) = wanted.end {
        refusals.check("ended_on", check_end(&others, &before, end, known));
    }
    if ended_on.is_some_and(|ended_on| ended_on <= wanted.placed_on) {
        let field = if wanted.end == End::Stays { "placed_on" } else { "ended_on" };
        let detail = "a placement lasts a day at least: one that never was is taken away";
        refusals.refuse(field, Refusal::new("before-start", detail));
    }
    let after = Placement { group: wanted.group, placed_on: wanted.placed_on, ended_on };
    let joins = |other: &Placement| {
        let end = earlier.filter(|(one, _)| one == other).map_or(other.ended_on, |(_, end)| end);
        other.group == after.group && end == Some(after.placed_on)
    };
    if after.group != before.group && others.iter().any(joins) {
        let detail = "the child is in this group until then: take this placement away";
        refusals.refuse("group_id", Refusal::new("same-group", detail));
    }
    refusals.or((after != before).then_some(Righted { after: Some(after), until_departure, earlier }))
}

/// Takes the placement `before` away. With `goes_on` the one that lasted until its first day lasts as long as it did.
pub fn take_away(history: &[Placement], before: Placement, goes_on: bool) -> Righted {
    let touching = history.iter().find(|other| other.lasts() && other.ended_on == Some(before.placed_on));
    let earlier = touching.filter(|_| goes_on).map(|earlier| (*earlier, before.ended_on));
    Righted { after: None, until_departure: false, earlier }
}

fn check_first_day(wanted: &Wanted, before: &Placement, known: &Circumstances) -> Result<(), Refusal> {
    let day = wanted.placed_on;
    if (wanted.group, day) == (before.group, before.placed_on) {
        return Ok(());
    }
    if day < known.birth {
        return Err(Refusal::new("before-birth", "a child is in no group before it is born"));
    }
    check_ahead(day, known.today)?;
    if !wanted.school_year.contains(day) {
        return Err(Refusal::new(
            "outside-school-year",
            format!("the group is of the school year {}, which does not hold this day", wanted.school_year),
        ));
    }
    Ok(())
}

fn check_ahead(day: Date, today: Date) -> Result<(), Refusal> {
    if day > today.saturating_add(MONTHS_AHEAD.months()) {
        let detail = format!("a placement is arranged at most {MONTHS_AHEAD} months ahead");
        return Err(Refusal::new("too-far-ahead", detail));
    }
    Ok(())
}

fn check_between(others: &[Placement], before: &Placement, placed_on: Date) -> Result<(), Refusal> {
    if others.iter().any(|other| placed_on <= other.placed_on && other.placed_on < before.placed_on) {
        let detail = "the child came into another group in between: put that placement right first";
        return Err(Refusal::new("overlaps-placement", detail));
    }
    Ok(())
}

/// The placement before the corrected one, if it lasts longer or shorter then.
fn earlier_than(
    others: &[Placement],
    before: &Placement,
    placed_on: Date,
) -> Option<(Placement, Option<Date>)> {
    let is_moved = |other: &&Placement| {
        let holds_then = other.covers(placed_on) && other.placed_on < before.placed_on;
        let lasted_until_then = other.ended_on == Some(before.placed_on);
        placed_on != before.placed_on && (holds_then || lasted_until_then)
    };
    others.iter().find(is_moved).map(|other| (*other, Some(placed_on)))
}

/// When the next placement begins, and the first day on which the child is gone.
fn limits(others: &[Placement], before: &Placement, known: &Circumstances) -> (Option<Date>, Option<Date>) {
    let later = others.iter().filter(|other| other.placed_on > before.placed_on);
    let gone = known.last_day.map(first_day_gone).filter(|gone| before.placed_on < *gone);
    (later.map(|other| other.placed_on).min(), gone)
}

/// Until when the placement lasts, and whether that is until the child leaves.
fn end_of(others: &[Placement], before: &Placement, end: End, known: &Circumstances) -> (Option<Date>, bool) {
    let (next, gone) = limits(others, before, known);
    match end {
        End::Stays => (before.ended_on, false),
        End::On(end) => (Some(end), false),
        End::Open => {
            let ended_on = next.into_iter().chain(gone).min();
            (ended_on, gone.is_some() && ended_on == gone)
        }
    }
}

fn check_end(
    others: &[Placement],
    before: &Placement,
    end: Date,
    known: &Circumstances,
) -> Result<(), Refusal> {
    let (next, gone) = limits(others, before, known);
    check_ahead(end, known.today)?;
    if next.is_some_and(|next| end > next) {
        let detail = "the child comes into another group before: put that placement right first";
        return Err(Refusal::new("overlaps-placement", detail));
    }
    if gone.is_some_and(|gone| end > gone) {
        return Err(Refusal::new("after-end", "the child leaves before"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::children::placement::{group_on, place};

    const TODAY: Date = date(2026, 11, 21);
    const KNOWN: Circumstances = Circumstances { birth: date(2022, 5, 4), last_day: None, today: TODAY };

    fn group(number: u128) -> GroupId {
        GroupId::from_uuid(Uuid::from_u128(number))
    }

    fn stay(number: u128, placed_on: Date, ended_on: Option<Date>) -> Placement {
        Placement { group: group(number), placed_on, ended_on }
    }

    fn wanted(number: u128, placed_on: Date, end: End) -> Wanted {
        Wanted { group: group(number), school_year: SchoolYear::containing(placed_on), placed_on, end }
    }

    fn codes<T: std::fmt::Debug>(refused: Result<T, FieldRefusals>) -> Vec<(String, &'static str)> {
        refused.unwrap_err().into_iter().map(|(field, refusal)| (field, refusal.code)).collect()
    }

    fn apply(history: &mut Vec<Placement>, before: Placement, righted: Righted) {
        if let Some((earlier, ended_on)) = righted.earlier {
            for placement in history.iter_mut().filter(|placement| **placement == earlier) {
                placement.ended_on = ended_on;
            }
        }
        history.retain(|placement| *placement != before);
        history.extend(righted.after);
    }

    const AUGUST: Date = date(2026, 8, 24);
    const NOVEMBER: Date = date(2026, 11, 9);

    fn moved() -> [Placement; 2] {
        [stay(1, AUGUST, Some(NOVEMBER)), stay(2, NOVEMBER, None)]
    }

    #[test]
    fn c023_a_placement_ends_on_a_day_and_can_go_on_again() {
        let [first, second] = moved();
        let end = |day| correct(&moved(), second, &wanted(2, NOVEMBER, End::On(day)), &KNOWN);
        let ended = end(TODAY).unwrap().unwrap();
        assert_eq!((ended.after, ended.earlier), (Some(stay(2, NOVEMBER, Some(TODAY))), None));
        assert_eq!(codes(end(NOVEMBER)), [("ended_on".to_owned(), "before-start")]);
        assert_eq!(codes(end(date(2027, 11, 22))), [("ended_on".to_owned(), "too-far-ahead")]);
        let history = [first, stay(2, NOVEMBER, Some(TODAY))];
        let open = correct(&history, history[1], &wanted(2, NOVEMBER, End::Open), &KNOWN).unwrap().unwrap();
        assert_eq!(open.after, Some(second));
        let longer = correct(&moved(), first, &wanted(1, AUGUST, End::On(TODAY)), &KNOWN);
        assert_eq!(codes(longer), [("ended_on".to_owned(), "overlaps-placement")]);
    }

    #[test]
    fn c023_a_wrong_first_day_takes_along_the_end_of_the_placement_before() {
        let [first, second] = moved();
        let from = |day| correct(&moved(), second, &wanted(2, day, End::Stays), &KNOWN);
        for day in [date(2026, 10, 5), date(2026, 11, 16)] {
            let righted = from(day).unwrap().unwrap();
            assert_eq!(righted.after, Some(stay(2, day, None)));
            assert_eq!(righted.earlier, Some((first, Some(day))));
        }
        assert_eq!(codes(from(AUGUST)), [("placed_on".to_owned(), "overlaps-placement")]);
        assert_eq!(from(NOVEMBER), Ok(None));
        let late = correct(&moved(), first, &wanted(1, NOVEMBER, End::Stays), &KNOWN);
        assert_eq!(codes(late), [("placed_on".to_owned(), "before-start")]);
    }

    #[test]
    fn c023_a_wrong_group_is_put_right_within_its_school_year() {
        let [first, second] = moved();
        let into = |before, number| correct(&moved(), before, &wanted(number, NOVEMBER, End::Stays), &KNOWN);
        assert_eq!(into(second, 3).unwrap().unwrap().after, Some(stay(3, NOVEMBER, None)));
        assert_eq!(codes(into(second, 1)), [("group_id".to_owned(), "same-group")]);
        let last_year =
            Wanted { school_year: SchoolYear::containing(date(2026, 7, 1)), ..wanted(3, AUGUST, End::Stays) };
        let refused = correct(&moved(), first, &last_year, &KNOWN);
        assert_eq!(codes(refused), [("placed_on".to_owned(), "outside-school-year")]);
        let unborn = Circumstances { birth: date(2026, 9, 1), ..KNOWN };
        let refused = correct(&moved(), first, &wanted(3, AUGUST, End::Stays), &unborn);
        assert_eq!(codes(refused), [("placed_on".to_owned(), "before-birth")]);
    }

    #[test]
    fn c023_one_that_is_taken_away_leaves_the_child_where_it_was() {
        let [first, second] = moved();
        let gone = take_away(&moved(), second, true);
        assert_eq!((gone.after, gone.earlier), (None, Some((first, None))));
        assert_eq!(take_away(&moved(), second, false).earlier, None);
        assert_eq!(take_away(&moved(), first, true).earlier, None);
    }

    #[test]
    fn c105_a_child_that_leaves_is_in_no_group_after_its_last_day() {
        let known = Circumstances { last_day: Some(date(2026, 12, 18)), ..KNOWN };
        let gone = date(2026, 12, 19);
        let history = [stay(1, AUGUST, Some(TODAY))];
        let end = |end| correct(&history, history[0], &wanted(1, AUGUST, end), &known);
        let open = end(End::Open).unwrap().unwrap();
        assert_eq!((open.after.unwrap().ended_on, open.until_departure), (Some(gone), true));
        assert!(end(End::On(gone)).is_ok());
        assert_eq!(codes(end(End::On(date(2026, 12, 20)))), [("ended_on".to_owned(), "after-end")]);
    }

    proptest! {
        #[test]
        fn c023_however_it_is_put_right_a_child_is_in_one_group_at_a_time(
            begins in prop::collection::vec((0u128..4, 0i32..300), 1..8),
            acts in prop::collection::vec((0usize..8, 0u8..5, 0u128..4, 0i32..500), 1..20),
            asked in 0i32..600,
        ) {
            let start = date(2026, 1, 1);
            let known = Circumstances { birth: date(2022, 5, 4), last_day: None, today: date(2026, 10, 28) };
            let mut history: Vec<Placement> = Vec::new();
            for (number, day) in begins {
                let on = start + day.days();
                let year = SchoolYear::containing(on);
                if let Ok(change) = place(&history, group(number), year, on, None, known.today) {
                    history.retain(|placement| Some(*placement) != change.replaced);
                    for placement in &mut history {
                        if Some(*placement) == change.cut_short {
                            placement.ended_on = Some(on);
                        }
                    }
                    history.push(change.added);
                }
            }
            for (which, act, number, day) in acts {
                let Some(before) = history.get(which % history.len().max(1)).copied() else { break };
                let on = start + day.days();
                let righted = match act {
                    0 => Ok(Some(take_away(&history, before, true))),
                    1 => Ok(Some(take_away(&history, before, false))),
                    2 => correct(&history, before, &wanted(number, on, End::Stays), &known),
                    3 => correct(&history, before, &wanted(number, before.placed_on, End::On(on)), &known),
                    _ => correct(&history, before, &wanted(number, on, End::Open), &known),
                };
                if let Ok(Some(righted)) = righted {
                    apply(&mut history, before, righted);
                }
                prop_assert!(history.iter().all(Placement::lasts), "{history:?}");
                let asked = start + asked.days();
                let covering = history.iter().filter(|placement| placement.covers(asked)).count();
                prop_assert!(covering <= 1, "{history:?}");
                prop_assert_eq!(covering == 1, group_on(&history, asked).is_some());
                prop_assert!(history.iter().filter(|placement| placement.ended_on.is_none()).count() <= 1);
            }
        }
    }
}

//! In which main group a child is, and when: one at a time, without a gap in what is known (C023).
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::values::calendar::SchoolYear;
use crate::values::ids::GroupId;
use crate::values::refusal::{FieldRefusals, Refusal};

/// How far ahead a placement may be arranged, in calendar months.
pub(super) const MONTHS_AHEAD: i32 = 12;

/// A child's stay in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The group.
    pub group: GroupId,
    /// The first day in the group.
    pub placed_on: Date,
    /// The first day no longer in the group; `None` while the stay is open.
    pub ended_on: Option<Date>,
}

impl Placement {
    /// Whether the child is in the group on `date`.
    pub fn covers(&self, date: Date) -> bool {
        self.placed_on <= date && self.ended_on.is_none_or(|ended_on| date < ended_on)
    }

    /// Whether it lasts a day at least: earlier versions kept placements that did not.
    pub fn lasts(&self) -> bool {
        self.covers(self.placed_on)
    }
}

/// What placing a child does to its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacementChange {
    /// The placement that ends on the day on which the new one begins, as it was; `None` if there is none.
    pub cut_short: Option<Placement>,
    /// The placement that began on the same day, of which the new one takes the place; `None` if there is none.
    pub replaced: Option<Placement>,
    /// The placement that is added.
    pub added: Placement,
}

/// Places a child with the placements `history` in `group` from the day `on`. All dates are days in Amsterdam; `today`
/// is the present one, and `last_day` that on which the child leaves or left the institution, if it does.
///
/// The placement that holds on that day ends then, and what is planned after it stays as it is: the new placement
/// lasts until the next one begins. Placing again from the day on which a placement begins takes its place.
///
/// Until its last day a child that leaves is still moved; one that is placed after it comes back.
///
/// A group exists in one `school_year`, and a placement belongs to it when its first day does. One that lasts longer
/// is ended by that in the next year's group.
///
/// # Errors
/// `too-far-ahead` (more than 12 months), `outside-school-year` (the group is of another year), `same-group` (the child
/// is in it on that day already), `before-last-placement` (history is not rewritten).
pub fn place(
    history: &[Placement],
    group: GroupId,
    school_year: SchoolYear,
    on: Date,
    last_day: Option<Date>,
    today: Date,
) -> Result<PlacementChange, Refusal> {
    if on > today.saturating_add(MONTHS_AHEAD.months()) {
        return Err(Refusal::new(
            "too-far-ahead",
            format!("a child is placed at most {MONTHS_AHEAD} months ahead"),
        ));
    }
    if !school_year.contains(on) {
        return Err(Refusal::new(
            "outside-school-year",
            format!("the group is of the school year {school_year}, which does not hold this day"),
        ));
    }
    if last_change(history, today).is_some_and(|last_change| on < last_change) {
        return Err(Refusal::new(
            "before-last-placement",
            "a child is placed on or after the day on which its last placement until today began or ended",
        ));
    }
    let held = history.iter().find(|placement| placement.covers(on)).copied();
    if held.is_some_and(|held| held.group == group) {
        return Err(Refusal::new("same-group", "the child is in this group on that day already"));
    }
    let planned = history.iter().filter(|placement| placement.lasts() && placement.placed_on > on);
    let gone = last_day.filter(|last_day| on <= *last_day).map(first_day_gone);
    let ended_on = planned.map(|placement| placement.placed_on).chain(gone).min();
    Ok(PlacementChange {
        cut_short: held.filter(|held| held.placed_on < on),
        replaced: held.filter(|held| held.placed_on == on),
        added: Placement { group, placed_on: on, ended_on },
    })
}

/// That whoever reaches own groups alone enters a child straight into a group, which has to be one of hers, and from a day
/// on which she reaches it already (C141). All dates are days in Amsterdam; `today` is the present one.
///
/// # Errors
/// For `group_id` `required`; for `placed_on` `in-the-future`.
pub fn check_entry_in_own_groups(
    group: Option<GroupId>,
    placed_on: Date,
    today: Date,
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    if group.is_none() {
        refusals.refuse("group_id", Refusal::new("required", "must be a group of one's own"));
    }
    if placed_on > today {
        let detail = "an administrator enters a child before its first day in the group";
        refusals.refuse("placed_on", Refusal::new("in-the-future", detail));
    }
    refusals.or(())
}

/// Whether a child with this last day at the institution is gone on the day `today`.
pub fn has_left(last_day: Option<Date>, today: Date) -> bool {
    last_day.is_some_and(|last_day| last_day < today)
}

/// The first day on which a child with this last day is gone.
pub fn first_day_gone(last_day: Date) -> Date {
    last_day.saturating_add(1.day())
}

/// The last day until `today` on which the child came into a group or left one; `None` if there is none.
pub fn last_change(history: &[Placement], today: Date) -> Option<Date> {
    let lasting = history.iter().filter(|placement| placement.lasts());
    let days = lasting.flat_map(|placement| [Some(placement.placed_on), placement.ended_on]);
    days.flatten().filter(|day| *day <= today).max()
}

/// The group that the child is in on `date`; `None` if in none.
pub fn group_on(history: &[Placement], date: Date) -> Option<GroupId> {
    history.iter().find(|placement| placement.covers(date)).map(|placement| placement.group)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);

    fn group(number: u128) -> GroupId {
        GroupId::from_uuid(Uuid::from_u128(number))
    }

    /// The group of this number in the school year that holds the day.
    fn placed(history: &[Placement], number: u128, on: Date) -> Result<PlacementChange, Refusal> {
        place(history, group(number), SchoolYear::containing(on), on, None, TODAY)
    }

    fn apply(history: &mut Vec<Placement>, change: PlacementChange) {
        history.retain(|placement| Some(*placement) != change.replaced);
        for placement in &mut *history {
            if Some(*placement) == change.cut_short {
                placement.ended_on = Some(change.added.placed_on);
            }
        }
        history.push(change.added);
    }

    fn after(placements: &[(u128, Date)]) -> Vec<Placement> {
        let mut history = Vec::new();
        for &(number, on) in placements {
            let change = placed(&history, number, on).unwrap();
            apply(&mut history, change);
        }
        history
    }

    #[test]
    fn a_new_placement_ends_the_one_that_holds_on_the_same_day() {
        let history = after(&[(1, date(2026, 8, 1)), (2, date(2026, 11, 1))]);
        assert_eq!(group_on(&history, date(2026, 7, 31)), None);
        assert_eq!(group_on(&history, date(2026, 8, 1)), Some(group(1)));
        assert_eq!(group_on(&history, date(2026, 10, 31)), Some(group(1)));
        assert_eq!(group_on(&history, date(2026, 11, 1)), Some(group(2)));
        assert_eq!(group_on(&history, Date::MAX), Some(group(2)));
    }

    #[test]
    fn what_is_planned_stays_when_a_child_moves_before_it() {
        let next_year = date(2027, 8, 1);
        let history = after(&[(1, date(2026, 8, 1)), (3, next_year), (2, TODAY)]);
        let lasts = |number, placed_on, ended_on| Placement { group: group(number), placed_on, ended_on };
        assert_eq!(
            history,
            [
                lasts(1, date(2026, 8, 1), Some(TODAY)),
                lasts(3, next_year, None),
                lasts(2, TODAY, Some(next_year)),
            ]
        );
        let between = placed(&history, 4, date(2027, 3, 1)).unwrap();
        assert_eq!(between.added, lasts(4, date(2027, 3, 1), Some(next_year)));
        assert_eq!(between.cut_short, Some(history[2]));
        let instead = placed(&history, 5, next_year).unwrap();
        assert_eq!((instead.replaced, instead.cut_short), (Some(history[1]), None));
        assert_eq!(instead.added, lasts(5, next_year, None));
    }

    #[test]
    fn a_placement_is_corrected_from_its_own_first_day() {
        let history = after(&[(1, date(2026, 8, 1)), (2, date(2026, 8, 1))]);
        assert_eq!(history, [Placement { group: group(2), placed_on: date(2026, 8, 1), ended_on: None }]);
    }

    #[test]
    fn a_child_comes_back_to_a_group_it_left() {
        let left =
            Placement { group: group(1), placed_on: date(2026, 8, 1), ended_on: Some(date(2026, 10, 1)) };
        let code = |on| placed(&[left], 1, on).map_err(|refusal| refusal.code);
        assert_eq!(code(date(2026, 9, 30)).unwrap_err(), "before-last-placement");
        assert_eq!(code(date(2026, 10, 1)).unwrap().cut_short, None);
    }

    #[test]
    fn refuses_what_would_muddle_the_history() {
        let history = after(&[(1, date(2026, 8, 1))]);
        let code = |number, on| placed(&history, number, on).unwrap_err().code;
        assert_eq!(code(1, date(2026, 9, 1)), "same-group");
        assert_eq!(code(2, date(2026, 7, 31)), "before-last-placement");
        assert_eq!(code(2, date(2027, 11, 22)), "too-far-ahead");
        assert!(placed(&history, 2, date(2027, 11, 21)).is_ok());
    }

    #[test]
    fn c141_in_own_groups_a_child_is_entered_into_a_group_and_is_there_already() {
        let refused = |group, on| {
            let refusals = check_entry_in_own_groups(group, on, TODAY).err().into_iter().flatten();
            refusals.map(|(field, refusal)| (field, refusal.code)).collect::<Vec<_>>()
        };
        assert!(refused(Some(group(1)), TODAY).is_empty());
        assert!(refused(Some(group(1)), date(2026, 8, 1)).is_empty());
        assert_eq!(
            refused(None, date(2026, 11, 22)),
            [("group_id".to_owned(), "required"), ("placed_on".to_owned(), "in-the-future")]
        );
    }

    #[test]
    fn a_placement_begins_in_the_school_year_of_its_group() {
        let this_year = SchoolYear::containing(TODAY);
        let code =
            |on| place(&[], group(1), this_year, on, None, TODAY).map_err(|refusal| refusal.code).err();
        assert_eq!(code(date(2026, 7, 31)), Some("outside-school-year"));
        assert_eq!(code(date(2026, 8, 1)), None);
        assert_eq!(code(date(2027, 7, 31)), None);
        assert_eq!(code(date(2027, 8, 1)), Some("outside-school-year"));
    }

    #[test]
    fn c105_a_child_that_leaves_moves_until_its_last_day_and_comes_back_after_it() {
        let (first_day, last_day) = (date(2026, 8, 1), date(2026, 12, 31));
        let left = [Placement { group: group(1), placed_on: first_day, ended_on: Some(date(2027, 1, 1)) }];
        let on = |on| place(&left, group(2), SchoolYear::containing(on), on, Some(last_day), TODAY).unwrap();
        let moved = on(last_day);
        assert_eq!((moved.cut_short, moved.added.ended_on), (Some(left[0]), Some(date(2027, 1, 1))));
        let back = on(date(2027, 1, 1));
        assert_eq!((back.cut_short, back.added.ended_on), (None, None));
    }

    #[test]
    fn a_placement_that_never_lasted_is_as_if_it_were_not_there() {
        let day = date(2027, 8, 1);
        let never = Placement { group: group(2), placed_on: day, ended_on: Some(day) };
        let change = placed(&[never], 1, TODAY).unwrap();
        assert_eq!(
            change,
            PlacementChange {
                cut_short: None,
                replaced: None,
                added: Placement { group: group(1), placed_on: TODAY, ended_on: None },
            }
        );
    }

    proptest! {
        #[test]
        fn placements_never_overlap_and_each_lasts(
            attempts in prop::collection::vec((0u128..4, 0i32..700), 1..30),
            asked in 0i32..700,
        ) {
            let start = date(2026, 1, 1);
            let mut history = Vec::new();
            for (number, day) in attempts {
                if let Ok(change) = placed(&history, number, start + day.days()) {
                    apply(&mut history, change);
                }
            }
            let asked = start + asked.days();
            let covering = history.iter().filter(|placement| placement.covers(asked)).count();
            prop_assert!(covering <= 1);
            prop_assert_eq!(covering == 1, group_on(&history, asked).is_some());
            prop_assert!(history.iter().all(Placement::lasts));
            let open = history.iter().filter(|placement| placement.ended_on.is_none()).count();
            prop_assert_eq!(open, usize::from(!history.is_empty()));
        }
    }
}

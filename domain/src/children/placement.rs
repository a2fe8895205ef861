//! In which group a child is, and when: one group at a time, without a gap in what is known (C023).
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use crate::values::ids::GroupId;
use crate::values::refusal::Refusal;

/// How far ahead a placement may be arranged, in calendar months.
const MONTHS_AHEAD: i32 = 12;

/// A child's stay in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    fn covers(&self, date: Date) -> bool {
        self.placed_on <= date && self.ended_on.is_none_or(|ended_on| date < ended_on)
    }
}

/// What placing a child does to its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacementChange {
    /// The open placement as it is once closed; `None` if none was open.
    pub closed: Option<Placement>,
    /// The placement that is added, open.
    pub opened: Placement,
}

/// Places a child with the placements `history` in `group` from the day `on`, which closes the open placement on
/// that same day. All dates are days in Amsterdam; `today` is the present one.
///
/// Placing again from the day on which the open placement began corrects it: that one is then closed without
/// having lasted a day.
///
/// # Errors
/// `too-far-ahead` (more than 12 months), `same-group` (the child is in it already), `before-last-placement`
/// (history is not rewritten).
pub fn place(
    history: &[Placement],
    group: GroupId,
    on: Date,
    today: Date,
) -> Result<PlacementChange, Refusal> {
    if on > today.saturating_add(MONTHS_AHEAD.months()) {
        return Err(Refusal::new(
            "too-far-ahead",
            format!("a child is placed at most {MONTHS_AHEAD} months ahead"),
        ));
    }
    let open = history.iter().find(|placement| placement.ended_on.is_none());
    if open.is_some_and(|open| open.group == group) {
        return Err(Refusal::new("same-group", "the child is in this group already"));
    }
    let last_change = history.iter().map(|placement| placement.ended_on.unwrap_or(placement.placed_on)).max();
    if last_change.is_some_and(|last_change| on < last_change) {
        return Err(Refusal::new(
            "before-last-placement",
            "a child is placed on or after the day on which its last placement began or ended",
        ));
    }
    Ok(PlacementChange {
        closed: open.map(|open| Placement { ended_on: Some(on), ..*open }),
        opened: Placement { group, placed_on: on, ended_on: None },
    })
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

    fn apply(history: &mut Vec<Placement>, change: PlacementChange) {
        if change.closed.is_some() {
            history.retain(|placement| placement.ended_on.is_some());
        }
        history.extend(change.closed);
        history.push(change.opened);
    }

    fn after(placements: &[(u128, Date)]) -> Vec<Placement> {
        let mut history = Vec::new();
        for &(number, on) in placements {
            let change = place(&history, group(number), on, TODAY).unwrap();
            apply(&mut history, change);
        }
        history
    }

    #[test]
    fn a_new_placement_closes_the_open_one_on_the_same_day() {
        let history = after(&[(1, date(2026, 8, 1)), (2, date(2026, 11, 1))]);
        assert_eq!(group_on(&history, date(2026, 7, 31)), None);
        assert_eq!(group_on(&history, date(2026, 8, 1)), Some(group(1)));
        assert_eq!(group_on(&history, date(2026, 10, 31)), Some(group(1)));
        assert_eq!(group_on(&history, date(2026, 11, 1)), Some(group(2)));
        assert_eq!(group_on(&history, Date::MAX), Some(group(2)));
    }

    #[test]
    fn a_placement_is_corrected_from_its_own_first_day() {
        let history = after(&[(1, date(2026, 8, 1)), (2, date(2026, 8, 1))]);
        assert_eq!(history.len(), 2);
        assert_eq!(group_on(&history, date(2026, 8, 1)), Some(group(2)));
    }

    #[test]
    fn a_child_comes_back_to_a_group_it_left() {
        let left =
            Placement { group: group(1), placed_on: date(2026, 8, 1), ended_on: Some(date(2026, 10, 1)) };
        let code = |on| place(&[left], group(1), on, TODAY).map_err(|refusal| refusal.code);
        assert_eq!(code(date(2026, 9, 30)).unwrap_err(), "before-last-placement");
        assert_eq!(code(date(2026, 10, 1)).unwrap().closed, None);
    }

    #[test]
    fn refuses_what_would_muddle_the_history() {
        let history = after(&[(1, date(2026, 8, 1))]);
        let code = |number, on| place(&history, group(number), on, TODAY).unwrap_err().code;
        assert_eq!(code(1, date(2026, 9, 1)), "same-group");
        assert_eq!(code(2, date(2026, 7, 31)), "before-last-placement");
        assert_eq!(code(2, date(2027, 11, 22)), "too-far-ahead");
        assert!(place(&history, group(2), date(2027, 11, 21), TODAY).is_ok());
    }

    proptest! {
        #[test]
        fn placements_never_overlap(
            attempts in prop::collection::vec((0u128..4, 0i32..400), 1..30),
            asked in 0i32..400,
        ) {
            let start = date(2026, 1, 1);
            let mut history = Vec::new();
            for (number, day) in attempts {
                if let Ok(change) = place(&history, group(number), start + day.days(), TODAY) {
                    apply(&mut history, change);
                }
            }
            let asked = start + asked.days();
            let covering = history.iter().filter(|placement| placement.covers(asked)).count();
            prop_assert!(covering <= 1);
            prop_assert_eq!(covering == 1, group_on(&history, asked).is_some());
            prop_assert_eq!(history.iter().filter(|placement| placement.ended_on.is_none()).count(), 1);
        }
    }
}

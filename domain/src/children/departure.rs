//! Leaving the institution: on which day, and where to (C105).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::children::placement::{Placement, first_day_gone};
use crate::values::refusal::Refusal;
use crate::values::text::{ShortText, code_list};

/// How far ahead a departure may be recorded, in calendar months.
const MONTHS_AHEAD: i32 = 12;

code_list! {
    /// Where a child goes that leaves.
    pub enum DepartureKind {
        /// To the next form of education, such as from childcare to primary school: the term of C105 begins.
        NextEducation = "next-education",
        /// To the same form at another institution.
        Elsewhere = "elsewhere",
        /// Anywhere else, or nobody knows.
        Other = "other",
    }
}

/// That a child leaves the institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Its last day at the institution, in Amsterdam.
    pub last_day: Date,
    /// Where it goes.
    pub kind: DepartureKind,
    /// Where to in particular, if that is known.
    pub destination: Option<ShortText>,
}

/// Which placements a departure ends, each with the first day no longer in the group: the one that holds after the child's
/// last day, and those that were planned for later, which then last no day at all. All dates are days in Amsterdam.
///
/// # Errors
/// `before-birth`, `before-last-placement` (the child came into a group after that day), `too-far-ahead` (more than 12
/// months).
pub fn depart(
    history: &[Placement],
    birth: Date,
    last_day: Date,
    today: Date,
) -> Result<Vec<(Placement, Date)>, Refusal> {
    if last_day < birth {
        return Err(Refusal::new("before-birth", "a child does not leave before it is born"));
    }
    let began = history.iter().filter(|placement| placement.lasts() && placement.placed_on <= today);
    if began.map(|placement| placement.placed_on).max().is_some_and(|began| last_day < began) {
        return Err(Refusal::new(
            "before-last-placement",
            "a child leaves on or after the day on which its last placement until today began",
        ));
    }
    if last_day > today.saturating_add(MONTHS_AHEAD.months()) {
        return Err(Refusal::new(
            "too-far-ahead",
            format!("a departure is recorded at most {MONTHS_AHEAD} months ahead"),
        ));
    }
    let gone = first_day_gone(last_day);
    let later = history
        .iter()
        .filter(|placement| placement.lasts() && placement.ended_on.is_none_or(|end| end > gone));
    Ok(later.map(|placement| (*placement, gone.max(placement.placed_on))).collect())
}

/// Until when the placements that a departure ended, in the order of their first days, last when it is undone: each until
/// the next one, the last one without an end.
pub fn undo(ended: &[Placement]) -> Vec<Option<Date>> {
    let next = ended.iter().skip(1).map(|placement| Some(placement.placed_on));
    next.chain([None]).take(ended.len()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::children::placement::has_left;
    use crate::values::ids::GroupId;

    const TODAY: Date = date(2026, 11, 21);
    const BIRTH: Date = date(2022, 5, 4);

    fn stay(number: u128, placed_on: Date, ended_on: Option<Date>) -> Placement {
        Placement { group: GroupId::from_uuid(Uuid::from_u128(number)), placed_on, ended_on }
    }

    #[test]
    fn c105_leaving_ends_what_holds_and_what_is_planned() {
        let summer = date(2027, 8, 1);
        let history = [
            stay(1, date(2025, 8, 1), Some(date(2026, 8, 1))),
            stay(2, date(2026, 8, 1), Some(summer)),
            stay(3, summer, None),
        ];
        let endings = depart(&history, BIRTH, date(2026, 12, 31), TODAY).unwrap();
        assert_eq!(endings, [(history[1], date(2027, 1, 1)), (history[2], summer)]);
        let ended: Vec<_> = endings.iter().map(|(placement, _)| *placement).collect();
        assert_eq!(undo(&ended), [Some(summer), None]);
        // On the last day before the plan begins, only the plan is ended.
        assert_eq!(depart(&history, BIRTH, date(2027, 7, 31), TODAY).unwrap(), [(history[2], summer)]);
    }

    #[test]
    fn c105_a_departure_has_a_day_that_can_be() {
        let history = [stay(1, date(2026, 8, 1), None)];
        let code = |last_day| depart(&history, BIRTH, last_day, TODAY).map_err(|refusal| refusal.code).err();
        assert_eq!(code(date(2022, 5, 3)), Some("before-birth"));
        assert_eq!(code(date(2026, 7, 31)), Some("before-last-placement"));
        assert_eq!(code(date(2026, 8, 1)), None);
        assert_eq!(code(date(2027, 11, 21)), None);
        assert_eq!(code(date(2027, 11, 22)), Some("too-far-ahead"));
        assert_eq!(depart(&[], BIRTH, BIRTH, TODAY), Ok(Vec::new()));
        let leap = date(2028, 2, 29);
        assert_eq!(depart(&[], BIRTH, date(2029, 2, 28), leap), Ok(Vec::new()));
        assert!(depart(&[], BIRTH, date(2029, 3, 1), leap).is_err());
    }

    #[test]
    fn c105_a_child_is_there_on_its_last_day() {
        assert!(!has_left(None, TODAY) && !has_left(Some(TODAY), TODAY));
        assert!(has_left(Some(date(2026, 11, 20)), TODAY));
        assert_eq!(first_day_gone(date(2028, 2, 28)), date(2028, 2, 29));
    }

    proptest! {
        #[test]
        fn c105_undoing_a_departure_restores_what_it_ended(
            begins in prop::collection::btree_set(1i32..400, 1..5),
            last in 0i32..365,
        ) {
            let begins: Vec<_> = begins.into_iter().map(|day| TODAY + (day - 200).days()).collect();
            let ends = begins.iter().skip(1).map(|day| Some(*day)).chain([None]);
            let history: Vec<_> =
                begins.iter().zip(ends).zip(1..).map(|((day, end), number)| stay(number, *day, end)).collect();
            let last_day = TODAY + last.days();
            let endings = depart(&history, BIRTH, last_day, TODAY).unwrap();
            let ended: Vec<_> = endings.iter().map(|(placement, _)| *placement).collect();
            let restored: Vec<_> = ended.iter().map(|placement| placement.ended_on).collect();
            prop_assert_eq!(undo(&ended), restored);
            for (placement, ended_on) in endings {
                let left = Placement { ended_on: Some(ended_on), ..placement };
                prop_assert!(!left.covers(first_day_gone(last_day)));
                prop_assert_eq!(left.covers(last_day), placement.covers(last_day));
            }
        }
    }
}

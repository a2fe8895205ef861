//! Holds: that something is not destroyed for now, why, and when that is looked at again (C109).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::values::refusal::Refusal;

/// How far ahead a hold is looked at again, in calendar years.
const YEARS_AHEAD: i32 = 5;

/// That a hold that is made on the day `today` is looked at again on the day `review`; both in Amsterdam.
///
/// # Errors
/// `in-the-past`; `too-far-ahead` when it is more than five years away.
pub fn check_review_day(review: Date, today: Date) -> Result<(), Refusal> {
    if review < today {
        return Err(Refusal::new("in-the-past", "a hold is looked at again today or later"));
    }
    if review > today.saturating_add(YEARS_AHEAD.years()) {
        return Err(Refusal::new(
            "too-far-ahead",
            format!("a hold is looked at again within {YEARS_AHEAD} years"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c109_a_hold_is_looked_at_again_within_five_years() {
        let today = date(2026, 11, 21);
        let code = |review| check_review_day(review, today).map_err(|refusal| refusal.code).err();
        assert_eq!(code(date(2026, 11, 20)), Some("in-the-past"));
        assert_eq!(code(today), None);
        assert_eq!(code(date(2031, 11, 21)), None);
        assert_eq!(code(date(2031, 11, 22)), Some("too-far-ahead"));
        let leap = date(2028, 2, 29);
        assert_eq!(check_review_day(date(2033, 2, 28), leap), Ok(()));
        assert!(check_review_day(date(2033, 3, 1), leap).is_err());
    }
}

//! Reviews of an institution's log: that somebody looked through it, what she found, and when the next one is due (C090).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::values::calendar::amsterdam_date;
use crate::values::refusal::Refusal;

/// When the next review is due, and whether it is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewDuty {
    /// The last day on which it is in time, in Amsterdam.
    pub next_due_on: Date,
    /// Whether that day is over.
    pub overdue: bool,
}

impl ReviewDuty {
    /// How the duty stands on the day `today`, when the last review set the next one for `next_due_on`; before the first
    /// review it counts from the day `since` on which the institution began. A contract has its log reviewed every `months`.
    pub fn new(next_due_on: Option<Date>, since: Date, months: u8, today: Date) -> Self {
        let next_due_on = next_due_on.unwrap_or_else(|| latest(since, months));
        Self { next_due_on, overdue: next_due_on < today }
    }
}

fn latest(from: Date, months: u8) -> Date {
    from.saturating_add(i32::from(months).months())
}

/// The day on which the next review is due after one that went up to the moment `until`: the one that was `asked` for, or the
/// last one that the contract leaves. That may be over already: looking at what is old leaves the rest to be looked at.
///
/// # Errors
/// `in-the-past`; `out-of-range` beyond what the contract says.
pub fn next_due_on(asked: Option<Date>, until: Timestamp, months: u8, today: Date) -> Result<Date, Refusal> {
    let latest = latest(amsterdam_date(until), months);
    match asked {
        None => Ok(latest),
        Some(day) if day < today => Err(Refusal::new("in-the-past", "must not be before today")),
        Some(day) if day > latest => {
            let detail = format!("must be {latest} at the latest: the log is reviewed every {months} months");
            Err(Refusal::new("out-of-range", detail))
        }
        Some(day) => Ok(day),
    }
}

/// That a review at the moment `now` goes up to `until`: further than the review before it, and not beyond now.
///
/// # Errors
/// `in-the-future`, `before-start`.
pub fn check_until(until: Timestamp, before: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    if until > now {
        return Err(Refusal::new("in-the-future", "must not be after this moment"));
    }
    if before.is_some_and(|before| until <= before) {
        return Err(Refusal::new("before-start", "must be after the end of the review before it"));
    }
    Ok(())
}

/// The day on which an institution began that was entered at this moment, in Amsterdam.
pub fn began_on(entered_at: Timestamp) -> Date {
    amsterdam_date(entered_at)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c090_a_review_is_due_a_month_after_the_last_or_after_the_institution_began() {
        let since = date(2026, 1, 31);
        let duty = |last, today| ReviewDuty::new(last, since, 1, today);
        assert_eq!(
            duty(None, date(2026, 2, 28)),
            ReviewDuty { next_due_on: date(2026, 2, 28), overdue: false }
        );
        assert!(duty(None, date(2026, 3, 1)).overdue);
        assert!(!duty(Some(date(2026, 3, 10)), date(2026, 3, 10)).overdue);
        assert!(duty(Some(date(2026, 3, 10)), date(2026, 3, 11)).overdue);
    }

    #[test]
    fn c090_the_next_one_can_be_sooner_and_never_later_than_the_contract_says() {
        let today = date(2026, 11, 21);
        let until = "2026-11-21T09:00:00Z".parse().unwrap();
        let code = |asked| next_due_on(asked, until, 1, today).map_err(|refusal| refusal.code);
        assert_eq!(code(None), Ok(date(2026, 12, 21)));
        assert_eq!(code(Some(date(2026, 12, 1))), Ok(date(2026, 12, 1)));
        assert_eq!(code(Some(date(2026, 12, 22))), Err("out-of-range"));
        assert_eq!(code(Some(date(2026, 11, 20))), Err("in-the-past"));

        // Half of it was looked at: the rest was due before today.
        let until = "2026-09-30T22:30:00Z".parse().unwrap();
        assert_eq!(next_due_on(None, until, 1, today).ok(), Some(date(2026, 11, 1)));
        assert_eq!(
            next_due_on(Some(today), until, 1, today).map_err(|refusal| refusal.code),
            Err("out-of-range")
        );
    }

    #[test]
    fn c090_a_review_goes_further_than_the_one_before_it() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let code = |until, before| check_until(until, before, at(9)).map_err(|refusal| refusal.code);
        assert_eq!(code(at(9), None), Ok(()));
        assert_eq!(code(at(9), Some(at(8))), Ok(()));
        assert_eq!(code(at(8), Some(at(8))), Err("before-start"));
        assert_eq!(code(at(10), None), Err("in-the-future"));
    }
}

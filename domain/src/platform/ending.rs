//! What is left of the processing for an institution when its contract has ended: subprocessors confirm that they
//! destroyed its data (C112), and some duties survive (C113).

use jiff::ToSpan;
use jiff::civil::Date;

use super::subprocessor::SubprocessorState;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

/// Days in which a subprocessor has to confirm.
const DAYS_TO_CONFIRM: i64 = 30;

code_list! {
    /// A duty of the processor that survives the contract (C113).
    pub enum SurvivingDuty {
        /// What is still there is processed on instruction alone (article 5.1).
        InstructionsOnly = "instructions-only",
        /// What was seen stays secret (article 6).
        Confidentiality = "confidentiality",
        /// The institution is helped with requests of those whose data they are (article 9).
        Assistance = "assistance",
        /// Everything is destroyed, and that is confirmed (article 12).
        Destruction = "destruction",
    }
}

impl SurvivingDuty {
    /// Whether it is done with. Only destroying ever is: when all subprocessors confirmed it.
    pub const fn is_fulfilled(self, all_confirmed: bool) -> bool {
        matches!(self, Self::Destruction) && all_confirmed
    }
}

/// Whether a subprocessor that stands like this when a contract ends has data of the institution to destroy: not one
/// that never was in use.
pub const fn has_to_confirm(state: SubprocessorState) -> bool {
    matches!(state, SubprocessorState::InUse | SubprocessorState::Ended)
}

/// The day by which a subprocessor has to confirm that it destroyed the data of an institution, when the contract ended
/// on the day `ended_on`.
pub fn confirm_by(ended_on: Date) -> Date {
    ended_on.saturating_add(DAYS_TO_CONFIRM.days())
}

/// That a subprocessor confirmed on this day, when the contract ended on the day `ended_on` and it is `today` in
/// Amsterdam.
///
/// # Errors
/// `in-the-future`; `before-the-end`.
pub fn check_confirmed_on(confirmed_on: Date, ended_on: Date, today: Date) -> Result<(), Refusal> {
    if confirmed_on > today {
        return Err(Refusal::new("in-the-future", "must not be after today"));
    }
    if confirmed_on < ended_on {
        return Err(Refusal::new("before-the-end", "must not be before the contract ended"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c112_only_what_was_in_use_is_confirmed() {
        let asked: Vec<_> =
            SubprocessorState::ALL.into_iter().filter(|state| has_to_confirm(*state)).collect();
        assert_eq!(asked, [SubprocessorState::InUse, SubprocessorState::Ended]);
        assert_eq!(confirm_by(date(2026, 11, 21)), date(2026, 12, 21));
    }

    #[test]
    fn c112_a_confirmation_is_of_after_the_end() {
        let (ended_on, today) = (date(2026, 11, 21), date(2026, 12, 1));
        assert_eq!(check_confirmed_on(ended_on, ended_on, today), Ok(()));
        assert_eq!(check_confirmed_on(date(2026, 12, 2), ended_on, today).unwrap_err().code, "in-the-future");
        assert_eq!(
            check_confirmed_on(date(2026, 11, 20), ended_on, today).unwrap_err().code,
            "before-the-end"
        );
    }

    #[test]
    fn c113_three_duties_survive_for_good() {
        let left = SurvivingDuty::ALL.into_iter().filter(|duty| !duty.is_fulfilled(true));
        assert_eq!(left.count(), 3);
        assert!(SurvivingDuty::ALL.into_iter().all(|duty| !duty.is_fulfilled(false)));
    }
}

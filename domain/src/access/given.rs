//! What groups and locations that a user is given have in common: each from a day until a day, or for good.

use jiff::civil::Date;

use crate::values::refusal::{FieldRefusals, Refusal};

/// What is given, from which day and until which.
pub(super) type Given<Id> = (Id, Option<Date>, Option<Date>);

/// That of what is given under `list`, each by the field `id`, nothing is named twice or ends before it begins.
///
/// # Errors
/// For the id of one `repeated` with `twice`; for its `last_day` `before-start`.
pub(super) fn check<Id: PartialEq + Copy>(
    (list, id): (&str, &str),
    twice: &'static str,
    given: &[Given<Id>],
) -> Result<(), FieldRefusals> {
    let mut refusals = FieldRefusals::new();
    for (index, (own, first, last)) in given.iter().enumerate() {
        if given.iter().take(index).any(|(other, ..)| other == own) {
            refusals.refuse(format!("{list}/{index}/{id}"), Refusal::new("repeated", twice));
        }
        if first.zip(*last).is_some_and(|(first, last)| last < first) {
            let detail = "must not be before the first day";
            refusals.refuse(format!("{list}/{index}/last_day"), Refusal::new("before-start", detail));
        }
    }
    refusals.or(())
}

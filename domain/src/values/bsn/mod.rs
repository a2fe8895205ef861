//! The citizen service number (BSN), which is never kept here (C030).

mod digits;
mod elsewhere;
#[cfg(test)]
mod tests;

use crate::values::refusal::Refusal;

/// How many digits it has.
const DIGITS: usize = 9;

/// Refuses a text that holds a citizen service number (C030).
///
/// # Errors
/// `bsn`, without the number.
pub fn refuse_bsn(text: &str) -> Result<(), Refusal> {
    if contains_bsn(text) {
        return Err(Refusal::new("bsn", "must not contain a citizen service number (BSN)"));
    }
    Ok(())
}

/// Whether a citizen service number stands somewhere in `text`: nine digits that pass the eleven-test, in one piece or
/// in several with up to three characters between them that are no letters; zeros may stand before them, and letters
/// around them. Digits of all scripts count, and what does not show is overlooked.
///
/// One in eleven numbers passes the test by chance. What can be seen to be something else is left alone: a date, a
/// time, a school year, a telephone number, a bank account, a UUID.
pub fn contains_bsn(text: &str) -> bool {
    if !digits::may_have(text, DIGITS) {
        return false;
    }
    let plain = elsewhere::without_identifiers(&digits::plain(text));
    let runs = digits::runs(&plain);
    let taken = elsewhere::something_else(&runs);
    let free: Vec<_> = runs.iter().zip(taken).map(|(run, taken)| (!taken).then_some(*run)).collect();
    (0..free.len()).filter_map(|start| free.get(start..)).any(begins_with_bsn)
}

/// Whether the first runs are a citizen service number together. A `None` is something else.
fn begins_with_bsn(runs: &[Option<digits::Run<'_>>]) -> bool {
    let mut number = Vec::new();
    for (index, run) in runs.iter().map_while(Option::as_ref).enumerate() {
        if index > 0 && !run.goes_on() {
            return false;
        }
        number.extend(run.digits.iter().filter_map(|c| c.to_digit(10)));
        let zeros = number.iter().take_while(|digit| **digit == 0).count();
        let without_zeros = number.get(zeros.min(number.len().saturating_sub(DIGITS))..).unwrap_or_default();
        if without_zeros.len() > DIGITS {
            return false;
        }
        if passes_eleven_test(without_zeros) {
            return true;
        }
    }
    false
}

fn passes_eleven_test(number: &[u32]) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, 10];
    let sum: u32 = number.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    number.len() == DIGITS && sum.is_multiple_of(11) && number.iter().any(|digit| *digit != 0)
}

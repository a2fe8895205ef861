//! The citizen service number (BSN), which is never kept here (C030).

mod digits;
mod elsewhere;
#[cfg(test)]
mod tests;

use self::digits::Run;
use self::elsewhere::{Part, Piece};
use crate::values::refusal::Refusal;

/// How many digits it has.
const DIGITS: usize = 9;

/// How many of its digits are no part of a date with a short year or of a time, at least. `11-12-22 333` and
/// `11:12:22 333` may hold one, `3, 14:30-15:15` does not.
const LEAST_FREE: usize = 3;

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
/// in several with up to five characters between them that are no letters; zeros may stand before them, and letters
/// around them. Digits of all scripts count, and what does not show is overlooked.
///
/// One in eleven numbers passes the test by chance. What can be seen to be something else is left alone: a date, a
/// time, a school year, a telephone number, a bank account, a UUID. What is refused all the same is measured in
/// [ADR 33](../../../../docs/adr/0033-a-bsn-in-any-spelling.md).
pub fn contains_bsn(text: &str) -> bool {
    if !digits::may_have(text, DIGITS) {
        return false;
    }
    let plain = elsewhere::without_identifiers(&digits::plain(text));
    let runs = digits::runs(&plain);
    let pieces = elsewhere::pieces(&runs);
    (0..pieces.len()).filter_map(|start| pieces.get(start..)).any(begins_with_bsn)
}

/// Whether the first pieces are a citizen service number together, and not just dates and times with a number beside
/// them.
fn begins_with_bsn(pieces: &[Piece<'_, '_>]) -> bool {
    let mut number = Vec::new();
    let mut free = 0;
    for (index, piece) in pieces.iter().take_while(|piece| piece.part != Part::Other).enumerate() {
        if index > 0 && !piece.runs.first().is_some_and(Run::goes_on) {
            return false;
        }
        if piece.part == Part::Free {
            free += piece.runs.iter().map(Run::len).sum::<usize>();
        }
        number.extend(piece.runs.iter().flat_map(|run| run.digits).filter_map(|c| c.to_digit(10)));
        let zeros = number.iter().take_while(|digit| **digit == 0).count();
        let without_zeros = number.get(zeros.min(number.len().saturating_sub(DIGITS))..).unwrap_or_default();
        if without_zeros.len() > DIGITS {
            return false;
        }
        if free >= LEAST_FREE && passes_eleven_test(without_zeros) {
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

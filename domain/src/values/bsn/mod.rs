//! The citizen service number (BSN), which is never kept here (C030).

mod known;
mod plain;
#[cfg(test)]
mod tests;

use self::known::known_groups;
use self::plain::plain;
use crate::values::refusal::Refusal;

/// How many digits it has.
const DIGITS: usize = 9;

/// The most characters between two groups of its digits.
const MOST_BETWEEN: usize = 5;

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

/// Whether a citizen service number stands somewhere in `text`: nine digits that pass the eleven-test, also behind
/// zeros that fill up, in groups of any size with up to five characters between them that are no letters, and
/// between letters. Digits of any script count; what does not show is overlooked.
///
/// One in eleven nine-digit numbers passes the test by chance. What is known to be something else is left alone:
/// dates, times, school years, telephone numbers with their prefix, UUIDs and long hexadecimal words. What that
/// costs is measured in [ADR 33](../../../../docs/adr/0033-a-bsn-in-any-spelling.md).
pub fn contains_bsn(text: &str) -> bool {
    // Most texts have hardly a digit. One character stands for three of them at most.
    if text.chars().filter(|&c| plain::may_hold_digits(c)).nth(DIGITS / 3 - 1).is_none() {
        return false;
    }
    let text = plain(text);
    let groups = digit_groups(&text);
    chains(&groups).any(|chain| {
        chain.iter().any(|group| is_bsn_in_one_piece(group.digits))
            || (0..chain.len()).any(|first| chain.get(first..).is_some_and(begins_with_bsn))
    })
}

/// A longest run of ASCII digits, with what stands between it and the run before and after it.
#[derive(Clone, Copy)]
struct DigitGroup<'a> {
    before: &'a str,
    digits: &'a str,
    after: &'a str,
}

fn digit_groups(text: &str) -> Vec<DigitGroup<'_>> {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut groups = Vec::new();
    let (mut before, mut rest) = text.split_at(text.find(is_digit).unwrap_or(text.len()));
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        let (after, next) = behind.split_at(behind.find(is_digit).unwrap_or(behind.len()));
        groups.push(DigitGroup { before, digits, after });
        (before, rest) = (after, next);
    }
    groups
}

/// The groups that can be parts of one number: between what is known to be something else, and no letter between.
fn chains<'g, 'a>(groups: &'g [DigitGroup<'a>]) -> impl Iterator<Item = &'g [DigitGroup<'a>]> {
    let mut rest = groups;
    std::iter::from_fn(move || {
        while let known @ 1.. = known_groups(rest) {
            rest = rest.get(known..)?;
        }
        let mut length = usize::from(!rest.is_empty());
        while rest.get(length).is_some_and(|group| is_separator(group.before))
            && rest.get(length..).is_some_and(|next| known_groups(next) == 0)
        {
            length += 1;
        }
        let (chain, next) = rest.split_at_checked(length).filter(|_| length > 0)?;
        rest = next;
        Some(chain)
    })
}

/// Whether a number could go on behind it.
fn is_separator(between: &str) -> bool {
    between.chars().nth(MOST_BETWEEN).is_none() && !between.contains(char::is_alphanumeric)
}

fn is_bsn_in_one_piece(digits: &str) -> bool {
    let is_mobile_number = digits.len() == DIGITS + 1 && digits.starts_with("06");
    let filled_up = digits.len().checked_sub(DIGITS).and_then(|zeros| digits.split_at_checked(zeros));
    !is_mobile_number && filled_up.is_some_and(|(zeros, bsn)| is_zeros(zeros) && is_bsn(bsn))
}

/// Whether the first of these groups are a citizen service number together.
fn begins_with_bsn(chain: &[DigitGroup<'_>]) -> bool {
    let mut digits = String::with_capacity(2 * DIGITS);
    for (index, group) in chain.iter().enumerate() {
        digits.push_str(group.digits);
        if digits.len() >= DIGITS {
            let (zeros, bsn) = digits.split_at(digits.len() - DIGITS);
            let is_usual = || is_usual_layout(zeros.len(), chain.get(..=index).unwrap_or_default());
            return index > 0 && is_zeros(zeros) && (zeros.is_empty() || is_usual()) && is_bsn(bsn);
        }
    }
    false
}

/// Whether the groups without the zeros in front are written as a citizen service number usually is. Others with a
/// zero in front are mostly telephone numbers.
fn is_usual_layout(zeros: usize, groups: &[DigitGroup<'_>]) -> bool {
    let mut lengths = groups.iter().map(|group| group.digits.len());
    let first = lengths.next().and_then(|length| length.checked_sub(zeros));
    let layout: Vec<usize> = first.into_iter().chain(lengths).collect();
    layout == [3, 3, 3] || layout == [4, 2, 3]
}

fn is_zeros(digits: &str) -> bool {
    digits.bytes().all(|digit| digit == b'0')
}

/// Whether nine digits pass the eleven-test. None were issued below a million; such numbers are counters that are
/// filled up with zeros.
fn is_bsn(digits: &str) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits.bytes().zip(weights).map(|(digit, weight)| i32::from(digit - b'0') * weight).sum();
    digits.len() == DIGITS && sum % 11 == 0 && !digits.starts_with("000")
}

//! What numbers in a text are known to be something else than a citizen service number: parts of dates, times, school
//! years, telephone numbers, bank accounts and identifiers.

use uuid::{Uuid, Variant};

use super::digits::Run;

/// From how many hexadecimal digits on a word is an identifier: a digest, a token or a pseudonym such as the ECK iD.
const LEAST_OF_HEXADECIMAL: usize = 32;

/// What digits can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A part of any number.
    Free,
    /// A date with a short year or a time, that a citizen service number can have as one of its parts: `11-12-22 333`.
    Likely,
    /// Something else, whatever stands beside it.
    Other,
}

/// Runs of digits that are one thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'r, 'a> {
    pub(super) runs: &'r [Run<'a>],
    pub(super) part: Part,
}

/// What the runs are, in their order.
pub(super) fn pieces<'r, 'a>(mut runs: &'r [Run<'a>]) -> Vec<Piece<'r, 'a>> {
    let mut pieces = Vec::with_capacity(runs.len());
    while !runs.is_empty() {
        let (count, part) = known(runs);
        let (piece, rest) = runs.split_at_checked(count).unwrap_or((runs, &[]));
        pieces.push(Piece { runs: piece, part });
        runs = rest;
    }
    pieces
}

/// How many runs from the first one on make one thing, and what it is.
fn known(runs: &[Run<'_>]) -> (usize, Part) {
    let longest = |shapes: &[fn(&[Run<'_>]) -> usize]| shapes.iter().map(|shape| shape(runs)).max();
    let other = longest(&[date, school_year, abroad, telephone, bank_account]).unwrap_or(0);
    let likely = longest(&[short_date, time]).unwrap_or(0);
    match (likely, other) {
        (0, 0) => (1, Part::Free),
        _ if likely > other => (likely, Part::Likely),
        _ => (other, Part::Other),
    }
}

/// `14-05-2021` and `2021-05-14`.
fn date(runs: &[Run<'_>]) -> usize {
    let [first, second, third, ..] = runs else { return 0 };
    let year = |run: &Run<'_>| run.len() == 4 && run.value().is_some_and(|year| (1900..2100).contains(&year));
    let is_one = (year(third) && are_day_and_month(first, second))
        || (year(first) && are_day_and_month(third, second));
    if is_one && has_one_separator(runs) { 3 } else { 0 }
}

/// `14-05-21` and `14-05-'21`, not between spaces.
fn short_date(runs: &[Run<'_>]) -> usize {
    let [first, second, third, rest @ ..] = runs else { return 0 };
    let apostrophe = matches!((second.gap, third.gap), ([one], [same, '\'' | '\u{2019}']) if one == same);
    let apart = apostrophe && rest.first().is_none_or(|next| next.gap != second.gap);
    let separated = apart || (has_one_separator(runs) && third.gap != [' ']);
    if third.len() == 2 && are_day_and_month(first, second) && separated { 3 } else { 0 }
}

fn are_day_and_month(day: &Run<'_>, month: &Run<'_>) -> bool {
    let within = |run: &Run<'_>, most: u32| {
        run.len() <= 2 && run.value().is_some_and(|value| (1..=most).contains(&value))
    };
    within(day, 31) && within(month, 12)
}

/// Whether one separator of dates stands twice, and not once more.
fn has_one_separator(runs: &[Run<'_>]) -> bool {
    let mut gaps = runs.iter().skip(1).map(|run| run.gap);
    let (first, second, third) = (gaps.next(), gaps.next(), gaps.next());
    matches!(first, Some(['-' | '/' | '.' | ' '])) && first == second && third != second
}

/// `14:30`, `14u30`, `14:30:05`, and behind a date `14:30:05.123456`, unless more follows or precedes it in this way.
fn time(runs: &[Run<'_>]) -> usize {
    let [hour, minute, ..] = runs else { return 0 };
    let part = |run: &Run<'_>| run.len() == 2 && run.value() < Some(60);
    let colon = |run: &Run<'_>| run.gap == [':'];
    let is_hour = hour.len() <= 2 && hour.value() < Some(25) && !colon(hour);
    if !(is_hour && part(minute) && matches!(minute.gap, [':' | 'u' | 'h'])) {
        return 0;
    }
    let seconds = usize::from(runs.get(2).is_some_and(|second| colon(second) && part(second)));
    let is_fraction = |run: &Run<'_>| run.gap == ['.'] && matches!(hour.gap, ['T' | ' ']);
    let fraction = usize::from(seconds == 1 && runs.get(3).is_some_and(is_fraction));
    let length = 2 + seconds + fraction;
    if runs.get(length).is_some_and(colon) { 0 } else { length }
}

/// `2025-2026` and `2025/26`.
fn school_year(runs: &[Run<'_>]) -> usize {
    let [first, second, ..] = runs else { return 0 };
    let (Some(from), Some(to)) = (first.value(), second.value()) else { return 0 };
    let next = match second.len() {
        4 => from + 1 == to,
        2 => (from + 1) % 100 == to,
        _ => false,
    };
    let is_one = first.len() == 4
        && (1900..2100).contains(&from)
        && next
        && matches!(second.gap, ['-' | '/' | '\u{2013}']);
    if is_one { 2 } else { 0 }
}

/// `+31 6 12345678`, `+31 (0)6-12345678`, `0031 20 1234567`: nine digits after the code of the country.
fn abroad(runs: &[Run<'_>]) -> usize {
    let [code, rest @ ..] = runs else { return 0 };
    let is_code = (code.gap.ends_with(&['+']) && code.len() <= 3)
        || (code.len() == 4 && code.digits.starts_with(&['0', '0']));
    let trunk = usize::from(rest.first().is_some_and(|run| run.digits == ['0'] && run.gap.ends_with(&['('])));
    let number = rest.get(trunk..).map_or(0, |rest| adding_up_to(rest, 9));
    if is_code && number > 0 { 1 + trunk + number } else { 0 }
}

/// `06-12345678`, `0612345678`, `(020) 123 45 67`, `0111-222333`: ten digits, of which the first is the trunk's zero,
/// in the groups that telephone numbers are written in.
fn telephone(runs: &[Run<'_>]) -> usize {
    let Some([zero, second, ..]) = runs.first().map(|run| run.digits) else { return 0 };
    let number = adding_up_to(runs, 10);
    let layout: Vec<_> = runs.iter().take(number).map(Run::len).collect();
    let mut gaps = runs.iter().take(number).skip(1).map(|run| run.gap);
    let has_layout = match layout.as_slice() {
        [10] | [2, ..] => *second == '6',
        [3, 7] | [3, 3, 4] | [3, 4, 3] | [3, 3, 2, 2] | [4, 6] | [4, 2, 2, 2] => true,
        // `0111-222 333`; one separator could be that of a citizen service number behind a zero.
        [4, 3, 3] => gaps.clone().next() != gaps.clone().nth(1),
        _ => false,
    };
    let short_area = layout.first().is_some_and(|length| *length < 4);
    let has_gaps =
        gaps.all(|gap| gap.iter().all(|c| matches!(c, ' ' | '-' | ')') || (short_area && *c == '.')));
    if *zero == '0' && *second != '0' && has_layout && has_gaps { number } else { 0 }
}

/// `NL91 ABNA 0417 1643 00`: what follows a bank's letters.
fn bank_account(runs: &[Run<'_>]) -> usize {
    let [check, rest @ ..] = runs else { return 0 };
    let country = check.gap.iter().rev().take_while(|c| c.is_ascii_alphabetic()).count() == 2;
    let bank = rest.first().is_some_and(|run| {
        let letters = run.gap.iter().filter(|c| c.is_ascii_alphabetic()).count();
        letters == 4 && run.gap.iter().all(|c| c.is_ascii_alphabetic() || *c == ' ')
    });
    let number = adding_up_to(rest, 10);
    if country && check.len() == 2 && bank && number > 0 { 1 + number } else { 0 }
}

/// How many runs from the first one on, with no more than a gap between them, have `digits` digits together.
fn adding_up_to(runs: &[Run<'_>], digits: usize) -> usize {
    let mut sum = 0;
    for (index, run) in runs.iter().enumerate() {
        if index > 0 && !run.goes_on() {
            return 0;
        }
        sum += run.len();
        if sum >= digits {
            return if sum == digits { index + 1 } else { 0 };
        }
    }
    0
}

/// The text without its identifiers: UUIDs, and other hexadecimal numbers of 128 bits and more, in which digits stand
/// by chance.
pub(super) fn without_identifiers(plain: &[char]) -> Vec<char> {
    let in_word = |c: &char| c.is_alphanumeric() || *c == '-';
    plain
        .chunk_by(|left, right| in_word(left) == in_word(right))
        .flat_map(|word| if word.len() < LEAST_OF_HEXADECIMAL { word } else { without_identifier(word) })
        .copied()
        .collect()
}

/// What is left of a word that may be an identifier. A UUID that ends in a decimal number filled up with zeros was made
/// up around that number, which is left.
fn without_identifier(word: &[char]) -> &[char] {
    let is_hexadecimal =
        || word.iter().all(char::is_ascii_hexdigit) && !word.iter().all(char::is_ascii_digit);
    let node = word.rsplit(|c| *c == '-').next().unwrap_or_default();
    let is_number = node.starts_with(&['0', '0', '0']) && node.iter().all(char::is_ascii_digit);
    if is_uuid(word) {
        if is_number { node } else { &['x'] }
    } else if is_hexadecimal() {
        &['x']
    } else {
        word
    }
}

/// Whether it is a UUID as RFC 9562 makes them.
fn is_uuid(word: &[char]) -> bool {
    let valid =
        |uuid: Uuid| uuid.get_variant() == Variant::RFC4122 && (1..=8).contains(&uuid.get_version_num());
    word.contains(&'-') && Uuid::try_parse(&String::from_iter(word)).is_ok_and(valid)
}

//! What numbers in a text are known to be something else than a citizen service number: parts of dates, times, school
//! years, telephone numbers, bank accounts and identifiers.

use super::digits::Run;

/// Which of the runs belong to something else.
pub(super) fn something_else(runs: &[Run<'_>]) -> Vec<bool> {
    let mut taken = vec![false; runs.len()];
    let mut at = 0;
    while let Some(rest) = runs.get(at..).filter(|rest| !rest.is_empty()) {
        let count = known(rest).max(1);
        if known(rest) > 0 {
            taken.iter_mut().skip(at).take(count).for_each(|taken| *taken = true);
        }
        at += count;
    }
    taken
}

/// How many runs from the first one on make something that is known.
fn known(runs: &[Run<'_>]) -> usize {
    [date, time, school_year, abroad, telephone, bank_account]
        .iter()
        .map(|shape| shape(runs))
        .max()
        .unwrap_or(0)
}

/// `14-05-2021`, `2021-05-14`, `14-05-21`: with one kind of separator, and a day that can be.
fn date(runs: &[Run<'_>]) -> usize {
    let [first, second, third, ..] = runs else { return 0 };
    let (Some(a), Some(b), Some(c)) = (first.value(), second.value(), third.value()) else { return 0 };
    let month_and_day = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let year = |run: &Run<'_>, value: u32| run.len() == 4 && (1900..2100).contains(&value);
    let short = |run: &Run<'_>| run.len() <= 2;
    let one_separator = second.gap == third.gap && matches!(second.gap, ['-' | '/' | '.' | ' ']);
    let day_first = short(first) && short(second) && month_and_day(b, a);
    let with_year = (day_first && year(third, c))
        || (year(first, a) && short(second) && short(third) && month_and_day(b, c));
    let with_short_year = day_first && third.len() == 2 && second.gap != [' '];
    let goes_on = runs.get(3).is_some_and(|next| next.gap == third.gap);
    if one_separator && !goes_on && (with_year || with_short_year) { 3 } else { 0 }
}

/// `14:30`, `14:30:05` and `14:30:05.123456`.
fn time(runs: &[Run<'_>]) -> usize {
    let part = |run: &Run<'_>| run.len() == 2 && run.gap == [':'] && run.value() < Some(60);
    match runs {
        [hour, minute, rest @ ..] if hour.len() <= 2 && hour.value() < Some(25) && part(minute) => match rest
        {
            [second, fraction, ..] if part(second) && fraction.gap == ['.'] => 4,
            [second, ..] if part(second) => 3,
            _ => 2,
        },
        _ => 0,
    }
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

/// `06-12345678`, `0612345678`, `020-1234567`, `0111-222333`: ten digits, of which the first is the trunk's zero, in
/// the groups that telephone numbers are written in.
fn telephone(runs: &[Run<'_>]) -> usize {
    let Some([zero, second, ..]) = runs.first().map(|run| run.digits) else { return 0 };
    let number = adding_up_to(runs, 10);
    let layout: Vec<_> = runs.iter().take(number).map(Run::len).collect();
    let has_layout = match layout.as_slice() {
        [10, ..] | [2, ..] => *second == '6',
        [3, 7] | [3, 3, 4] | [3, 4, 3] | [3, 3, 2, 2] | [4, 6] | [4, 2, 2, 2] => true,
        _ => false,
    };
    let has_gaps = runs.iter().take(number).skip(1).all(|run| run.gap.iter().all(|c| matches!(c, ' ' | '-')));
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
        .flat_map(|word| if is_identifier(word) { &['x'][..] } else { word })
        .copied()
        .collect()
}

fn is_identifier(word: &[char]) -> bool {
    let parts: Vec<_> = word.split(|c| *c == '-').map(<[char]>::len).collect();
    let hexadecimal = word.iter().all(|c| c.is_ascii_hexdigit() || *c == '-');
    hexadecimal && (parts == [8, 4, 4, 4, 12] || (parts.len() == 1 && word.len() >= 32))
}

//! What digits are when they are no citizen service number: dates, times, school years and telephone numbers.

use super::{DigitGroup, is_separator};

/// How many digits a telephone number has behind its country code at least and at most.
const INTERNATIONAL: std::ops::RangeInclusive<usize> = 8..=11;

/// How many digits a Dutch telephone number has.
const NATIONAL: usize = 10;

/// How these are grouped behind the prefix of a network or an area.
const BEHIND_AREA: [&[usize]; 12] = [
    &[8],
    &[4, 4],
    &[2, 2, 2, 2],
    &[2, 3, 3],
    &[7],
    &[3, 4],
    &[4, 3],
    &[3, 2, 2],
    &[2, 2, 3],
    &[6],
    &[3, 3],
    &[2, 2, 2],
];

/// How many of the groups, from the first on, are one thing that is known; 0 when it is not.
pub(super) fn known_groups(groups: &[DigitGroup<'_>]) -> usize {
    let shapes = [compact_date, date, years, time, international_telephone_number, national_telephone_number];
    shapes.into_iter().map(|shape| shape(groups)).find(|&known| known > 0).unwrap_or(0)
}

/// `20210514`
fn compact_date(groups: &[DigitGroup<'_>]) -> usize {
    let Some(DigitGroup { digits, .. }) = groups.first() else { return 0 };
    let parts = (digits.get(..4), digits.get(4..6), digits.get(6..));
    let (Some(year), Some(month), Some(day)) = parts else { return 0 };
    usize::from(digits.len() == 8 && is_date(year, month, day))
}

/// `2021-05-14`, `14-5-2021`, `14/05/2021`, `14.5.2021`
fn date(groups: &[DigitGroup<'_>]) -> usize {
    let [first, second, third, ..] = groups else { return 0 };
    let is_written_so = matches!(first.after, "-" | "/" | ".") && second.after == first.after;
    let is_one = is_date(first.digits, second.digits, third.digits)
        || is_date(third.digits, second.digits, first.digits);
    if is_written_so && is_one && stands_apart(first, third) { 3 } else { 0 }
}

/// `2021-2022` and `2021/2022`, also with a half-year: `2021-2022-1`
fn years(groups: &[DigitGroup<'_>]) -> usize {
    let [first, second, ..] = groups else { return 0 };
    if !(is_year(first.digits) && is_year(second.digits) && matches!(first.after, "-" | "/" | "–")) {
        return 0;
    }
    let has_half_year =
        second.after == "-" && groups.get(2).is_some_and(|half| matches!(half.digits, "1" | "2"));
    let length = 2 + usize::from(has_half_year);
    if groups.get(length - 1).is_some_and(|last| stands_apart(first, last)) { length } else { 0 }
}

/// `10:15`, `10:15:30`, `10:15:30.123456`
fn time(groups: &[DigitGroup<'_>]) -> usize {
    let parts = 1 + groups.iter().take(2).take_while(|group| group.after == ":").count();
    let hour = groups.first().is_some_and(|hour| is_within(hour.digits, 0..=23));
    let rest = groups.get(1..parts).unwrap_or_default();
    let is_time = hour
        && !rest.is_empty()
        && rest.iter().all(|part| part.digits.len() == 2 && is_within(part.digits, 0..=59));
    let has_fraction =
        parts == 3 && groups.len() > 3 && groups.get(2).is_some_and(|second| second.after == ".");
    let length = parts + usize::from(has_fraction);
    match (groups.first(), groups.get(length - 1)) {
        (Some(first), Some(last)) if is_time && stands_apart(first, last) => length,
        _ => 0,
    }
}

/// `+31 6 12345678`, `0031 (0)6 12345678`
fn international_telephone_number(groups: &[DigitGroup<'_>]) -> usize {
    let Some((code, rest)) = groups.split_first() else { return 0 };
    let behind_plus = code.before.ends_with('+') && code.digits.len() <= 3;
    if !behind_plus && !matches!(code.digits, "0031" | "0032" | "0049") {
        return 0;
    }
    let mut digits = 0;
    let mut known = 0;
    for (index, group) in rest.iter().enumerate() {
        digits += group.digits.len();
        if digits > *INTERNATIONAL.end() || !is_separator(group.before) {
            break;
        }
        if INTERNATIONAL.contains(&digits) {
            known = index + 2;
        }
    }
    known
}

/// `06-12345678`, `06 12 34 56 78`, `010-123 45 67`, `0111 222333`. Not `0111 222 333`, which could as well be a
/// citizen service number behind a zero.
fn national_telephone_number(groups: &[DigitGroup<'_>]) -> usize {
    let Some((area, rest)) = groups.split_first() else { return 0 };
    if !area.digits.starts_with('0') || area.digits.starts_with("00") || !(2..=4).contains(&area.digits.len())
    {
        return 0;
    }
    let fits = |layout: &&[usize]| {
        let groups = rest.get(..layout.len()).unwrap_or_default();
        groups.iter().map(|group| group.digits.len()).eq(layout.iter().copied())
            && groups.iter().all(|group| is_separator(group.before))
            && area.digits.len() + layout.iter().sum::<usize>() == NATIONAL
    };
    let Some(layout) = BEHIND_AREA.into_iter().find(fits) else { return 0 };
    let is_told_apart = area.digits == "06"
        || rest.get(1).is_none_or(|second| layout.len() == 1 || area.after != second.before);
    if is_told_apart { 1 + layout.len() } else { 0 }
}

/// Whether neither side goes on with digits behind a mark that also joins the parts of one number.
fn stands_apart(first: &DigitGroup<'_>, last: &DigitGroup<'_>) -> bool {
    let joins = |between: &str| matches!(between, "-" | "." | "/" | ":" | "–" | "_");
    !joins(first.before) && !joins(last.after)
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    is_year(year) && is_within(month, 1..=12) && is_within(day, 1..=31)
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

fn is_within(digits: &str, range: std::ops::RangeInclusive<u8>) -> bool {
    digits.len() <= 2 && digits.parse().is_ok_and(|number: u8| range.contains(&number))
}

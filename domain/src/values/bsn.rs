//! The citizen service number (BSN), which is never kept here (C030).
use crate::values::refusal::Refusal;

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

/// Whether a citizen service number stands somewhere in `text`: nine digits that pass the eleven-test, not part
/// of a longer word or number, written in one piece or as `ddd.ddd.ddd` or `dddd.dd.ddd` with full stops,
/// spaces or hyphens.
///
/// One in eleven nine-digit numbers passes the test by chance; what is known to be something else (an
/// international telephone number, the fraction of a second in an ISO 8601 time) is left alone.
pub fn contains_bsn(text: &str) -> bool {
    if text.bytes().filter(u8::is_ascii_digit).count() < 9 {
        return false;
    }
    let groups = digit_groups(text);
    groups.iter().any(|group| is_whole_bsn(group)) || groups.windows(3).any(is_spaced_bsn)
}

/// A longest run of digits, with what stands before and after it in the whole text.
struct DigitGroup<'a> {
    before: &'a str,
    digits: &'a str,
    after: &'a str,
}

fn digit_groups(text: &str) -> Vec<DigitGroup<'_>> {
    let mut groups = Vec::new();
    let mut end = 0;
    while let Some((before, rest)) = next_digit(text, end) {
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(length);
        end = before.len() + length;
        groups.push(DigitGroup { before, digits, after });
    }
    groups
}

fn next_digit(text: &str, from: usize) -> Option<(&str, &str)> {
    let distance = text.get(from..)?.find(|c: char| c.is_ascii_digit())?;
    text.split_at_checked(from + distance)
}

fn is_whole_bsn(group: &DigitGroup<'_>) -> bool {
    group.digits.len() == 9
        && passes_eleven_test(group.digits.bytes())
        && stands_alone(group.before, group.after)
        && !ends_in_country_code(group.before)
        && !ends_in_seconds(group.before)
}

fn is_spaced_bsn(groups: &[DigitGroup<'_>]) -> bool {
    let [first, second, third] = groups else { return false };
    let layout = [first, second, third].map(|group| group.digits.len());
    let separator = leading_separator(first.after);
    // The digits directly after the separator must be those of the next group.
    let gap = |left: &DigitGroup<'_>, right: &DigitGroup<'_>| {
        left.after.len() == separator.map_or(0, char::len_utf8) + right.digits.len() + right.after.len()
    };
    let digits = first.digits.bytes().chain(second.digits.bytes()).chain(third.digits.bytes());
    (layout == [3, 3, 3] || layout == [4, 2, 3])
        && separator.is_some()
        && separator == leading_separator(second.after)
        && gap(first, second)
        && gap(second, third)
        && passes_eleven_test(digits)
        && stands_alone(first.before, third.after)
        && !continues(first.before, third.after, separator)
}

/// Whether the same separator goes on to more digits, as in a telephone number.
fn continues(before: &str, after: &str, separator: Option<char>) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut backwards = before.chars().rev();
    let mut forwards = after.chars();
    (backwards.next() == separator && digit(backwards.next()))
        || (forwards.next() == separator && digit(forwards.next()))
}

fn leading_separator(text: &str) -> Option<char> {
    text.chars().next().filter(|&c| is_separator(c))
}

const fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | ' ' | '\u{a0}')
}

fn stands_alone(before: &str, after: &str) -> bool {
    let bordering = |c: char| c.is_alphanumeric();
    !before.ends_with(bordering) && !after.starts_with(bordering)
}

/// `+31 ` and the like: what follows is a telephone number.
fn ends_in_country_code(before: &str) -> bool {
    before.strip_suffix(is_separator).is_some_and(|code| {
        let number = code.trim_end_matches(|c: char| c.is_ascii_digit());
        number.len() < code.len() && number.ends_with('+')
    })
}

/// `:05.`: what follows is a fraction of a second.
fn ends_in_seconds(before: &str) -> bool {
    before.strip_suffix('.').is_some_and(|seconds| {
        let minutes = seconds.trim_end_matches(|c: char| c.is_ascii_digit());
        seconds.len() - minutes.len() == 2 && minutes.ends_with(':')
    })
}

fn passes_eleven_test(digits: impl Iterator<Item = u8> + Clone) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits.clone().zip(weights).map(|(digit, weight)| i32::from(digit - b'0') * weight).sum();
    sum % 11 == 0 && digits.into_iter().any(|digit| digit != b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_it_in_every_usual_layout() {
        for text in [
            "111222333",
            "bsn: 111222333.",
            "(123456782)",
            "naam;123456782;2021-03-04",
            "1,123456782",
            "111.222.333",
            "111 222 333",
            "111-222-333",
            "1112.22.333",
            "1112 22 333",
            "1112-22-333",
            "Groep 2, 1112\u{a0}22\u{a0}333 dus",
            "https://voorbeeld.example/123456782",
        ] {
            assert!(contains_bsn(text), "{text}");
        }
    }

    #[test]
    fn leaves_other_numbers_alone() {
        for text in [
            "",
            "000000000",
            "111222334",
            "1112223330",
            "0111222333",
            "a111222333",
            "111222333b",
            "0612345678",
            "+31 123456782",
            "+31 111 222 333",
            "0031-111-222-333",
            "111.222-333",
            "111..222.333",
            "111/222/333",
            "2026-11-21",
            "2026-11-21T10:00:05.123456782+01:00",
            "2026-11-21 10:00:05.123456782",
            "2026-2027-1",
            "11122233-3111-4222-8333-111222333444",
            "00f067aa0ba902b7111222333",
            "NL91 ABNA 0417 1643 00",
        ] {
            assert!(!contains_bsn(text), "{text}");
        }
    }

    #[test]
    fn the_refusal_does_not_repeat_it() {
        let refusal = refuse_bsn("111222333").unwrap_err();
        assert_eq!(refusal.code, "bsn");
        assert!(!refusal.detail.contains("111"));
        assert_eq!(refuse_bsn("twaalf blokken"), Ok(()));
    }

    prop_compose! {
        fn valid()(digits in prop::array::uniform8(0u32..10)) -> Option<[u32; 9]> {
            let sum: u32 = digits.iter().zip((2u32..=9).rev()).map(|(digit, weight)| digit * weight).sum();
            let mut nine = [0; 9];
            nine[..8].copy_from_slice(&digits);
            nine[8] = sum % 11;
            (nine[8] < 10 && nine.iter().any(|&digit| digit != 0)).then_some(nine)
        }
    }

    fn written(digits: &[u32]) -> String {
        digits.iter().map(u32::to_string).collect()
    }

    proptest! {
        #[test]
        fn the_eleven_test_sees_every_single_mistake(
            number in valid().prop_filter_map("no check digit", |number| number),
            place in 0usize..9,
            change in 1u32..10,
        ) {
            prop_assert!(contains_bsn(&written(&number)));
            let parts = [&number[..3], &number[3..6], &number[6..]].map(written);
            prop_assert!(contains_bsn(&parts.join(".")));
            let mut wrong = number;
            wrong[place] = (wrong[place] + change) % 10;
            prop_assert!(!contains_bsn(&written(&wrong)));
        }

        #[test]
        fn ids_never_count_as_one(number: u128) {
            let uuid = uuid::Uuid::from_u128(number);
            prop_assert!(!contains_bsn(&uuid.to_string()));
            prop_assert!(!contains_bsn(&uuid.simple().to_string()));
        }

        #[test]
        fn any_text_is_taken(text: String) {
            let _ = contains_bsn(&text);
        }
    }
}

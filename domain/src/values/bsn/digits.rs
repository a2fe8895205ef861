//! The digits of a text, however they are written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most characters between two digits of one number.
const WIDEST_GAP: usize = 5;

/// The zeros of the decimal digits that compatibility normalisation leaves as they are (Unicode 16.0, category Nd);
/// the digits up to nine follow each of them.
const ZEROS: [u32; 68] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50,
    0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x10D40, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730,
    0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50,
    0x16D70, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
];

/// What stands before the one of the digits in rings that it leaves as they are; nine of them follow each.
const BEFORE_RINGED_ONES: [u32; 4] = [0x24F4, 0x2775, 0x277F, 0x2789];

/// A text as it is searched: in compatibility form, with every digit as an ASCII digit and without what does not show
/// or only decorates.
pub(super) fn plain(text: &str) -> Vec<char> {
    // Ids and most texts: ASCII is its own compatibility form, and all of it shows.
    if text.is_ascii() {
        return text.chars().collect();
    }
    text.nfkc().filter(|&c| !is_invisible(c)).map(|c| digit(c).unwrap_or(c)).collect()
}

/// Whether `text` could have as many as `least` digits; a quick look that may say yes too often. A sign such as `⑫` or
/// `⅒` is of three digits at most.
pub(super) fn may_have(text: &str, least: usize) -> bool {
    let most = |c: char| match c {
        '0'..='9' => 1,
        sign if !sign.is_ascii() && !sign.is_alphabetic() => 3,
        _ => 0,
    };
    let mut sum = 0;
    text.chars().any(|c| {
        sum += most(c);
        sum >= least
    })
}

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let decimal = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value <= 9));
    let ringed = || {
        BEFORE_RINGED_ONES
            .iter()
            .find_map(|start| code.checked_sub(*start).filter(|value| (1..=9).contains(value)))
    };
    char::from_digit(decimal.or_else(ringed)?, 10)
}

/// Format characters (category Cf), variation selectors, fillers and combining marks.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x115F..=0x1160 | 0x3164 | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF9..=0xFFFB | 0x110BD
        | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
        || is_combining_mark(c)
}

/// A longest run of digits in a plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run<'a> {
    /// What stands directly before it: up to the run before, or to the beginning.
    pub(super) gap: &'a [char],
    /// Its digits.
    pub(super) digits: &'a [char],
}

impl Run<'_> {
    /// How many digits it has.
    pub(super) const fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether it can belong to one number with the run before it.
    pub(super) fn goes_on(&self) -> bool {
        self.gap.len() <= WIDEST_GAP && !self.gap.iter().any(|c| c.is_alphanumeric())
    }

    /// Its value; `None` for more than nine digits.
    pub(super) fn value(&self) -> Option<u32> {
        let small = self.digits.len() <= 9;
        small
            .then(|| self.digits.iter().filter_map(|c| c.to_digit(10)).fold(0, |sum, digit| sum * 10 + digit))
    }
}

/// The runs of digits in a plain text, in order.
pub(super) fn runs(mut plain: &[char]) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    while let Some(start) = plain.iter().position(char::is_ascii_digit) {
        let (gap, rest) = plain.split_at(start);
        let length = rest.iter().position(|c| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(length);
        runs.push(Run { gap, digits });
        plain = after;
    }
    runs
}

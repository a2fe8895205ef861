//! A text as its digits are read: in one script, without what does not show.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use uuid::{Uuid, Variant};

/// From how many hexadecimal digits on a word is a digest, a token or a pseudonym such as the ECK iD.
const LEAST_OF_HEXADECIMAL: usize = 32;

/// Whether digits can stand in a character: one itself, or a sign such as `①`, `½` or `㍘`.
pub(super) fn may_hold_digits(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && !c.is_alphabetic())
}

/// The text in compatibility form (NFKC), with ASCII digits for those of all scripts, without characters that do
/// not show or that only change another, and with a letter in place of each machine-made identifier.
pub(super) fn plain(text: &str) -> String {
    let normal: String = if text.is_ascii() {
        text.to_owned()
    } else {
        text.nfkc().filter(|&c| !is_overlooked(c)).map(ascii_digit).collect()
    };
    without_identifiers(&normal)
}

fn is_overlooked(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, Format, NonspacingMark, SpacingMark};
    let is_filler = matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}');
    is_filler || matches!(c.general_category(), EnclosingMark | Format | NonspacingMark | SpacingMark)
}

/// A decimal digit as ASCII. Unicode has the ten digits of a script one after another, zero first, so that a digit
/// is told by how many stand before it.
fn ascii_digit(c: char) -> char {
    let is_decimal = |c: char| c.general_category() == GeneralCategory::DecimalNumber;
    if c.is_ascii() || !is_decimal(c) {
        return c;
    }
    let before = (0..u32::from(c)).rev().map_while(char::from_u32).take_while(|&c| is_decimal(c)).count();
    u32::try_from(before % 10).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

fn without_identifiers(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        let (between, next) = behind.split_at(behind.find(is_part).unwrap_or(behind.len()));
        kept.push_str(if is_identifier(word) { "x" } else { word });
        kept.push_str(between);
        rest = next;
    }
    kept
}

fn is_identifier(word: &str) -> bool {
    word.len() >= LEAST_OF_HEXADECIMAL && (is_uuid(word) || is_hexadecimal(word))
}

/// Whether it is a UUID as RFC 9562 makes them. One that ends in a decimal number filled up with zeros was made up
/// around that number.
fn is_uuid(word: &str) -> bool {
    let is_made_up = word
        .rsplit('-')
        .next()
        .is_some_and(|node| node.starts_with("000") && node.bytes().all(|byte| byte.is_ascii_digit()));
    let is_valid =
        |uuid: Uuid| uuid.get_variant() == Variant::RFC4122 && (1..=8).contains(&uuid.get_version_num());
    word.contains('-') && !is_made_up && Uuid::try_parse(word).is_ok_and(is_valid)
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit()) && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

//! The code with which a user lets one member of the helpdesk look along (C012).

use subtle::ConstantTimeEq;

use crate::values::refusal::Refusal;
use crate::values::text::text_value;

/// The letters of a code, as RFC 8628 (6.1) recommends: without vowels they make no words, and without digits no numbers.
const LETTERS: [char; 20] =
    ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];

/// How many letters a code has: one of 2.6 × 10¹⁰.
const LENGTH: usize = 8;

/// A code that a user reads to the member of the helpdesk who may look along with her, such as `WDJB-MJHT`. It opens
/// nothing by itself: only the helpdesk can use it, and whoever uses it first keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentCode(String);

text_value!(ConsentCode);

impl ConsentCode {
    /// The most characters that it may be typed in, white space and dashes among them.
    pub const MOST_CHARACTERS: usize = 32;

    /// The code of these bytes, which have to be random.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let base = LETTERS.len() as u128;
        let mut rest = u128::from_be_bytes(bytes);
        Self::of((0..LENGTH).filter_map(|_| {
            let letter = LETTERS.get((rest % base) as usize).copied();
            rest /= base;
            letter
        }))
    }

    /// Reads a code in either case, with dashes and spaces anywhere or nowhere.
    ///
    /// # Errors
    /// `not-a-consent-code`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let typed =
            || text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
        let is_short = text.len() <= Self::MOST_CHARACTERS;
        if is_short && typed().count() == LENGTH && typed().all(|c| LETTERS.contains(&c)) {
            return Ok(Self::of(typed()));
        }
        let detail = "a consent code has 8 letters, such as WDJB-MJHT";
        Err(Refusal::new("not-a-consent-code", detail))
    }

    /// Whether it is this one, compared in the same time whether or not it is.
    pub fn is(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    fn of(letters: impl Iterator<Item = char>) -> Self {
        let mut written = String::with_capacity(LENGTH + 1);
        for (place, letter) in letters.enumerate() {
            if place == LENGTH / 2 {
                written.push('-');
            }
            written.push(letter);
        }
        Self(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_two_groups_of_four_letters() {
        assert_eq!(ConsentCode::from_bytes([0; 16]).as_str(), "BBBB-BBBB");
        let code = ConsentCode::from_bytes(*b"sixteen random b");
        assert_eq!(ConsentCode::parse(code.as_str()).unwrap().as_str(), code.as_str());
    }

    #[test]
    fn c012_a_code_is_read_as_it_is_heard() {
        let code = ConsentCode::parse("WDJB-MJHT").unwrap();
        for typed in ["wdjb mjht", " W-D-J-B mjHT", "WDJBMJHT"] {
            assert!(ConsentCode::parse(typed).unwrap().is(&code), "{typed}");
        }
        assert!(!ConsentCode::parse("WDJB-MJHV").unwrap().is(&code));
        for wrong in ["", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "WDJB-MJH1", &"B".repeat(40)] {
            assert_eq!(ConsentCode::parse(wrong).unwrap_err().code, "not-a-consent-code", "{wrong}");
        }
    }
}

//! The number under which a question of an institution is handled.

use crate::values::bsn;
use crate::values::refusal::Refusal;
use crate::values::text::text_value;

/// The id of a case in the processor's own administration: ASCII letters, digits, `-`, `.` and `_`. It says
/// nothing of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(String);

text_value!(CaseId);

impl CaseId {
    /// The most characters that it has.
    pub const MOST_CHARACTERS: usize = 64;

    /// Reads a case id.
    ///
    /// # Errors
    /// `not-a-code`, or `bsn` (C030).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if text.is_empty() || text.len() > Self::MOST_CHARACTERS || !text.bytes().all(fits) {
            let most = Self::MOST_CHARACTERS;
            let detail = format!("must be 1 to {most} letters, digits, '-', '.' or '_'");
            return Err(Refusal::new("not-a-code", detail));
        }
        bsn::refuse_bsn(text)?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_a_code_and_names_nobody() {
        assert_eq!(CaseId::parse("VRAAG-2026.17").unwrap().as_str(), "VRAAG-2026.17");
        let too_long = "x".repeat(65);
        for wrong in ["", "Fien Verzonnen", "zaak/1", too_long.as_str()] {
            assert_eq!(CaseId::parse(wrong).unwrap_err().code, "not-a-code", "{wrong}");
        }
        assert_eq!(CaseId::parse("111222333").unwrap_err().code, "bsn");
    }
}

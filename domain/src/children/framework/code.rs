//! The codes by which parts of a framework are named.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::values::refusal::Refusal;

/// Long enough for `area.line.phase.milestone`, short enough for a JSON pointer and a column head.
const MAX_LENGTH: usize = 64;

fn check(text: &str) -> Result<(), Refusal> {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if text.len() <= MAX_LENGTH && text.split(['-', '.']).all(is_part) {
        return Ok(());
    }
    Err(Refusal::new(
        "not-a-code",
        format!(
            "a code has 1 to {MAX_LENGTH} characters: lower-case letters and digits, in parts separated by \
             one '-' or '.'"
        ),
    ))
}

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident)+) => {$(
        $(#[$doc])+
        ///
        /// Lower-case ASCII letters and digits, in parts separated by one `-` or `.`; so it needs
        /// no escaping in a JSON pointer, a URL or a JSON string.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The most characters that it has.
            pub const MOST_CHARACTERS: usize = MAX_LENGTH;

            /// The code that `text` spells, taken literally: nothing is trimmed or lower-cased.
            ///
            /// # Errors
            /// `not-a-code` when it is empty, too long or has other characters.
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                check(text).map(|()| Self(text.into()))
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refusal;

            fn try_from(text: String) -> Result<Self, Refusal> {
                check(&text).map(|()| Self(text.into_boxed_str()))
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

codes! {
    /// Names a framework, the same in all its versions.
    FrameworkCode
    /// Names a development area, uniquely within its framework.
    AreaCode
    /// Names a development line, uniquely within its framework.
    LineCode
    /// Names a milestone, uniquely within its framework.
    MilestoneCode
    /// Names a scale, uniquely within its framework.
    ScaleCode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_lower_case_parts() {
        for good in ["a", "spoken-language", "motor.gross.12-18.3", &"a".repeat(64)] {
            assert_eq!(LineCode::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "A", "a b", " a", "-a", "a-", "a..b", "a.-b", "é", "a/b", "a~b", &"a".repeat(65)] {
            assert_eq!(LineCode::parse(bad).unwrap_err().code, "not-a-code", "{bad:?}");
        }
    }

    #[test]
    fn a_code_is_a_json_string_and_refused_without_being_repeated() {
        let code: MilestoneCode = serde_json::from_str("\"speaks.first-word\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"speaks.first-word\"");

        let refused = serde_json::from_str::<MilestoneCode>("\"Jip Voorbeeld\"").unwrap_err().to_string();
        assert!(!refused.contains("Jip"));
    }
}

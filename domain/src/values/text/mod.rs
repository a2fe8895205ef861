//! Text from outside: cleaned, bounded in length and free of citizen service numbers once it exists.
mod code_list;
mod search_key;
mod value;
mod word_list;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

pub(crate) use self::code_list::code_list;
pub use self::search_key::search_key;
pub(crate) use self::value::text_value;
pub(crate) use self::word_list::word_list;
use crate::values::bsn;
use crate::values::refusal::Refusal;

/// Texts of at most so many characters, in lines if breaks are allowed.
macro_rules! bounded_text {
    ($($(#[$doc:meta])* $name:ident($max:literal, $breaks:ident))+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The most characters that it has.
            pub const MOST_CHARACTERS: usize = $max;

            /// Reads the text: NFC-normalised and without white space around it.
            ///
            /// # Errors
            /// `empty`, `too-long`, `control-character`, or `bsn` (C030).
            pub fn parse(text: &str) -> Result<Self, $crate::values::refusal::Refusal> {
                $crate::values::text::clean(text, Self::MOST_CHARACTERS, $crate::values::text::Breaks::$breaks)
                    .map(Self)
            }
        }

        $crate::values::text::text_value!($name);
    )+};
}

pub(crate) use bounded_text;

// The number is the most characters.
bounded_text! {
    /// A first or last name (C023).
    NamePart(200, Refused)
    /// A tussenvoegsel such as "van der" (C023).
    Infix(20, Refused)
    /// What a professional writes in lines, such as the particulars of a child. Special-category data always:
    /// encrypted and never logged.
    FreeText(10_000, Allowed)
    /// What a group or location is called.
    Label(100, Refused)
    /// A reason or short remark.
    ShortText(500, Refused)
}

/// Whether a text may have line breaks and tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    Allowed,
    Refused,
}

pub(crate) fn clean(text: &str, max_chars: usize, breaks: Breaks) -> Result<String, Refusal> {
    let normal = composed(text.trim()).replace("\r\n", "\n");
    if normal.is_empty() {
        return Err(Refusal::new("empty", "must not be empty"));
    }
    if normal.chars().count() > max_chars {
        return Err(Refusal::new("too-long", format!("must have at most {max_chars} characters")));
    }
    let allowed = |c: char| breaks == Breaks::Allowed && matches!(c, '\n' | '\t');
    if normal.chars().any(|c| c.is_control() && !allowed(c)) {
        return Err(Refusal::new("control-character", "must not contain control characters"));
    }
    bsn::refuse_bsn(&normal)?;
    Ok(normal)
}

/// A text in composed form (NFC).
fn composed(text: &str) -> Cow<'_, str> {
    /// Before it nothing decomposes into something else than itself, or composes with what follows.
    const FIRST_COMBINING: char = '\u{300}';
    if text.chars().all(|c| c < FIRST_COMBINING) { Cow::Borrowed(text) } else { text.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_taken_for_composed_is() {
        for c in ('\0'..'\u{300}').chain(['\u{308}', '\u{344}', '\u{212b}', '\u{1e9b}']) {
            for follows in ["", "e", "\u{308}"] {
                let text = format!("{c}{follows}");
                assert_eq!(composed(&text), text.nfc().collect::<String>(), "{text:?}");
            }
        }
    }

    #[test]
    fn is_trimmed_and_composed() {
        assert_eq!(NamePart::parse("  Zoe\u{308} ").unwrap().as_str(), "Zoë");
        assert_eq!(FreeText::parse("een\r\ntwee\tdrie\n").unwrap().as_str(), "een\ntwee\tdrie");
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Infix::parse(&"é".repeat(20)).is_ok());
        assert_eq!(Infix::parse(&"é".repeat(21)).unwrap_err().code, "too-long");
        assert!(FreeText::parse(&"x".repeat(FreeText::MOST_CHARACTERS)).is_ok());
        assert_eq!(FreeText::parse(&"x".repeat(FreeText::MOST_CHARACTERS + 1)).unwrap_err().code, "too-long");
    }

    #[test]
    fn empty_and_control_characters_are_refused() {
        assert_eq!(Label::parse(" \n ").unwrap_err().code, "empty");
        assert_eq!(Label::parse("Rups\nen").unwrap_err().code, "control-character");
        assert_eq!(FreeText::parse("a\u{0}b").unwrap_err().code, "control-character");
        assert_eq!(FreeText::parse("a\u{7f}b").unwrap_err().code, "control-character");
    }

    #[test]
    fn c030_a_citizen_service_number_is_refused() {
        assert_eq!(FreeText::parse("zijn nummer: 111222333").unwrap_err().code, "bsn");
        assert_eq!(Label::parse("1112.22.333").unwrap_err().code, "bsn");
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", NamePart::parse("Fictief").unwrap()), "NamePart(…)");
    }

    proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(text in "\\PC{0,60}") {
            if let Ok(once) = ShortText::parse(&text) {
                prop_assert_eq!(ShortText::parse(once.as_str()), Ok(once));
            }
        }
    }
}

//! Passwords as they are typed, before anything is made of them (C056–C058).
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// The only symbols that count for C058; others may be used beside them.
const SYMBOLS: &str = "!@#$%^&*()_-=+`~.,/?:;|";

/// The longest password that a login attempt may bring, in bytes: more than any valid one has.
const MAX_ATTEMPT: usize = 1024;

/// A password. It cannot be printed or serialised and is wiped from memory when dropped.
///
/// It is NFC-normalised, because one keyboard writes é as one character and another as two.
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password that somebody chooses.
    ///
    /// # Errors
    /// Every rule that it breaks: `password-length` (8–128 characters, C056), `password-capital`,
    /// `password-digit` (C057), `password-symbol` (C058).
    pub fn new(text: String) -> Result<Self, Vec<Refusal>> {
        let password = Self::normalised(text);
        let broken = broken_rules(password.expose());
        if broken.is_empty() { Ok(password) } else { Err(broken) }
    }

    /// A password that somebody logs in with: whatever was once accepted must be accepted here.
    ///
    /// # Errors
    /// `too-long` over 1024 bytes.
    pub fn unchecked(text: String) -> Result<Self, Refusal> {
        if text.len() > MAX_ATTEMPT {
            drop(Zeroizing::new(text));
            return Err(Refusal::new("too-long", format!("a password has at most {MAX_ATTEMPT} bytes")));
        }
        Ok(Self::normalised(text))
    }

    /// The text of the password, for hashing it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn normalised(text: String) -> Self {
        let typed = Zeroizing::new(text);
        // Enough room from the start: a string that grows leaves its old bytes behind. NFC at most triples.
        let mut normal = Zeroizing::new(String::with_capacity(typed.len() * 3));
        normal.extend(typed.nfc());
        Self(normal)
    }
}

fn broken_rules(password: &str) -> Vec<Refusal> {
    let length = password.chars().count();
    let rules = [
        ((8..=128).contains(&length), "password-length", "must have 8 to 128 characters".to_owned()),
        (
            password.chars().any(char::is_uppercase),
            "password-capital",
            "must have a capital letter".to_owned(),
        ),
        (password.chars().any(|c| c.is_ascii_digit()), "password-digit", "must have a digit".to_owned()),
        (
            password.chars().any(|c| SYMBOLS.contains(c)),
            "password-symbol",
            format!("must have one of the symbols {SYMBOLS}"),
        ),
    ];
    rules.into_iter().filter(|rule| !rule.0).map(|(_, code, detail)| Refusal::new(code, detail)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let broken = Password::new(text.to_owned()).err().unwrap_or_default();
        broken.into_iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn c056_from_8_to_128_characters() {
        let of_length = |length: usize| format!("A1!{}", "é".repeat(length - 3));
        assert_eq!(codes(&of_length(7)), ["password-length"]);
        assert_eq!(codes(&of_length(8)), [""; 0]);
        assert_eq!(codes(&of_length(128)), [""; 0]);
        assert_eq!(codes(&of_length(129)), ["password-length"]);
    }

    #[test]
    fn c057_a_capital_and_a_digit() {
        assert_eq!(codes("abcdefg1!"), ["password-capital"]);
        assert_eq!(codes("Éabcdefg1!"), [""; 0]);
        assert_eq!(codes("Abcdefgh!"), ["password-digit"]);
    }

    #[test]
    fn c058_exactly_these_23_symbols_count() {
        assert_eq!(SYMBOLS.chars().count(), 23);
        for symbol in SYMBOLS.chars() {
            assert_eq!(codes(&format!("Abcdefg1{symbol}")), [""; 0], "{symbol}");
        }
        for other in (' '..='~').filter(|&c| !c.is_ascii_alphanumeric() && !SYMBOLS.contains(c)).chain(['€'])
        {
            assert_eq!(codes(&format!("Abcdefg1{other}")), ["password-symbol"], "{other}");
            assert_eq!(codes(&format!("Abcdefg1!{other}")), [""; 0], "{other}");
        }
    }

    #[test]
    fn all_broken_rules_are_told_at_once() {
        assert_eq!(codes(""), ["password-length", "password-capital", "password-digit", "password-symbol"]);
    }

    #[test]
    fn a_login_attempt_is_only_bounded() {
        assert!(Password::unchecked(String::new()).is_ok());
        assert!(Password::unchecked("x".repeat(1024)).is_ok());
        assert_eq!(Password::unchecked("x".repeat(1025)).err().unwrap().code, "too-long");
    }

    #[test]
    fn both_ways_to_type_an_accent_are_one_password() {
        let typed = Password::unchecked("e\u{301}".to_owned()).unwrap();
        assert_eq!(typed.expose(), "é");
    }

    proptest! {
        #[test]
        fn normalising_never_outgrows_its_room(text in "\\PC{0,60}") {
            let room = text.len() * 3;
            prop_assert!(Password::unchecked(text).unwrap().expose().len() <= room);
        }
    }
}

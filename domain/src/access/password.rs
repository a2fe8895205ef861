//! Passwords as they are typed, before anything is made of them (C056–C058), and which ones are too easy to guess.
use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::values::email::EmailAddress;
use crate::values::person::PersonName;
use crate::values::refusal::Refusal;
use crate::values::text::{search_key, word_list};

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| word_list(include_str!("../../data/common-passwords.txt")));

/// A shorter personal word says nothing: many a good password holds one.
const LEAST_LETTERS: usize = 4;

/// The only symbols that count for C058; others may be used beside them.
const SYMBOLS: &str = "!@#$%^&*()_-=+`~.,/?:;|";

/// A password. It cannot be printed or serialised and is wiped from memory when dropped.
///
/// It is NFC-normalised, because one keyboard writes é as one character and another as two.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The fewest characters that one who chooses a password may give it (C056).
    pub const LEAST_CHARACTERS: usize = 8;

    /// The most characters that one who chooses a password may give it (C056).
    pub const MOST_CHARACTERS: usize = 128;

    /// The longest password that a login attempt may bring, in bytes: more than any valid one has.
    pub const MOST_BYTES_TRIED: usize = 1024;

    /// A password that somebody chooses.
    ///
    /// # Errors
    /// Every rule that it breaks: `password-length` (C056), `password-capital`,
    /// `password-digit` (C057), `password-symbol` (C058).
    pub fn new(text: String) -> Result<Self, Vec<Refusal>> {
        let password = Self::normalised(text);
        let broken = broken_rules(password.expose());
        if broken.is_empty() { Ok(password) } else { Err(broken) }
    }

    /// A password that somebody logs in with: whatever was once accepted must be accepted here.
    ///
    /// # Errors
    /// `too-long` over [`Self::MOST_BYTES_TRIED`].
    pub fn unchecked(text: String) -> Result<Self, Refusal> {
        if text.len() > Self::MOST_BYTES_TRIED {
            drop(Zeroizing::new(text));
            let most = Self::MOST_BYTES_TRIED;
            return Err(Refusal::new("too-long", format!("a password has at most {most} bytes")));
        }
        Ok(Self::normalised(text))
    }

    /// Whether the password is hard enough to guess for the person whom it is to protect.
    ///
    /// Capitals, accents and letters that are written as a digit or symbol (`W@chtw00rd`) make no difference, nor
    /// do digits and symbols around a common word (`Welkom2026!`).
    ///
    /// # Errors
    /// Every rule that it breaks: `password-common`, `password-personal`.
    pub fn check_choice(&self, about: &PersonalWords) -> Result<(), Vec<Refusal>> {
        let key = Zeroizing::new(search_key(self.expose()));
        let mut broken = Vec::new();
        if is_common(&key) {
            broken
                .push(Refusal::new("password-common", "must not be a word that many passwords are made of"));
        }
        if about.are_held_by(&key) {
            broken.push(Refusal::new(
                "password-personal",
                "must not hold your name or a part of your e-mail address",
            ));
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
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

/// The words by which others know a person: those of at least four letters in the first name, the last name and
/// the e-mail address, its top-level domain aside.
#[derive(Default)]
pub struct PersonalWords(Vec<String>);

impl PersonalWords {
    /// The words of a name alone.
    pub(super) fn of_name(name: &PersonName) -> Self {
        Self::of([name.first.as_str(), name.last.as_str()])
    }

    /// The words of the person with this name and e-mail address.
    pub fn new(name: &PersonName, email: &EmailAddress) -> Self {
        let address = email.normalised();
        let (local, domain) = address.rsplit_once('@').unwrap_or_default();
        let (domain, _) = idna::domain_to_unicode(domain.rsplit_once('.').map_or(domain, |(own, _)| own));
        Self::of([name.first.as_str(), name.last.as_str(), local, &domain])
    }

    fn of<const N: usize>(texts: [&str; N]) -> Self {
        let keys = texts.map(search_key);
        let words = keys.iter().flat_map(|key| key.split(|c: char| !c.is_alphabetic()));
        Self(words.filter(|word| word.chars().count() >= LEAST_LETTERS).map(str::to_owned).collect())
    }

    pub(super) fn are_held_by(&self, key: &str) -> bool {
        let readings = ['i', 'l'].map(|one| with_letters(key, one));
        self.0.iter().any(|word| key.contains(word) || readings.iter().any(|reading| reading.contains(word)))
    }
}

/// Whether a password is listed as it is, or is a listed word with digits and symbols around it.
pub(super) fn is_common(key: &str) -> bool {
    let is_decoration = |c: char| !c.is_alphabetic();
    let start = key.trim_end_matches(is_decoration);
    let word = start.trim_start_matches(is_decoration);
    // The first letter may itself be written as a symbol.
    let readings = [word, start].into_iter().flat_map(|word| ['i', 'l'].map(|one| with_letters(word, one)));
    COMMON.contains(key.trim_matches(|c: char| !c.is_alphanumeric()))
        || readings.into_iter().any(|reading| COMMON.contains(reading.as_str()))
}

/// `text` with the digits and symbols that stand for a letter written as that letter; a 1 as `one`.
fn with_letters(text: &str, one: char) -> Zeroizing<String> {
    let letter = |c| match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    let mut letters = Zeroizing::new(String::with_capacity(text.len()));
    letters.extend(text.chars().map(letter));
    letters
}

fn broken_rules(password: &str) -> Vec<Refusal> {
    let length = password.chars().count();
    let (least, most) = (Password::LEAST_CHARACTERS, Password::MOST_CHARACTERS);
    let rules = [
        (
            (least..=most).contains(&length),
            "password-length",
            format!("must have {least} to {most} characters"),
        ),
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
    use crate::values::text::NamePart;

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

    fn choice_codes(text: &str, first: &str, last: &str, email: &str) -> Vec<&'static str> {
        let name = |text| NamePart::parse(text).unwrap();
        let name = PersonName { first: name(first), infix: None, last: name(last) };
        let about = PersonalWords::new(&name, &EmailAddress::parse(email).unwrap());
        let password = Password::new(text.to_owned()).ok().unwrap();
        let broken = password.check_choice(&about).err().unwrap_or_default();
        broken.into_iter().map(|refusal| refusal.code).collect()
    }

    fn choice_of_a_stranger(text: &str) -> Vec<&'static str> {
        choice_codes(text, "Xi", "Wu", "x.wu@a.example")
    }

    #[test]
    fn a_common_password_is_refused_however_it_is_dressed_up() {
        for common in [
            "Welkom01!",
            "P@ssw0rd1!",
            "Wachtwoord2026!",
            "Qwerty123!",
            "Zomer2026!",
            "W@chtw00rd!!1",
            "!!2026Welkom",
            "$choolJaar26",
            "Ge1uk1234!",
            "We1kom2026!",
            "Abc12345!",
            "Ajax2026!",
            "Wélkom01!",
            "2026-Feyen00rd",
            "12345678A!",
        ] {
            assert_eq!(choice_of_a_stranger(common), ["password-common"], "{common}");
        }
        for fine in ["Welkom-in-de-klas-7!", "Tafelpoot8!Kraan", "x7$Rq2!pLw", "A1!A1!A1!"] {
            assert_eq!(choice_of_a_stranger(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn a_password_does_not_hold_its_owners_name_or_address() {
        let codes = |text| choice_codes(text, "Zoë-Lotte", "Jansens", "z.visser99@bücher-voorbeeld.example");
        for personal in [
            "xxLotte#8xx",
            "L0tt3Qx!!7",
            "Qj4n5enS!x",
            "xJänsens!8",
            "qVisser#1q",
            "visser99-Qq!",
            "Q!8bucherQ",
            "1!xVoorBeeldx",
        ] {
            assert_eq!(codes(personal), ["password-personal"], "{personal}");
        }
        assert_eq!(codes("Example-zoe-7q"), [""; 0]);
        assert_eq!(codes("Lotte2026!"), ["password-common", "password-personal"]);
    }

    #[test]
    fn the_common_words_are_in_order_and_can_all_be_met() {
        let lines =
            include_str!("../../data/common-passwords.txt").lines().filter(|line| !line.starts_with('#'));
        let words: Vec<&str> = lines.collect();
        assert!(words.is_sorted_by(|a, b| a < b));
        for word in words {
            assert!(is_common(word) && search_key(word) == word, "{word}");
        }
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
        fn digits_and_symbols_around_it_hide_no_common_word(before in "[0-9!#%]{0,9}", after in "[0-9!#%]{0,9}") {
            let dressed = format!("{before}geheim{after}");
            prop_assert!(is_common(&dressed));
        }

        #[test]
        fn normalising_never_outgrows_its_room(text in "\\PC{0,60}") {
            let room = text.len() * 3;
            prop_assert!(Password::unchecked(text).unwrap().expose().len() <= room);
        }
    }
}

//! Passwords that a document is encrypted with before it leaves (C085).

use std::collections::HashSet;

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::access::password::{PersonalWords, is_common};
use crate::values::person::PersonName;
use crate::values::refusal::Refusal;
use crate::values::text::search_key;

/// A password with fewer different characters is guessed whatever its length.
const LEAST_DIFFERENT: usize = 5;

/// The password of a document. It cannot be printed or serialised, is wiped from memory when dropped, and is kept nowhere.
///
/// Whoever has the document can try as many passwords as they like, without anybody noticing: so it is longer than one to
/// log in with. It is of the characters that every keyboard has, since programs that read PDF differ in what they make of
/// others, and a parent types it on whatever there is.
pub struct DocumentPassword(Zeroizing<String>);

impl DocumentPassword {
    /// The fewest characters that it has.
    pub const LEAST_CHARACTERS: usize = 12;

    /// The most characters that it has; of more than 127 bytes a reader of PDF takes no notice.
    pub const MOST_CHARACTERS: usize = 64;

    /// A password that somebody chooses for a document.
    ///
    /// # Errors
    /// Every rule that it breaks: `password-length`, `password-characters`, `password-common`.
    pub fn new(text: String) -> Result<Self, Vec<Refusal>> {
        let password = Self(Zeroizing::new(text));
        let broken = password.broken_rules();
        if broken.is_empty() { Ok(password) } else { Err(broken) }
    }

    /// Whether it is hard enough to guess for who knows the child that the document is about.
    ///
    /// # Errors
    /// `password-personal` for one that holds a name of the child or the day of its birth.
    pub fn check_about(&self, name: &PersonName, born: Date) -> Result<(), Refusal> {
        let key = Zeroizing::new(search_key(&self.0));
        let digits: Zeroizing<String> = Zeroizing::new(self.0.chars().filter(char::is_ascii_digit).collect());
        let is_born = ["%Y%m%d", "%d%m%Y", "%d%m%y"]
            .iter()
            .any(|form| digits.contains(&born.strftime(form).to_string()));
        if is_born || PersonalWords::of_name(name).are_held_by(&key) {
            let detail = "must not hold a name of the child or the day of its birth";
            return Err(Refusal::new("password-personal", detail));
        }
        Ok(())
    }

    /// The text of the password, for encrypting with it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn broken_rules(&self) -> Vec<Refusal> {
        let text = self.0.as_str();
        let (least, most) = (Self::LEAST_CHARACTERS, Self::MOST_CHARACTERS);
        let is_typable = text.chars().all(|c| (' '..='~').contains(&c)) && text.trim() == text;
        let is_varied = text.chars().collect::<HashSet<_>>().len() >= LEAST_DIFFERENT;
        let rules = [
            (
                (least..=most).contains(&text.chars().count()),
                "password-length",
                format!("must have {least} to {most} characters"),
            ),
            (
                is_typable,
                "password-characters",
                "must be of letters without accents, digits, symbols and spaces between them".to_owned(),
            ),
            (
                is_varied && !is_common(&Zeroizing::new(search_key(text))),
                "password-common",
                "must not be a word that many passwords are made of, nor a few characters over and over"
                    .to_owned(),
            ),
        ];
        rules.into_iter().filter(|rule| !rule.0).map(|(_, code, detail)| Refusal::new(code, detail)).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::values::text::NamePart;

    fn codes(text: &str) -> Vec<&'static str> {
        let broken = DocumentPassword::new(text.to_owned()).err().unwrap_or_default();
        broken.into_iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn c085_a_document_has_a_long_password_that_every_keyboard_has() {
        assert_eq!(codes("drie blauwe olifanten"), [""; 0]);
        assert_eq!(codes("abcdefghijk"), ["password-length"]);
        assert_eq!(codes("abcdefghijkl"), [""; 0]);
        assert_eq!(codes(&"abcdefgh".repeat(8)), [""; 0]);
        assert_eq!(codes(&"abcdefgh".repeat(9)), ["password-length"]);
        for text in [
            "drie blauwe coöperaties",
            " drie blauwe olifanten",
            "drie blauwe\tolifanten",
            "漢字漢字漢字漢字漢字漢字",
        ] {
            assert!(codes(text).contains(&"password-characters"), "{text}");
        }
        assert_eq!(codes(""), ["password-length", "password-common"]);
    }

    #[test]
    fn c085_it_is_no_common_word_and_no_few_characters_over_and_over() {
        assert_eq!(codes("Wachtwoord2026!!"), ["password-common"]);
        assert_eq!(codes("abababababababab"), ["password-common"]);
    }

    #[test]
    fn c085_it_tells_nothing_of_the_child() {
        let name = |text| NamePart::parse(text).unwrap();
        let child = PersonName { first: name("Noor"), infix: None, last: name("Bedácht") };
        let refused = |text: &str| {
            let password = DocumentPassword::new(text.to_owned()).ok().unwrap();
            password.check_about(&child, date(2022, 3, 9)).map_err(|refusal| refusal.code)
        };
        assert_eq!(refused("drie blauwe olifanten"), Ok(()));
        for text in [
            "talk about noor now",
            "n00r-is-so-clever",
            "familie BEDACHT ",
            "geboren 09-03-2022",
            "groep-a-20220309",
            "samen op 090322!",
        ] {
            assert_eq!(refused(text.trim()), Err("password-personal"), "{text}");
        }
    }
}

//! What is recorded about any person: name, gender, home language; and finding a person by name.
use serde::Serialize;

use crate::values::refusal::Refusal;
use crate::values::text::{Infix, NamePart, code_list, search_key, text_value};

code_list! {
    /// Gender as the school administration has it (C023).
    pub enum Gender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Recorded as neither.
        Other = "other",
        /// Not recorded.
        Unknown = "unknown",
    }
}

/// The language spoken at home (C023) as an ISO 639 code of two or three lower-case letters: `nl`, `ary`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeLanguage(String);

text_value!(HomeLanguage);

impl HomeLanguage {
    /// Reads a code in either case.
    ///
    /// # Errors
    /// `not-a-language` for anything but two or three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let code = text.trim();
        if !(2..=3).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(Refusal::new(
                "not-a-language",
                "a home language is an ISO 639 code of two or three letters, such as nl",
            ));
        }
        Ok(Self(code.to_ascii_lowercase()))
    }
}

/// A person's name in the Dutch way: the tussenvoegsel apart, because names are sorted without it (C023).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PersonName {
    /// First name, by which the person is called.
    pub first: NamePart,
    /// Tussenvoegsel, such as "van der".
    pub infix: Option<Infix>,
    /// Last name, without the tussenvoegsel.
    pub last: NamePart,
}

/// What stands between the parts of a kept name, and fills it up. No part holds it: it is a control character.
const UNIT_SEPARATOR: char = '\u{1f}';

/// To how many bytes a kept name is filled up, so that its size tells nothing of most names.
const KEPT_BYTES: usize = 59;

impl PersonName {
    /// The name as one text to be kept: first name, tussenvoegsel or nothing, last name, each followed by a unit
    /// separator, and filled up with those to 59 bytes.
    pub fn to_kept(&self) -> String {
        let mut kept = String::with_capacity(KEPT_BYTES);
        for part in [self.first.as_str(), self.infix.as_ref().map_or("", Infix::as_str), self.last.as_str()] {
            kept.push_str(part);
            kept.push(UNIT_SEPARATOR);
        }
        kept.extend(std::iter::repeat_n(UNIT_SEPARATOR, KEPT_BYTES.saturating_sub(kept.len())));
        kept
    }

    /// The name that was kept as this text. `None` for a text that is none.
    pub fn kept(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once(UNIT_SEPARATOR)?;
        let (infix, rest) = rest.split_once(UNIT_SEPARATOR)?;
        let (last, filler) = rest.split_once(UNIT_SEPARATOR)?;
        if first.is_empty()
            || last.is_empty()
            || !filler.bytes().all(|byte| char::from(byte) == UNIT_SEPARATOR)
        {
            return None;
        }
        Some(Self {
            first: NamePart::kept(first.to_owned()),
            infix: (!infix.is_empty()).then(|| Infix::kept(infix.to_owned())),
            last: NamePart::kept(last.to_owned()),
        })
    }

    /// The name as it is said: first name, tussenvoegsel, last name.
    pub fn display(&self) -> String {
        let parts =
            [Some(self.first.as_str()), self.infix.as_ref().map(Infix::as_str), Some(self.last.as_str())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The name for who may not know it: `F… V…` (C050).
    pub fn masked(&self) -> Self {
        let initial = |part: &NamePart| NamePart::kept(mask(part.as_str()));
        Self { first: initial(&self.first), infix: None, last: initial(&self.last) }
    }
}

/// A text for who may not know it: its first character.
pub(crate) fn mask(text: &str) -> String {
    text.chars().take(1).chain(['…']).collect()
}

/// How well the name `full` answers `query`: 0 is best, `None` is no answer. See [`NameQuery`].
pub fn name_matches(query: &str, full: &str) -> Option<u32> {
    NameQuery::new(query).score(full)
}

/// A search for a name, made ready once to be held against many names.
///
/// Accents and capitals do not matter. Each word of the query has to be a whole word of the name, the start of
/// one, a part of one, or a typing mistake away from one; the words may come in any order.
pub struct NameQuery {
    words: Vec<String>,
}

impl NameQuery {
    /// Prepares the search.
    pub fn new(query: &str) -> Self {
        let key = search_key(query);
        Self { words: words(&key).map(str::to_owned).collect() }
    }

    /// The sum over the words of the query of 0 for a whole word, 1 for the start of one, 2 for a part of one,
    /// and 2 plus the number of mistakes for one that is nearly so. `None` where a word has no match at all,
    /// and for a query without a letter or digit.
    pub fn score(&self, full: &str) -> Option<u32> {
        if self.words.is_empty() {
            return None;
        }
        let key = search_key(full);
        self.words.iter().map(|asked| words(&key).filter_map(|word| word_score(asked, word)).min()).sum()
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn word_score(asked: &str, word: &str) -> Option<u32> {
    if word == asked {
        return Some(0);
    }
    if word.starts_with(asked) {
        return Some(1);
    }
    if word.contains(asked) {
        return Some(2);
    }
    let allowed_mistakes = match asked.chars().count() {
        0..4 => return None,
        4..7 => 1,
        7.. => 2,
    };
    let mistakes = u32::try_from(strsim::osa_distance(asked, word)).ok()?;
    (mistakes <= allowed_mistakes).then_some(2 + mistakes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(first: &str, infix: Option<&str>, last: &str) -> PersonName {
        PersonName {
            first: NamePart::parse(first).unwrap(),
            infix: infix.map(|infix| Infix::parse(infix).unwrap()),
            last: NamePart::parse(last).unwrap(),
        }
    }

    #[test]
    fn a_name_is_said_with_its_infix() {
        assert_eq!(name("Fien", Some("van der"), "Verzonnen").display(), "Fien van der Verzonnen");
        assert_eq!(name("Fien", None, "Verzonnen").display(), "Fien Verzonnen");
        assert!(!format!("{:?}", name("Fien", None, "Verzonnen")).contains("Fien"));
    }

    #[test]
    fn a_kept_name_is_one_text_that_hides_its_length() {
        for person in [
            name("Fien", Some("van der"), "Verzonnen"),
            name("Bo", None, "É"),
            name(&"é".repeat(200), None, "Lang"),
        ] {
            assert_eq!(PersonName::kept(&person.to_kept()), Some(person));
        }
        assert_eq!(
            name("Bo", None, "Po").to_kept().len(),
            name("Maximiliaan-Alexander", Some("van der"), "Fantasie").to_kept().len()
        );
        for wrong in [
            "",
            "Fien",
            "Fien\u{1f}\u{1f}Po",
            "\u{1f}\u{1f}Po\u{1f}",
            "Bo\u{1f}\u{1f}Po\u{1f}\u{1f}x",
            "Bo\u{1f}\u{1f}\u{1f}",
        ] {
            assert_eq!(PersonName::kept(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn c050_a_masked_name_is_two_initials() {
        assert_eq!(name("Fien", Some("van der"), "Verzonnen").masked().display(), "F… V…");
        assert_eq!(name("Özlem", None, "É").masked().display(), "Ö… É…");
    }

    #[test]
    fn languages_are_codes() {
        assert_eq!(HomeLanguage::parse("NL").unwrap().as_str(), "nl");
        assert_eq!(HomeLanguage::parse("ary").unwrap().as_str(), "ary");
        for wrong in ["", "n", "nlde", "n1", "né"] {
            assert_eq!(HomeLanguage::parse(wrong).unwrap_err().code, "not-a-language");
        }
    }

    #[test]
    fn better_answers_score_lower() {
        let full = "Zoë-Margriet van 't Fantasiehof";
        assert_eq!(name_matches("zoe", full), Some(0));
        assert_eq!(name_matches("MARG", full), Some(1));
        assert_eq!(name_matches("siehof", full), Some(2));
        assert_eq!(name_matches("margreit", full), Some(3));
        assert_eq!(name_matches("fantaziehoff", full), Some(4));
        assert_eq!(name_matches("fantasiehof zoe", full), Some(0));
    }

    #[test]
    fn every_word_has_to_be_found() {
        assert_eq!(name_matches("zoe bakker", "Zoë Fantasiehof"), None);
        assert_eq!(name_matches("zeo", "Zoë Fantasiehof"), None);
        assert_eq!(name_matches("zoek", "Zoë Fantasiehof"), Some(3));
        assert_eq!(name_matches(" - ", "Zoë Fantasiehof"), None);
    }

    proptest! {
        #[test]
        fn a_name_finds_itself(full in "[A-Za-zéëüøß]{1,12}( [A-Za-zéëüøß'-]{1,12}){0,3}") {
            prop_assert!(matches!(name_matches(&full, &full), Some(0)));
        }

        #[test]
        fn the_start_of_a_word_finds_it(word in "[a-zéëüø]{2,12}", length in 1usize..12) {
            let start: String = word.chars().take(length).collect();
            prop_assert!(name_matches(&start, &word).is_some_and(|score| score <= 1));
        }
    }
}

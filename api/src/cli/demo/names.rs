//! Names for people who do not exist: first and last names are put together at random.

use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::{Error, Result};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

const GIRLS: [&str; 30] = [
    "Noor", "Saar", "Yara", "Fenna", "Lotte", "Amira", "Zofia", "Nina", "Esra", "Maud", "Jasmijn", "Lina",
    "Roos", "Selin", "Fatima", "Evi", "Chloë", "Mila", "Aaliyah", "Tess", "Sofía", "Isa", "Hanna", "Ngozi",
    "Liv", "Mei", "Rania", "Zoë", "Anouk", "Lakshmi",
];
const BOYS: [&str; 30] = [
    "Daan", "Sem", "Bilal", "Finn", "Mees", "Yusuf", "Jakub", "Luuk", "Emre", "Thijs", "Noah", "Adam",
    "Jurre", "Kerem", "Omar", "Guus", "René", "Levi", "Kwame", "Stijn", "Mateo", "Tom", "Björn", "Chidi",
    "Boaz", "Wei", "Ilias", "Joël", "Pepijn", "Arjun",
];
const LAST: [(&str, &str); 40] = [
    ("de", "Vries"),
    ("van den", "Berg"),
    ("", "Yılmaz"),
    ("", "Jansen"),
    ("van der", "Linden"),
    ("", "El Amrani"),
    ("", "Nowak"),
    ("de", "Graaf"),
    ("", "Bakker"),
    ("", "Öztürk"),
    ("van", "Dijk"),
    ("", "Okafor"),
    ("", "Smit"),
    ("", "Fernández"),
    ("van 't", "Hof"),
    ("", "Kowalska"),
    ("", "Mulder"),
    ("", "Demir"),
    ("ter", "Horst"),
    ("", "Chen"),
    ("", "Postma"),
    ("", "Boateng"),
    ("van de", "Ven"),
    ("", "Haddad"),
    ("", "Kuipers"),
    ("", "Ramdin"),
    ("", "Visser"),
    ("", "Şahin"),
    ("de", "Groot"),
    ("", "Tesfaye"),
    ("", "Brouwer"),
    ("", "Nguyễn"),
    ("den", "Ouden"),
    ("", "Benali"),
    ("", "Hoekstra"),
    ("", "Popescu"),
    ("in 't", "Veld"),
    ("", "Martina"),
    ("", "Dekker"),
    ("", "Singh"),
];
const LANGUAGES: [&str; 12] = ["nl", "nl", "nl", "nl", "nl", "fy", "tr", "ary", "pl", "ar", "en", "ti"];

/// A random person's name and gender.
pub(super) fn person(random: &mut StdRng) -> Result<(PersonName, Gender)> {
    let gender = *pick(&[Gender::Female, Gender::Male], random)?;
    let first = pick(if gender == Gender::Female { &GIRLS } else { &BOYS }, random)?;
    let (infix, last) = pick(&LAST, random)?;
    Ok((name(first, infix, last)?, gender))
}

/// A name of its parts; an empty tussenvoegsel is none.
fn name(first: &str, infix: &str, last: &str) -> Result<PersonName> {
    Ok(PersonName {
        first: NamePart::parse(first).map_err(Error::internal)?,
        infix: if infix.is_empty() { None } else { Some(Infix::parse(infix).map_err(Error::internal)?) },
        last: NamePart::parse(last).map_err(Error::internal)?,
    })
}

/// A random home language.
pub(super) fn language(random: &mut StdRng) -> Result<&'static str> {
    pick(&LANGUAGES, random).copied()
}

/// A random one of these.
pub(super) fn pick<'a, T>(items: &'a [T], random: &mut StdRng) -> Result<&'a T> {
    items.choose(random).ok_or_else(|| Error::internal("there is nothing to pick from"))
}

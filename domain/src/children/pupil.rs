//! What is recorded about a child, and of what age a child may be.
use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use crate::children::eck_id::EckId;
use crate::values::calendar::age_in_months;
use crate::values::ids::PupilId;
use crate::values::person::{Gender, HomeLanguage, PersonName};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{FreeText, code_list, search_key};

/// Children are followed up to and including the age of 7 (C026): until they are this many months old.
pub const AGE_LIMIT_MONTHS: u16 = 96;

/// Seven days of a morning and an afternoon.
pub const MAX_DAY_PARTS: u8 = 14;

code_list! {
    /// The year level (jaargroep) that a child at a primary school is in; one in childcare is in none. A child of seven may be
    /// in the fourth.
    pub enum YearLevel {
        /// Groep 1.
        One = "1",
        /// Groep 2.
        Two = "2",
        /// Groep 3.
        Three = "3",
        /// Groep 4.
        Four = "4",
    }
}

/// Everything that is recorded about a child itself, and nothing more (C023); the group and its date are in the
/// child's placements.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PupilFields {
    /// First name, tussenvoegsel and last name.
    pub name: PersonName,
    /// Gender.
    pub gender: Gender,
    /// The language spoken at home.
    pub home_language: Option<HomeLanguage>,
    /// The day of birth.
    pub birth_date: Date,
    /// Whether the child takes part in early childhood education (VVE).
    pub vve: Option<bool>,
    /// How many day-parts a week the child is present, 0–14.
    pub day_parts_per_week: Option<u8>,
    /// Bijzonderheden: particulars in free text.
    pub particulars: Option<FreeText>,
    /// The sector's pseudonym for the child (C030).
    pub eck_id: Option<EckId>,
    /// The year level, by which a combined group is told apart.
    pub year_level: Option<YearLevel>,
}

impl PupilFields {
    /// That a child with these fields may be followed on the day `today`.
    ///
    /// # Errors
    /// Every rule that they break: those of [`check_age`] and [`check_day_parts`].
    pub fn check(&self, today: Date) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        refusals.check("birth_date", check_age(self.birth_date, today));
        if let Some(day_parts) = self.day_parts_per_week {
            refusals.check("day_parts_per_week", check_day_parts(day_parts));
        }
        refusals.or(())
    }

    /// The names of the fields in which `other` differs, as the API spells them.
    pub fn changed_fields(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("firstName", self.name.first != other.name.first),
            ("infix", self.name.infix != other.name.infix),
            ("lastName", self.name.last != other.name.last),
            ("gender", self.gender != other.gender),
            ("homeLanguage", self.home_language != other.home_language),
            ("birthDate", self.birth_date != other.birth_date),
            ("vve", self.vve != other.vve),
            ("dayPartsPerWeek", self.day_parts_per_week != other.day_parts_per_week),
            ("particulars", self.particulars != other.particulars),
            ("eckId", self.eck_id != other.eck_id),
            ("yearLevel", self.year_level != other.year_level),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

impl fmt::Debug for PupilFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PupilFields(…)")
    }
}

/// The age in whole months on the day `on` of a child born on `birth`, if it may be followed then (C026).
///
/// # Errors
/// `in-the-future` before birth, `too-old` from the eighth birthday.
pub fn check_age(birth: Date, on: Date) -> Result<u16, Refusal> {
    let months = age_in_months(birth, on)
        .ok_or_else(|| Refusal::new("in-the-future", "the date of birth must not be in the future"))?;
    if months >= AGE_LIMIT_MONTHS {
        return Err(Refusal::new("too-old", "a child is followed up to and including the age of 7"));
    }
    Ok(months)
}

/// The number of day-parts a week, if there are as many in a week (C023).
///
/// # Errors
/// `out-of-range` over 14.
pub fn check_day_parts(day_parts: u8) -> Result<u8, Refusal> {
    if day_parts > MAX_DAY_PARTS {
        return Err(Refusal::new("out-of-range", format!("a week has at most {MAX_DAY_PARTS} day-parts")));
    }
    Ok(day_parts)
}

/// Those of these children who have a name that another of them has too. Accents and capitals do not tell names apart:
/// nobody hears them.
pub fn namesakes<'a>(children: impl Iterator<Item = (PupilId, &'a PersonName)>) -> HashSet<PupilId> {
    let mut by_name: HashMap<String, Vec<PupilId>> = HashMap::new();
    for (id, name) in children {
        by_name.entry(search_key(&name.display())).or_default().push(id);
    }
    by_name.into_values().filter(|of_one_name| of_one_name.len() > 1).flatten().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::values::text::NamePart;

    #[test]
    fn c026_from_birth_up_to_and_including_the_age_of_seven() {
        let birth = date(2019, 3, 15);
        assert_eq!(check_age(birth, date(2019, 3, 14)).unwrap_err().code, "in-the-future");
        assert_eq!(check_age(birth, birth), Ok(0));
        assert_eq!(check_age(birth, date(2027, 3, 14)), Ok(95));
        assert_eq!(check_age(birth, date(2027, 3, 15)).unwrap_err().code, "too-old");
    }

    #[test]
    fn c023_children_of_one_name_are_namesakes() {
        let names = [("Noor", "Bedacht"), ("Noor", "Verzonnen"), ("Noör", "bedacht"), ("Sem", "Bedacht")];
        let children = names.map(|(first, last)| PersonName {
            first: NamePart::parse(first).unwrap(),
            infix: None,
            last: NamePart::parse(last).unwrap(),
        });
        let id = |number: usize| PupilId::from_uuid(Uuid::from_u128(number as u128));
        let found = namesakes(children.iter().enumerate().map(|(number, name)| (id(number), name)));
        assert_eq!(found, HashSet::from([id(0), id(2)]));
    }

    #[test]
    fn c023_a_week_has_fourteen_day_parts() {
        assert_eq!(check_day_parts(0), Ok(0));
        assert_eq!(check_day_parts(14), Ok(14));
        assert_eq!(check_day_parts(15).unwrap_err().code, "out-of-range");
    }

    fn example() -> PupilFields {
        PupilFields {
            name: PersonName {
                first: NamePart::parse("Fien").unwrap(),
                infix: None,
                last: NamePart::parse("Verzonnen").unwrap(),
            },
            gender: Gender::Female,
            home_language: Some(HomeLanguage::parse("nl").unwrap()),
            birth_date: date(2022, 5, 4),
            vve: Some(true),
            day_parts_per_week: Some(4),
            particulars: None,
            eck_id: None,
            year_level: None,
        }
    }

    #[test]
    fn every_broken_rule_is_told_at_its_field() {
        assert_eq!(example().check(date(2026, 11, 21)), Ok(()));
        let wrong = PupilFields { day_parts_per_week: Some(15), ..example() };
        let refusals = wrong.check(date(2022, 5, 3)).unwrap_err().into_iter();
        let found: Vec<_> = refusals.map(|(field, refusal)| (field, refusal.code)).collect();
        let expected = [("birth_date", "in-the-future"), ("day_parts_per_week", "out-of-range")];
        assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn c023_these_are_the_fields() {
        let json = serde_json::to_value(example()).unwrap();
        let mut fields: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "birthDate",
                "dayPartsPerWeek",
                "eckId",
                "gender",
                "homeLanguage",
                "name",
                "particulars",
                "vve",
                "yearLevel",
            ]
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", example()), "PupilFields(…)");
    }
}

//! What is recorded about a child, and of what age a child may be.
use std::collections::{HashMap, HashSet};
use std::fmt;

use jiff::ToSpan;
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

/// The most weeks before its time that a child is born.
pub const MAX_WEEKS_PREMATURE: u8 = 18;

/// Until it is this many months old, the corrected age of a child is told beside its age.
pub const CORRECTED_UNTIL_MONTHS: u16 = 24;

/// When a child was born, and how early.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    /// The day of birth.
    pub date: Date,
    /// How many weeks before its time.
    pub weeks_premature: Option<u8>,
}

impl Birth {
    /// The day on which the child was to be born, if it was born early.
    pub fn expected_on(self) -> Option<Date> {
        let weeks = self.weeks_premature.filter(|weeks| *weeks > 0)?;
        self.date.checked_add(i32::from(weeks).weeks()).ok()
    }

    /// The age in completed months that the child would have on the day `on` if it had been born in time: until it is two
    /// years old, for a child that was born early.
    pub fn corrected_age(self, on: Date) -> Option<u16> {
        let expected = self.expected_on()?;
        let age = age_in_months(self.date, on)?;
        (age < CORRECTED_UNTIL_MONTHS).then(|| age_in_months(expected, on).unwrap_or_default())
    }
}

impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birth(…)")
    }
}

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
    /// How many weeks before its time the child was born, 0–18.
    pub weeks_premature: Option<u8>,
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
    /// Every rule that they break: those of [`check_age`], [`check_day_parts`] and [`check_weeks_premature`].
    pub fn check(&self, today: Date) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        refusals.check("birth_date", check_age(self.birth_date, today));
        self.check_numbers(refusals)
    }

    /// That a child who is followed already can have these fields from now on. It may have turned eight by now. When its date of
    /// birth is corrected, that is held against `known`.
    ///
    /// # Errors
    /// Every rule that they break: those of [`check_correction`], [`check_day_parts`] and [`check_weeks_premature`].
    pub fn check_change(&self, known: Option<&Known>) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if let Some(known) = known {
            refusals.check("birth_date", check_correction(self.birth_date, known));
        }
        self.check_numbers(refusals)
    }

    fn check_numbers(&self, mut refusals: FieldRefusals) -> Result<(), FieldRefusals> {
        if let Some(day_parts) = self.day_parts_per_week {
            refusals.check("day_parts_per_week", check_day_parts(day_parts));
        }
        if let Some(weeks) = self.weeks_premature {
            refusals.check("weeks_premature", check_weeks_premature(weeks));
        }
        refusals.or(())
    }

    /// When the child was born, and how early.
    pub fn birth(&self) -> Birth {
        Birth { date: self.birth_date, weeks_premature: self.weeks_premature }
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
            ("weeksPremature", self.weeks_premature != other.weeks_premature),
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

/// What a corrected date of birth is held against.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The present day in Europe/Amsterdam.
    pub today: Date,
    /// The day on which the child was entered, in Europe/Amsterdam.
    pub entered_on: Date,
    /// The first day on which it was in a group, or something was seen of it.
    pub first_day: Option<Date>,
}

/// That a child can have been born on `birth`, as it turns out later.
///
/// # Errors
/// `in-the-future`; `after-first-day` when it was in a group, or something was seen of it, before; `too-old` when it
/// would not have been entered at all.
pub fn check_correction(birth: Date, known: &Known) -> Result<(), Refusal> {
    if birth > known.today {
        return Err(Refusal::new("in-the-future", "the date of birth must not be in the future"));
    }
    if known.first_day.is_some_and(|first| first < birth) {
        let detail = "the child was in a group, or something was seen of it, before that day";
        return Err(Refusal::new("after-first-day", detail));
    }
    check_age(birth, known.entered_on.max(birth)).map(drop)
}

/// Whether a child born on `birth` is of an age at which it is registered on the day `on` (C026).
pub fn is_followed(birth: Date, on: Date) -> bool {
    check_age(birth, on).is_ok()
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

/// The number of weeks before its time, if a child can be born so early.
///
/// # Errors
/// `out-of-range` over 18.
pub fn check_weeks_premature(weeks: u8) -> Result<u8, Refusal> {
    if weeks > MAX_WEEKS_PREMATURE {
        let detail = format!("a child is born at most {MAX_WEEKS_PREMATURE} weeks before its time");
        return Err(Refusal::new("out-of-range", detail));
    }
    Ok(weeks)
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
    fn c026_who_has_turned_eight_is_corrected_and_not_registered() {
        let (entered_on, today) = (date(2023, 9, 1), date(2026, 11, 21));
        let known = Known { today, entered_on, first_day: Some(date(2023, 9, 4)) };
        let eight = PupilFields { birth_date: date(2018, 11, 20), ..example() };
        assert!(eight.check(today).is_err() && !is_followed(eight.birth_date, today));
        assert!(is_followed(eight.birth_date, date(2026, 11, 19)));
        let corrected = |birth_date, day_parts_per_week| {
            let after = PupilFields { birth_date, day_parts_per_week, ..eight.clone() };
            let known = (birth_date != eight.birth_date).then_some(&known);
            let refused = after.check_change(known).err().into_iter().flatten();
            refused.map(|(_, refusal)| refusal.code).collect::<Vec<_>>()
        };
        assert_eq!(corrected(eight.birth_date, None), [""; 0]);
        assert_eq!(corrected(date(2018, 10, 20), Some(3)), [""; 0]);
        assert_eq!(corrected(date(2023, 9, 4), None), [""; 0]);
        assert_eq!(corrected(date(2023, 9, 5), Some(15)), ["after-first-day", "out-of-range"]);
        assert_eq!(corrected(date(2015, 9, 1), None), ["too-old"]);
        assert_eq!(corrected(date(2026, 11, 22), None), ["in-the-future"]);
    }

    #[test]
    fn the_corrected_age_is_told_until_the_second_birthday() {
        let birth = Birth { date: date(2024, 11, 21), weeks_premature: Some(9) };
        assert_eq!(birth.expected_on(), Some(date(2025, 1, 23)));
        assert_eq!(birth.corrected_age(date(2024, 11, 20)), None);
        assert_eq!(birth.corrected_age(date(2025, 1, 22)), Some(0));
        assert_eq!(birth.corrected_age(date(2025, 11, 21)), Some(9));
        assert_eq!(birth.corrected_age(date(2026, 11, 20)), Some(21));
        assert_eq!(birth.corrected_age(date(2026, 11, 21)), None);
        for weeks_premature in [None, Some(0)] {
            let in_time = Birth { weeks_premature, ..birth };
            assert_eq!((in_time.expected_on(), in_time.corrected_age(date(2025, 11, 21))), (None, None));
        }
        assert!(check_weeks_premature(18).is_ok());
        assert_eq!(check_weeks_premature(19).unwrap_err().code, "out-of-range");
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
            weeks_premature: None,
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
                "weeksPremature",
                "yearLevel",
            ]
        );
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", example()), "PupilFields(…)");
    }
}

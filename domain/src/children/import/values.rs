//! From the raw text of a file to values, collecting all that is wrong with it.

use jiff::civil::Date;

use super::field;
use super::plan::Reason;
use crate::children::eck_id::EckId;
use crate::children::pupil::{YearLevel, check_day_parts};
use crate::children::school_file::FilePupil;
use crate::children::school_key::SchoolKey;
use crate::values::bsn::contains_bsn;
use crate::values::person::{Gender, HomeLanguage};
use crate::values::refusal::Refusal;
use crate::values::text::{FreeText, Infix, NamePart};

/// The most characters of a name that a report shows.
const MAX_SHOWN_CHARS: usize = 200;

/// The values of one pupil in the file; none where the file says nothing.
pub(super) struct PupilValues {
    pub(super) first_name: Option<NamePart>,
    pub(super) infix: Option<Infix>,
    pub(super) last_name: Option<NamePart>,
    pub(super) gender: Option<Gender>,
    pub(super) birth_date: Option<Date>,
    pub(super) home_language: Option<HomeLanguage>,
    pub(super) vve: Option<bool>,
    pub(super) day_parts_per_week: Option<u8>,
    pub(super) year_level: Option<YearLevel>,
    pub(super) particulars: Option<FreeText>,
    pub(super) eck_id: Option<EckId>,
    pub(super) school_key: Option<String>,
    pub(super) placed_on: Option<Date>,
    pub(super) left_on: Option<Date>,
}

impl PupilValues {
    /// Reads the raw text; every value that cannot be read adds a reason.
    pub(super) fn read(raw: &FilePupil, letters: GenderLetters, reasons: &mut Vec<Reason>) -> Self {
        let mut reader = ValueReader(reasons);
        Self {
            first_name: reader.read(field::FIRST_NAME, raw.first_name.as_deref(), NamePart::parse),
            infix: reader.read(field::INFIX, raw.infix.as_deref(), Infix::parse),
            last_name: reader.read(field::LAST_NAME, raw.last_name.as_deref(), NamePart::parse),
            gender: reader.read(field::GENDER, raw.gender.as_deref(), |text| letters.parse(text)).flatten(),
            birth_date: reader.read(field::BIRTH_DATE, raw.birth_date.as_deref(), date),
            home_language: reader.read(
                field::HOME_LANGUAGE,
                raw.home_language.as_deref(),
                HomeLanguage::parse,
            ),
            vve: reader.read(field::VVE, raw.vve.as_deref(), yes_or_no),
            day_parts_per_week: reader.read(
                field::DAY_PARTS_PER_WEEK,
                raw.day_parts_per_week.as_deref(),
                day_parts,
            ),
            // A code for a kind of school, and a level beyond those that are followed, say nothing here.
            year_level: raw.year_level.as_deref().map(str::trim).and_then(YearLevel::from_code),
            particulars: reader.read(field::PARTICULARS, raw.particulars.as_deref(), FreeText::parse),
            eck_id: reader.read(field::ECK_ID, raw.eck_id.as_deref(), EckId::parse),
            school_key: reader.read(field::SCHOOL_KEY, raw.key.as_deref(), school_key),
            placed_on: reader.read(field::PLACED_ON, raw.placed_on.as_deref(), date),
            left_on: reader.read(field::LEFT_ON, raw.left_on.as_deref(), date),
        }
    }
}

/// Reads values and collects why some cannot be read.
pub(super) struct ValueReader<'a>(pub(super) &'a mut Vec<Reason>);

impl ValueReader<'_> {
    /// The value of `raw`, if there is one and `parse` accepts it.
    pub(super) fn read<T>(
        &mut self,
        field: &'static str,
        raw: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        match parse(raw?) {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.0.push(Reason::about(field, refusal));
                None
            }
        }
    }
}

/// What the letter M means in a file: *man* beside V for *vrouw*, but *meisje* beside J for *jongen*.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GenderLetters {
    /// M is male.
    ManVrouw,
    /// M is female.
    JongenMeisje,
    /// The file uses J as well as V, so M could be either.
    Mixed,
}

impl GenderLetters {
    /// The letters that the pupils of a file use.
    pub(super) fn of(pupils: &[FilePupil]) -> Self {
        let uses = |letters: [&str; 2]| {
            pupils.iter().filter_map(|pupil| pupil.gender.as_deref()).any(|gender| letters.contains(&gender))
        };
        match (uses(["j", "J"]), uses(["v", "V"])) {
            (true, true) => Self::Mixed,
            (true, false) => Self::JongenMeisje,
            (false, _) => Self::ManVrouw,
        }
    }

    /// Reads a code of ISO 5218, a letter or a word. "Unknown" says nothing, so it reads as nothing.
    fn parse(self, text: &str) -> Result<Option<Gender>, Refusal> {
        let refuse = |detail| Err(Refusal::new("not-a-gender", detail));
        match text.to_lowercase().as_str() {
            "1" | "j" | "jongen" | "man" | "mannelijk" | "male" | "boy" => Ok(Some(Gender::Male)),
            "2" | "v" | "f" | "meisje" | "vrouw" | "vrouwelijk" | "female" | "girl" => {
                Ok(Some(Gender::Female))
            }
            "m" => match self {
                Self::ManVrouw => Ok(Some(Gender::Male)),
                Self::JongenMeisje => Ok(Some(Gender::Female)),
                Self::Mixed => refuse("with J and V in one file, M can mean man or meisje: write it out"),
            },
            "x" | "anders" | "other" => Ok(Some(Gender::Other)),
            "0" | "9" | "o" | "u" | "onbekend" | "unknown" => Ok(None),
            _ => refuse("a gender is written as m, v, j, x, 0, 1, 2, 9 or as a word such as meisje"),
        }
    }
}

/// What the file calls somebody or something, for finding the record back; nothing when it says nothing, or a citizen
/// service number (C030).
pub(super) fn shown_name<const N: usize>(parts: [Option<&str>; N]) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
    let name: String = parts.join(" ").chars().take(MAX_SHOWN_CHARS).collect();
    (!name.is_empty() && !contains_bsn(&name)).then_some(name)
}

/// A key of a school administration (C030: a citizen service number is not one).
pub(super) fn school_key(text: &str) -> Result<String, Refusal> {
    SchoolKey::parse(text).map(|key| key.as_str().to_owned())
}

/// A date: `2022-03-14`, with a time or zone after it if need be, or day first as in `14-03-2022`.
pub(super) fn date(text: &str) -> Result<Date, Refusal> {
    let written = iso_parts(text).or_else(|| dutch_parts(text)).ok_or_else(|| {
        Refusal::new("not-a-date", "a date is written as 2022-03-14 or, day first, as 14-03-2022")
    })?;
    let (year, month, day) = written;
    Date::new(year, month, day)
        .map_err(|_| Refusal::new("no-such-day", "there is no such day in the calendar"))
}

/// XML Schema lets a zone follow a date; the day is the day as written.
fn iso_parts(text: &str) -> Option<(i16, i8, i8)> {
    let (day, rest) = text.split_at_checked(10)?;
    let follows = rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-', ' ']);
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let lengths = (year.len(), month.len(), day.len());
    if !follows || lengths != (4, 2, 2) || ![year, month, day].into_iter().all(is_plain) {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn dutch_parts(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split(['-', '/', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || ![day, month, year].into_iter().all(is_plain) {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn is_plain(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

fn yes_or_no(text: &str) -> Result<bool, Refusal> {
    match text.to_lowercase().as_str() {
        "ja" | "j" | "yes" | "y" | "true" | "waar" | "1" => Ok(true),
        "nee" | "n" | "no" | "false" | "onwaar" | "0" => Ok(false),
        _ => Err(Refusal::new("not-yes-or-no", "must be ja or nee")),
    }
}

fn day_parts(text: &str) -> Result<u8, Refusal> {
    let number = text.parse().map_err(|_| Refusal::new("not-a-number", "must be a whole number"))?;
    check_day_parts(number)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn dates_come_in_many_forms() {
        for text in ["2022-03-04", "2022-03-04Z", "2022-03-04+01:00", "2022-03-04T00:00:00", "04-03-2022"] {
            assert_eq!(date(text), Ok(day(2022, 3, 4)), "{text}");
        }
        assert_eq!(date("4/3/2022"), Ok(day(2022, 3, 4)));
        assert_eq!(date("4.3.2022"), Ok(day(2022, 3, 4)));
        for text in ["", "2022", "04-03-22", "4-3-2022-1", "+4-3-2022", "maart", "2022-03-04x"] {
            assert_eq!(date(text).unwrap_err().code, "not-a-date", "{text}");
        }
        for text in ["31-02-2022", "2022-02-30", "00-13-2022", "2022-99-99T00:00:00"] {
            assert_eq!(date(text).unwrap_err().code, "no-such-day", "{text}");
        }
    }

    #[test]
    fn the_letter_m_depends_on_the_file() {
        let with = |genders: &[&str]| {
            let pupil =
                |gender: &&str| FilePupil { gender: Some((*gender).to_owned()), ..FilePupil::default() };
            GenderLetters::of(&genders.iter().map(pupil).collect::<Vec<_>>())
        };
        assert_eq!(with(&["m", "V"]).parse("M"), Ok(Some(Gender::Male)));
        assert_eq!(with(&["M", "J"]).parse("m"), Ok(Some(Gender::Female)));
        assert_eq!(with(&["v", "j"]).parse("m").unwrap_err().code, "not-a-gender");
        assert_eq!(with(&[]).parse("9"), Ok(None));
    }

    #[test]
    fn yes_no_and_numbers() {
        assert_eq!(yes_or_no("JA"), Ok(true));
        assert_eq!(yes_or_no("0"), Ok(false));
        assert_eq!(yes_or_no("soms").unwrap_err().code, "not-yes-or-no");
        assert_eq!(day_parts("14"), Ok(14));
        assert_eq!(day_parts("15").unwrap_err().code, "out-of-range");
        assert_eq!(day_parts("300").unwrap_err().code, "not-a-number");
    }

    #[test]
    fn c030_a_citizen_service_number_is_no_key() {
        assert_eq!(school_key("111222333").unwrap_err().code, "bsn");
        assert!(school_key("000000000").is_ok());
    }

    #[test]
    fn a_key_is_the_one_that_is_entered_by_hand() {
        assert_eq!(school_key(" L-0042\u{a0}"), Ok("L-0042".to_owned()));
        assert_eq!(school_key("L-00\n42").unwrap_err().code, "control-character");
        assert_eq!(school_key(&"9".repeat(257)).unwrap_err().code, "too-long");
    }
}

//! Days, months of age, school years and half-years, as the calendar in Amsterdam has them.
use std::fmt;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::{Serialize, Serializer};

use crate::values::refusal::Refusal;

/// The zone comes from the database inside the program, so it is always there and the same on every machine;
/// the fixed offset only stands in for a panic.
static AMSTERDAM: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled()
        .get("Europe/Amsterdam")
        .unwrap_or_else(|_| TimeZone::fixed(Offset::constant(1)))
});

/// The calendar day in Europe/Amsterdam at the moment `now`.
pub fn amsterdam_date(now: Timestamp) -> Date {
    AMSTERDAM.to_datetime(now).date()
}

/// The moment at which a calendar day in Europe/Amsterdam has ended.
pub fn end_of_day(day: Date) -> Timestamp {
    let next = day.tomorrow().ok().and_then(|next| next.to_zoned(AMSTERDAM.clone()).ok());
    next.map_or(Timestamp::MAX, |next| next.timestamp())
}

/// The moment at which the clock in Europe/Amsterdam shows this full hour on this day: the first time when it does twice,
/// and the next hour when it skips this one.
pub fn full_hour(day: Date, hour: i8) -> Timestamp {
    let shown = day.to_datetime(jiff::civil::Time::constant(hour.clamp(0, 23), 0, 0, 0));
    shown.to_zoned(AMSTERDAM.clone()).map_or(Timestamp::MAX, |shown| shown.timestamp())
}

/// The same time of day in Europe/Amsterdam, `months` calendar months after `moment`.
///
/// A day that the later month does not have becomes its last one. A time that the clock skips in March becomes
/// the one an hour later; of a time that it shows twice in October, the first counts.
pub fn months_later(moment: Timestamp, months: i8) -> Timestamp {
    let later = moment.to_zoned(AMSTERDAM.clone()).checked_add(months.months());
    later.map_or(Timestamp::MAX, |later| later.timestamp())
}

/// The same time of day in Europe/Amsterdam, `days` calendar days after `moment`; as [`months_later`].
pub fn days_later(moment: Timestamp, days: i32) -> Timestamp {
    let later = moment.to_zoned(AMSTERDAM.clone()).checked_add(days.days());
    later.map_or(Timestamp::MAX, |later| later.timestamp())
}

/// The same time of day in Europe/Amsterdam, `months` calendar months before `moment`; otherwise as [`months_later`].
pub fn months_earlier(moment: Timestamp, months: u8) -> Timestamp {
    let earlier = moment.to_zoned(AMSTERDAM.clone()).checked_sub(i32::from(months).months());
    earlier.map_or(Timestamp::MIN, |earlier| earlier.timestamp())
}

/// `timestamp` cut (not rounded) to whole microseconds, the most that both databases keep.
pub fn to_micros(timestamp: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(timestamp.as_microsecond()).unwrap_or(timestamp)
}

/// The age on the day `on` of who was born on `birth`, in whole calendar months; `None` before birth.
///
/// A month is full on the same day of the month, or on the first of the next month where that day does not
/// exist: born on 31 January, one month old on 1 March.
pub fn age_in_months(birth: Date, on: Date) -> Option<u16> {
    if on < birth {
        return None;
    }
    let month_number = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    let months = month_number(on) - month_number(birth) - i32::from(on.day() < birth.day());
    Some(u16::try_from(months).unwrap_or(u16::MAX))
}

/// A Dutch school year, from 1 August to 31 July, written `2026-2027`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchoolYear {
    /// Within 0..=9998, so that both years have four digits and every day of it exists.
    first_year: i16,
}

impl SchoolYear {
    const LAST: i16 = 9998;

    /// Reads `2026-2027`.
    ///
    /// # Errors
    /// `not-a-school-year` for any other form, and for years that do not follow each other.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal = || {
            Refusal::new(
                "not-a-school-year",
                "a school year is written as two years that follow each other: 2026-2027",
            )
        };
        let (first, second) = text.split_once('-').ok_or_else(refusal)?;
        match (four_digits(first), four_digits(second)) {
            (Some(first), Some(second)) if first + 1 == second => Ok(Self { first_year: first }),
            _ => Err(refusal()),
        }
    }

    /// The school year that `date` falls in (years outside 0–9998 count as the nearest of these).
    pub fn containing(date: Date) -> Self {
        let first_year = if date.month() >= 8 { date.year() } else { date.year() - 1 };
        Self { first_year: first_year.clamp(0, Self::LAST) }
    }

    /// 1 August of the first year.
    pub const fn first_day(self) -> Date {
        Date::constant(self.first_year, 8, 1)
    }

    /// 31 July of the second year; it still belongs to the school year.
    pub const fn last_day(self) -> Date {
        Date::constant(self.first_year + 1, 7, 31)
    }

    /// Whether `date` falls in the school year.
    pub fn contains(self, date: Date) -> bool {
        self.first_day() <= date && date <= self.last_day()
    }
}

impl fmt::Display for SchoolYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:04}", self.first_year, self.first_year + 1)
    }
}

impl Serialize for SchoolYear {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A half of a school year, the period in which each child is registered once (C027): the first from
/// 1 August to 31 January, the second from 1 February to 31 July. Written `2026-2027-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfYear {
    school_year: SchoolYear,
    /// 1 or 2.
    half: u8,
}

impl HalfYear {
    /// Reads `2026-2027-1`.
    ///
    /// # Errors
    /// `not-a-half-year` for any other form.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let halves = [("-1", 1), ("-2", 2)];
        halves
            .into_iter()
            .find_map(|(ending, half)| {
                let school_year = SchoolYear::parse(text.strip_suffix(ending)?).ok()?;
                Some(Self { school_year, half })
            })
            .ok_or_else(|| {
                Refusal::new(
                    "not-a-half-year",
                    "a half-year is written as its school year and 1 or 2: 2026-2027-1",
                )
            })
    }

    /// The half-year that `date` falls in.
    pub fn containing(date: Date) -> Self {
        let half = if (2..8).contains(&date.month()) { 2 } else { 1 };
        Self { school_year: SchoolYear::containing(date), half }
    }

    /// The school year that it is a half of.
    pub const fn school_year(self) -> SchoolYear {
        self.school_year
    }

    /// Which half: 1 or 2.
    pub const fn half(self) -> u8 {
        self.half
    }

    /// 1 August or 1 February.
    pub const fn first_day(self) -> Date {
        match self.half {
            1 => self.school_year.first_day(),
            _ => Date::constant(self.school_year.first_year + 1, 2, 1),
        }
    }

    /// 31 January or 31 July; it still belongs to the half-year.
    pub const fn last_day(self) -> Date {
        match self.half {
            1 => Date::constant(self.school_year.first_year + 1, 1, 31),
            _ => self.school_year.last_day(),
        }
    }
}

impl fmt::Display for HalfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.school_year, self.half)
    }
}

impl Serialize for HalfYear {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn four_digits(text: &str) -> Option<i16> {
    let plain = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_amsterdam() {
        let winter: Timestamp = "2026-11-21T23:30:00Z".parse().unwrap();
        assert_eq!(amsterdam_date(winter), date(2026, 11, 22));
        let summer: Timestamp = "2026-06-30T22:00:00Z".parse().unwrap();
        assert_eq!(amsterdam_date(summer), date(2026, 7, 1));
        let summer_before: Timestamp = "2026-06-30T21:59:59Z".parse().unwrap();
        assert_eq!(amsterdam_date(summer_before), date(2026, 6, 30));
    }

    #[test]
    fn nanoseconds_are_cut() {
        let fine: Timestamp = "2026-11-21T10:00:00.123456999Z".parse().unwrap();
        assert_eq!(to_micros(fine).to_string(), "2026-11-21T10:00:00.123456Z");
    }

    #[test]
    fn a_month_is_full_on_its_day() {
        assert_eq!(age_in_months(date(2024, 1, 31), date(2024, 1, 30)), None);
        assert_eq!(age_in_months(date(2024, 1, 31), date(2024, 1, 31)), Some(0));
        assert_eq!(age_in_months(date(2024, 1, 31), date(2024, 2, 29)), Some(0));
        assert_eq!(age_in_months(date(2024, 1, 31), date(2024, 3, 1)), Some(1));
        assert_eq!(age_in_months(date(2024, 2, 29), date(2025, 2, 28)), Some(11));
        assert_eq!(age_in_months(date(2024, 2, 29), date(2025, 3, 1)), Some(12));
        assert_eq!(age_in_months(Date::MIN, Date::MAX), Some(u16::MAX));
    }

    #[test]
    fn school_years_are_consecutive() {
        let year = SchoolYear::parse("2026-2027").unwrap();
        assert_eq!(year.first_day(), date(2026, 8, 1));
        assert_eq!(year.last_day(), date(2027, 7, 31));
        for wrong in ["", "2026", "2026-2028", "2027-2026", "2026/2027", "26-27", "+026-0027", "2026-2027-1"]
        {
            assert_eq!(SchoolYear::parse(wrong).unwrap_err().code, "not-a-school-year", "{wrong}");
        }
    }

    #[test]
    fn half_years_meet_in_february() {
        assert_eq!(HalfYear::containing(date(2027, 1, 31)).to_string(), "2026-2027-1");
        assert_eq!(HalfYear::containing(date(2027, 2, 1)).to_string(), "2026-2027-2");
        assert_eq!(HalfYear::containing(date(2027, 7, 31)).to_string(), "2026-2027-2");
        assert_eq!(HalfYear::containing(date(2027, 8, 1)).to_string(), "2027-2028-1");
        for wrong in ["2026-2027", "2026-2027-3", "2026-2027/1", "-1"] {
            assert_eq!(HalfYear::parse(wrong).unwrap_err().code, "not-a-half-year", "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_do_no_harm() {
        for day in [Date::MIN, Date::MAX] {
            let half_year = HalfYear::containing(day);
            assert!(half_year.first_day() < half_year.last_day());
            assert_eq!(HalfYear::parse(&half_year.to_string()), Ok(half_year));
        }
    }

    fn any_date() -> impl Strategy<Value = Date> {
        (1i16..9998, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| date(year, month, day))
    }

    proptest! {
        #[test]
        fn age_counts_the_months_that_passed(birth in any_date(), months in 0i32..1200) {
            prop_assume!(birth.year() < 9800);
            let on = birth + months.months();
            prop_assert_eq!(age_in_months(birth, on), Some(u16::try_from(months).unwrap()));
            let eve = on.yesterday().unwrap();
            prop_assert_eq!(age_in_months(birth, eve), u16::try_from(months - 1).ok());
        }

        #[test]
        fn age_never_falls(birth in any_date(), days in 0i32..4000) {
            prop_assume!(birth.year() < 9900);
            let on = birth + days.days();
            prop_assert!(age_in_months(birth, on) <= age_in_months(birth, on + 1.day()));
        }

        #[test]
        fn a_half_year_holds_its_days_and_reads_back(day in any_date()) {
            let half_year = HalfYear::containing(day);
            prop_assert!(half_year.first_day() <= day && day <= half_year.last_day());
            prop_assert_eq!(HalfYear::containing(half_year.first_day()), half_year);
            prop_assert_eq!(HalfYear::containing(half_year.last_day()), half_year);
            prop_assert_eq!(HalfYear::parse(&half_year.to_string()), Ok(half_year));
            prop_assert_eq!(SchoolYear::parse(&half_year.school_year().to_string()), Ok(half_year.school_year()));
        }
    }
}

//! Days and times as Dutch readers write them, by the clock in Amsterdam.
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

/// From the bundled database, so that it does not depend on the machine.
static AMSTERDAM: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled()
        .get("Europe/Amsterdam")
        .unwrap_or_else(|_| TimeZone::fixed(Offset::constant(1)))
});

/// Such as "zaterdag 21 november 2026".
pub(crate) fn day(date: Date) -> String {
    format!("{} {} {} {}", weekday(date), date.day(), month(date), date.year())
}

/// Such as "zaterdag 21 november 2026 om 10.00 uur".
pub(crate) fn moment(moment: Timestamp) -> String {
    let local = moment.to_zoned(AMSTERDAM.clone());
    format!("{} om {}.{:02} uur", day(local.date()), local.hour(), local.minute())
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "maandag",
        Weekday::Tuesday => "dinsdag",
        Weekday::Wednesday => "woensdag",
        Weekday::Thursday => "donderdag",
        Weekday::Friday => "vrijdag",
        Weekday::Saturday => "zaterdag",
        Weekday::Sunday => "zondag",
    }
}

fn month(date: Date) -> &'static str {
    match date.month() {
        1 => "januari",
        2 => "februari",
        3 => "maart",
        4 => "april",
        5 => "mei",
        6 => "juni",
        7 => "juli",
        8 => "augustus",
        9 => "september",
        10 => "oktober",
        11 => "november",
        _ => "december",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_that_of_amsterdam_in_winter_and_in_summer() {
        for (utc, dutch) in [
            ("2026-11-21T09:00:00Z", "zaterdag 21 november 2026 om 10.00 uur"),
            ("2026-07-01T22:05:59Z", "donderdag 2 juli 2026 om 0.05 uur"),
            ("2026-12-31T23:30:00Z", "vrijdag 1 januari 2027 om 0.30 uur"),
        ] {
            assert_eq!(moment(utc.parse().unwrap()), dutch);
        }
    }

    #[test]
    fn each_month_and_weekday_has_its_name() {
        let days: Vec<_> = (1..=12_i8).map(|month| day(Date::new(2026, month, month).unwrap())).collect();
        assert_eq!(
            days,
            [
                "donderdag 1 januari 2026",
                "maandag 2 februari 2026",
                "dinsdag 3 maart 2026",
                "zaterdag 4 april 2026",
                "dinsdag 5 mei 2026",
                "zaterdag 6 juni 2026",
                "dinsdag 7 juli 2026",
                "zaterdag 8 augustus 2026",
                "woensdag 9 september 2026",
                "zaterdag 10 oktober 2026",
                "woensdag 11 november 2026",
                "zaterdag 12 december 2026",
            ]
        );
        assert_eq!(day(Date::new(2026, 11, 22).unwrap()), "zondag 22 november 2026");
        assert_eq!(day(Date::new(2026, 11, 20).unwrap()), "vrijdag 20 november 2026");
    }
}

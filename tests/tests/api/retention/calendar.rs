//! Terms end at midnight in Amsterdam, whatever the calendar does on that day.

use groeilijn_tests::both_databases;
use groeilijn_tests::wait_until;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{count_of, depart};

/// Last days, each with the midnight in UTC at which its child goes, two years and a day later.
const GOING: [(&str, &str); 5] = [
    // The clocks went forward in the night before.
    ("2025-03-28", "2027-03-28T22:00:00Z"),
    // They go back in the night that begins.
    ("2025-10-30", "2027-10-30T22:00:00Z"),
    // And the next midnight is an hour later in UTC.
    ("2025-10-31", "2027-10-31T23:00:00Z"),
    // A leap day.
    ("2026-02-28", "2028-02-28T23:00:00Z"),
    ("2026-03-01", "2028-03-01T23:00:00Z"),
];

const LOOKED: &str =
    "SELECT count(*) AS count FROM retention_policy WHERE institution_id = $1 AND looked_on = ";
const GONE: &str =
    "SELECT count(*) AS count FROM destruction WHERE institution_id = $1 AND certificate IS NOT NULL";
const BEGUN: &str = "SELECT count(*) AS count FROM destruction WHERE institution_id = $1";

both_databases! {
    fn c105_a_child_goes_at_midnight_in_amsterdam_in_leap_years_and_when_the_clocks_change(server: Server) {
        let class = server.class();
        let school = &class.school.id;
        for (day, _) in GOING {
            depart(&mut server.raw_data(), &class.child("Noor", "2022-05-04"), day, "next-education");
        }
        let count = |query: &str| count_of(&mut server.raw_data(), query, school);
        for (gone, (day, midnight)) in (0..).zip(GOING) {
            let midnight: Timestamp = midnight.parse().unwrap();
            let before = midnight - SignedDuration::from_mins(1);
            server.clock.set(&before.to_string());
            let today = before.to_zoned(TimeZone::get("Europe/Amsterdam").unwrap()).date();
            let looked = format!("{LOOKED}'{today}'");
            wait_until(|| count(&looked) == 1);
            assert_eq!(count(BEGUN), gone, "the day before, after {day}");
            // It looks every ten minutes.
            server.clock.set(&(midnight + SignedDuration::from_mins(10)).to_string());
            wait_until(|| count(GONE) == gone + 1);
        }
    }
}

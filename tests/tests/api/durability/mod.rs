//! What was answered stays, whatever happens to the process; and it starts only on what it can trust.

mod full;
mod init;
mod kill;
mod kills;
mod letters;
mod locks;
mod lost;
mod outage;
mod second;
mod start;
mod stop;

use groeilijn_domain::access::Function;
use groeilijn_tests::{Client, School};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Today, by the clock that the program goes by.
#[allow(clippy::disallowed_methods, reason = "the program itself goes by the real clock")]
fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The birth date of a child of four.
fn of_four_years() -> Date {
    today().checked_sub(jiff::Span::new().years(4)).unwrap()
}

/// The body of a new pupil.
pub(crate) fn pupil(first_name: &str) -> Value {
    json!({"firstName": first_name, "lastName": "Fantasie", "gender": "unknown", "birthDate": of_four_years()})
}

/// A pupil and who may write notes about it.
fn pupil_and_writer(school: &School) -> (String, Client) {
    let id = school.admin.post("/v1/pupils", &pupil("Noor")).expect(201).id();
    (id, school.member(Function::InternBegeleider, &[]).client)
}

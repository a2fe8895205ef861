//! The letter of each month with the newest checkpoint of an institution's log: so that it is in the hands of somebody
//! who does not run the service (C090).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::values::calendar::amsterdam_date;

/// How every line begins that names the log or signs for it.
const NAME: &str = "groeilijn/audit/";

/// The first day of the calendar month in Europe/Amsterdam at the moment `now`.
pub fn month_of(now: Timestamp) -> Date {
    amsterdam_date(now).first_of_month()
}

/// Whether a letter is due at the moment `now`: once a month, and from the first month on that begins with something
/// signed. `first_signed` is when the first checkpoint was signed, `told_in` the month of the last letter.
pub fn is_due(first_signed: Timestamp, told_in: Option<Date>, now: Timestamp) -> bool {
    let month = month_of(now);
    month_of(first_signed) < month && told_in.is_none_or(|told_in| told_in < month)
}

/// The signed note in a text in which it was kept, such as a whole letter; the text itself when there is none in it.
/// Programs for mail end lines in ways of their own, and a note has one form.
pub fn note_in(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let begin = lines.iter().position(|line| line.starts_with(NAME));
    let end = lines.iter().rposition(|line| line.starts_with('\u{2014}'));
    match begin.zip(end).and_then(|(begin, end)| lines.get(begin..=end)) {
        Some(note) => note.join("\n") + "\n",
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "groeilijn/audit/x\n3\nBQUF\n\n\u{2014} groeilijn/audit/x AAAA\n";

    #[test]
    fn c090_a_letter_is_due_once_in_each_month_that_began_with_something_signed() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let month = |text: &str| Some(text.parse::<Date>().unwrap());
        let signed = at("2026-11-21T09:00:00Z");
        for (told_in, now, due) in [
            (None, "2026-11-30T22:59:59Z", false),
            // Midnight in Amsterdam.
            (None, "2026-11-30T23:00:00Z", true),
            (month("2026-12-01"), "2026-12-31T22:59:59Z", false),
            (month("2026-12-01"), "2026-12-31T23:00:00Z", true),
            // A clock that was set back sends nothing twice.
            (month("2027-01-01"), "2026-12-31T22:59:59Z", false),
            // A server that was off for months sends one.
            (month("2026-12-01"), "2027-06-10T12:00:00Z", true),
        ] {
            assert_eq!(is_due(signed, told_in, at(now)), due, "{told_in:?} {now}");
        }
    }

    #[test]
    fn c090_a_note_is_found_in_the_letter_that_it_came_with() {
        assert_eq!(note_in(NOTE), NOTE);
        let letter = format!("Beste Fien,\n\nBewaar dit.\n\n{NOTE}\nGroeilijn\n");
        assert_eq!(note_in(&letter), NOTE);
        assert_eq!(note_in(&letter.replace('\n', "\r\n")), NOTE);
        assert_eq!(note_in(&letter.replace('\n', " \r\n")), NOTE);
        assert_eq!(note_in("iets anders"), "iets anders");
        assert_eq!(note_in(""), "");
    }
}

//! Notes: what a professional saw, in words, on one day (C027).

use std::collections::HashSet;

use jiff::civil::Date;

use crate::children::framework::{FrameworkIndex, LineCode};
use crate::values::refusal::Refusal;
use crate::values::text::FreeText;

/// How many development lines one note can be about.
pub const MAX_LINES: usize = 20;

/// A note about a child, as it is written.
pub struct NewNote {
    /// What was seen.
    pub text: FreeText,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// The development lines it is about; may be empty.
    pub lines: Vec<LineCode>,
}

impl NewNote {
    /// Checks the day against the child's birth and today's date, both in Europe/Amsterdam.
    ///
    /// # Errors
    /// `in-the-future` or `before-birth`.
    pub fn check_day(&self, birth: Date, today: Date) -> Result<(), Refusal> {
        check_observed_on(self.observed_on, birth, today)
    }

    /// Checks the development lines against the framework they are of.
    ///
    /// # Errors
    /// Everything that is wrong: `too-many`, `not-in-framework` or `not-unique`.
    pub fn check_lines(&self, framework: &FrameworkIndex) -> Result<(), Vec<Refusal>> {
        let found = refused_lines(&self.lines, framework);
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

/// Whether a child born on `birth` can have been observed on this day.
///
/// # Errors
/// `in-the-future` after today, `before-birth` before the birth.
pub(crate) fn check_observed_on(observed_on: Date, birth: Date, today: Date) -> Result<(), Refusal> {
    if observed_on > today {
        return Err(Refusal::new("in-the-future", "a child is observed today or earlier"));
    }
    if observed_on < birth {
        return Err(Refusal::new("before-birth", "that day is before the child was born"));
    }
    Ok(())
}

fn refused_lines(lines: &[LineCode], framework: &FrameworkIndex) -> Vec<Refusal> {
    let mut found = Vec::new();
    if lines.len() > MAX_LINES {
        found
            .push(Refusal::new("too-many", format!("a note is about at most {MAX_LINES} development lines")));
    }
    if lines.iter().any(|code| framework.line(code.as_str()).is_none()) {
        found.push(Refusal::new("not-in-framework", "the framework in use has no such development line"));
    }
    if lines.iter().collect::<HashSet<_>>().len() < lines.len() {
        found.push(Refusal::new("not-unique", "a development line is named once"));
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::children::framework::fixture;

    const BIRTH: Date = date(2023, 2, 28);
    const TODAY: Date = date(2026, 11, 21);

    fn note(observed_on: Date, lines: &[&str]) -> NewNote {
        NewNote {
            text: FreeText::parse("Bouwt een toren van acht blokken.").unwrap(),
            observed_on,
            lines: lines.iter().map(|code| LineCode::parse(code).unwrap()).collect(),
        }
    }

    #[test]
    fn c027_a_note_of_any_day_of_the_childs_life_will_do() {
        let check = |day| note(day, &[]).check_day(BIRTH, TODAY).map_err(|refusal| refusal.code);
        for day in [BIRTH, date(2025, 1, 1), TODAY] {
            assert_eq!(check(day), Ok(()));
        }
        assert_eq!(check(BIRTH.yesterday().unwrap()), Err("before-birth"));
        assert_eq!(check(TODAY.tomorrow().unwrap()), Err("in-the-future"));
    }

    #[test]
    fn everything_wrong_with_the_lines_is_reported_together() {
        let check = |lines: &[&str]| -> Vec<_> {
            let found = note(TODAY, lines).check_lines(&fixture::index()).err().unwrap_or_default();
            found.into_iter().map(|refusal| refusal.code).collect()
        };
        assert_eq!(check(&[]), [""; 0]);
        assert_eq!(check(&["gross-motor", "spoken-language"]), [""; 0]);
        assert_eq!(check(&["gross-motor", "gross-motor"]), ["not-unique"]);
        assert_eq!(check(&["gross-motor", "singing"]), ["not-in-framework"]);
        assert_eq!(check(&["singing"; 21]), ["too-many", "not-in-framework", "not-unique"]);
    }
}

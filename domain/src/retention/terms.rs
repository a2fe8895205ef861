//! The terms of everything that is kept: one row for each table of both databases, and for the kinds of columns in it
//! that end differently (C108).
//!
//! The contracts give the terms of children, institutions and audit bodies. Where they are silent, a term here is the
//! shortest that its purpose allows (GDPR, article 5(1)(e)): a year for what is looked into when something turns out
//! wrong, two years for what shows who looked at children, as long as the log that it belongs to.

mod table;

use jiff::Timestamp;

pub use self::table::TABLE;
use crate::values::calendar::months_earlier;

/// Calendar months after which the body of an entry of the audit log ends.
pub const AUDIT_BODY: Months = Months(24);
/// What may be an attack: after it happened.
pub const SECURITY_EVENT: Months = Months(12);
/// Support sessions, consents, couplings and requests: after they ended.
pub const SUPPORT: Months = Months(24);
/// Invitations: after they were used or lapsed.
pub const INVITATION: Months = Months(1);
/// API tokens: after they were revoked or their last day.
pub const API_TOKEN: Months = Months(12);
/// The numbers of an import: after it was carried out, failed or lapsed.
pub const IMPORT: Months = Months(12);
/// Who a user or a member of the processor's staff was: after she left.
pub const PERSON: Months = Months(12);
/// Confidentiality statements: after the name of who signed ended. A claim for a breach of secrecy lapses after five
/// years (Burgerlijk Wetboek, article 3:310), of which the name was there for one.
pub const STATEMENT: Months = Months(48);
/// The texts of an incident: after what was added to it last. A claim lapses after five years (Burgerlijk Wetboek, article
/// 3:310), and so does the power to fine (Algemene wet bestuursrecht, article 5:45).
pub const INCIDENT: Months = Months(60);

/// A term in calendar months in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(pub u8);

impl Months {
    /// The moment before which a term has to have begun, to have ended at the moment `now`.
    pub fn cutoff(self, now: Timestamp) -> Timestamp {
        months_earlier(now, self.0)
    }

    /// Whether a term that began at the moment `start` has ended at the moment `now`.
    pub fn has_ended(self, start: Timestamp, now: Timestamp) -> bool {
        start < self.cutoff(now)
    }
}

/// For how long something is kept after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Minutes.
    Minutes(u16),
    /// Hours.
    Hours(u16),
    /// Days.
    Days(u16),
    /// Calendar months.
    For(Months),
    /// The calendar months of the contract's profile.
    Grace,
    /// It goes in the same act.
    AtOnce,
    /// It is about nobody: it goes with what it belongs to.
    AboutNobody,
}

/// What ends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// The chore that throws away what is kept for minutes or hours.
    Forgetting,
    /// The chore that ends what is kept for months.
    Terms,
    /// The chore that ends school files.
    SchoolFiles,
    /// The chore that sends letters.
    Letters,
    /// The chore that does what was asked for.
    Jobs,
    /// The daily destruction of children and institutions.
    Destruction,
    /// Rotating keys.
    Rotation,
    /// The operation in which its place is taken.
    Operation,
}

/// How long the columns of a table are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermRow {
    /// The table.
    pub table: &'static str,
    /// Which of its columns; empty for all that no other row names.
    pub columns: &'static str,
    /// For how long.
    pub kept: Kept,
    /// After what.
    pub start: &'static str,
    /// By which law, clause or purpose.
    pub basis: &'static str,
    /// What ends it.
    pub ended_by: EndedBy,
}

impl Kept {
    fn describe(self) -> String {
        match self {
            Self::Minutes(minutes) => format!("{minutes} minutes"),
            Self::Hours(hours) => format!("{hours} hours"),
            Self::Days(days) => format!("{days} days"),
            Self::For(Months(1)) => "1 calendar month".to_owned(),
            Self::For(Months(months)) => format!("{months} calendar months"),
            Self::Grace => "3 calendar months, 2 for `basisonline`".to_owned(),
            Self::AtOnce => "at once".to_owned(),
            Self::AboutNobody => "about nobody".to_owned(),
        }
    }
}

impl EndedBy {
    const fn describe(self) -> &'static str {
        match self {
            Self::Forgetting => "`forgetting`, every 10 minutes",
            Self::Terms => "`terms`, hourly",
            Self::SchoolFiles => "`school_files`, every minute",
            Self::Letters => "`letters`, when it was sent",
            Self::Jobs => "`jobs`, when it was done",
            Self::Destruction => "`destruction`, daily",
            Self::Rotation => "rotating keys",
            Self::Operation => "the operation itself",
        }
    }
}

impl TermRow {
    /// The row as the documentation has it.
    pub fn describe(&self) -> String {
        let columns = if self.columns.is_empty() { String::new() } else { format!(": {}", self.columns) };
        format!(
            "| `{}`{columns} | {} | {} | {} | {} |",
            self.table,
            self.kept.describe(),
            self.start,
            self.basis,
            self.ended_by.describe()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c108_a_term_ends_on_the_same_time_of_the_calendar_in_amsterdam() {
        let ends = |start: &str, now: &str| Months(24).has_ended(moment(start), moment(now));
        assert!(!ends("2024-11-21T09:00:00Z", "2026-11-21T09:00:00Z"));
        assert!(ends("2024-11-21T09:00:00Z", "2026-11-21T09:00:01Z"));
        // Summer time began in between: it is the time on the clock that counts.
        let spring = |now: &str| Months(1).has_ended(moment("2026-02-28T11:00:00Z"), moment(now));
        assert!(!spring("2026-03-28T11:00:00Z"));
        assert!(spring("2026-03-28T11:00:01Z"));
        let autumn = |now: &str| Months(1).has_ended(moment("2026-09-30T10:00:00Z"), moment(now));
        assert!(!autumn("2026-10-30T11:00:00Z"), "the clock was set back on 25 October");
        assert!(autumn("2026-10-30T11:00:01Z"));
    }

    #[test]
    fn a_leap_day_has_ended_when_the_shorter_year_is_past_it() {
        let ends = |now: &str| Months(12).has_ended(moment("2028-02-29T09:00:00Z"), moment(now));
        assert!(!ends("2029-02-28T22:59:00Z"));
        assert!(ends("2029-03-01T09:00:00Z"));
    }

    #[test]
    fn the_ends_of_time_end_nothing_too_early() {
        assert!(!Months(24).has_ended(Timestamp::MIN, Timestamp::MIN));
    }

    #[test]
    fn c108_each_row_says_when_and_why_and_none_is_there_twice() {
        let mut named = BTreeSet::new();
        for row in TABLE {
            assert!(named.insert((row.table, row.columns)), "{} {}", row.table, row.columns);
            for text in [row.table, row.start, row.basis] {
                assert!(
                    !text.trim().is_empty() && !text.contains('|') && !text.contains("no end"),
                    "{row:?}"
                );
            }
        }
        let described: Vec<_> = TABLE.iter().map(TermRow::describe).collect();
        assert!(described.iter().all(|row| row.matches(" | ").count() == 4), "{described:?}");
    }
}

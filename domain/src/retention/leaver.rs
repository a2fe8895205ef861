//! Since when somebody has left, and whether her term has ended (C067).

use jiff::Timestamp;
use jiff::civil::Date;

use super::terms::PERSON;
use crate::values::calendar::end_of_day;

/// How somebody stands who may have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when she is blocked, in UTC, by who decides that; `None` when she is not.
    pub blocked_since: Option<Timestamp>,
    /// The last day of her rights, in Amsterdam.
    pub last_day: Option<Date>,
}

impl Standing {
    /// Since when she has left, in UTC, or from when on she will have: the end of her last day, or when she was
    /// blocked, whichever came first.
    pub fn left_at(self) -> Option<Timestamp> {
        [self.blocked_since, self.last_day.map(end_of_day)].into_iter().flatten().min()
    }

    /// Whether what is known of her ends: she left, and the term after that is over.
    pub fn is_over(self, now: Timestamp) -> bool {
        self.left_at().is_some_and(|left| PERSON.has_ended(left, now))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn c067_who_is_there_does_not_end() {
        let here = Standing { blocked_since: None, last_day: None };
        assert_eq!(here.left_at(), None);
        assert!(!here.is_over(moment("2099-01-01T00:00:00Z")));
    }

    #[test]
    fn c067_the_term_begins_when_her_last_day_in_amsterdam_is_over() {
        let left = Standing { blocked_since: None, last_day: Some(date(2025, 7, 31)) };
        assert!(!left.is_over(moment("2026-07-31T22:00:00Z")));
        assert!(left.is_over(moment("2026-07-31T22:00:01Z")));
    }

    #[test]
    fn whichever_came_first_counts() {
        let blocked = Some(moment("2025-03-01T12:00:00Z"));
        let both = Standing { blocked_since: blocked, last_day: Some(date(2025, 7, 31)) };
        assert_eq!(both.left_at(), blocked);
    }
}

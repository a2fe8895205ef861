//! Who has seen a child or a user, when and why, counted from the log (C096).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::activity::ProcessingActivity;
use crate::audit::entry::{ActorKind, Outcome};
use crate::values::ids::SupportSessionId;

/// Who asked, for which purpose, and how it ended. What is asked in a support session is counted by session: each has a
/// reason of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// On which side who asked stands.
    pub by_kind: ActorKind,
    /// Who asked; `None` for the service itself, and before login.
    pub by: Option<Uuid>,
    /// The support session in which was asked, if it was in one.
    pub support_session: Option<SupportSessionId>,
    /// For which purpose.
    pub activity: ProcessingActivity,
    /// How it ended.
    pub outcome: Outcome,
}

/// When and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The first time, in UTC.
    pub first_at: Timestamp,
    /// The last time, in UTC.
    pub last_at: Timestamp,
    /// How many times, by operation.
    pub operations: BTreeMap<String, u64>,
}

impl Times {
    /// How many times in all.
    pub fn count(&self) -> u64 {
        self.operations.values().sum()
    }
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessLog(HashMap<Seen, Times>);

impl AccessLog {
    /// Counts an entry, in any order of time.
    pub fn count(&mut self, seen: Seen, operation: &str, at: Timestamp) {
        let times = self.0.entry(seen).or_insert_with(|| Times {
            first_at: at,
            last_at: at,
            operations: BTreeMap::new(),
        });
        times.first_at = times.first_at.min(at);
        times.last_at = times.last_at.max(at);
        match times.operations.get_mut(operation) {
            Some(count) => *count += 1,
            None => drop(times.operations.insert(operation.to_owned(), 1)),
        }
    }

    /// Everybody with their times, who was there last first.
    pub fn lines(self) -> Vec<(Seen, Times)> {
        let mut lines: Vec<_> = self.0.into_iter().collect();
        lines.sort_by(|(seen, times), (other, later)| {
            later.last_at.cmp(&times.last_at).then_with(|| seen.cmp(other))
        });
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c096_each_person_and_purpose_is_one_line_whatever_the_order_of_the_entries() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let teacher = Seen {
            by_kind: ActorKind::InstitutionUser,
            by: Some(Uuid::from_u128(1)),
            support_session: None,
            activity: ProcessingActivity::FollowDevelopment,
            outcome: Outcome::Success,
        };
        let refused = Seen { outcome: Outcome::Denied, ..teacher };
        let helpdesk =
            Seen { support_session: Some(SupportSessionId::from_uuid(Uuid::from_u128(2))), ..teacher };
        let entries = [
            (teacher, "listNotes", 5),
            (refused, "readPupil", 9),
            (teacher, "listNotes", 1),
            (helpdesk, "listNotes", 3),
            (teacher, "createNote", 2),
        ];
        let counted = |order: &mut dyn Iterator<Item = &(Seen, &str, i64)>| {
            let mut log = AccessLog::default();
            order.for_each(|(seen, operation, minute)| log.count(*seen, operation, at(*minute)));
            log.lines()
        };
        let lines = counted(&mut entries.iter());
        assert_eq!(lines, counted(&mut entries.iter().rev()));
        assert_eq!(lines.iter().map(|(seen, _)| *seen).collect::<Vec<_>>(), [refused, teacher, helpdesk]);
        let (_, times) = &lines[1];
        assert_eq!((times.first_at, times.last_at, times.count()), (at(1), at(5), 3));
        assert_eq!(
            times.operations,
            BTreeMap::from([("createNote".to_owned(), 1), ("listNotes".to_owned(), 2)])
        );
    }
}

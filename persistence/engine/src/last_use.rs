//! When something was last used: known here to the microsecond, kept in the database a little later.
//!
//! What can be used is for others to say: a [`Kind`] brings the statement that keeps a moment of it.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::error::Result;

/// How many things are remembered.
const MOST: usize = 100_000;

/// A kind of thing of which the last use is kept.
#[derive(Debug)]
pub struct Kind {
    /// What it is called: no two kinds share a name.
    pub name: &'static str,
    /// How far an embedded database, which one process serves, may be behind.
    pub embedded_lag: SignedDuration,
    /// How far a shared database may be behind, where the next request may come to another process.
    pub shared_lag: SignedDuration,
    /// Keeps that the thing with this id was used at this moment, unless a later one is kept.
    pub keep: fn(&mut AnyConnection, Uuid, Timestamp) -> Result<()>,
}

/// Something that was used.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// What kind of thing it is.
    pub kind: &'static Kind,
    /// Which one.
    pub id: Uuid,
}

impl Used {
    /// The order in which moments are kept: always the same, so that no two transactions wait for each other.
    fn key(&self) -> (&'static str, Uuid) {
        (self.kind.name, self.id)
    }

    /// Keeps that it was used at this moment.
    pub(crate) fn keep(&self, connection: &mut AnyConnection, at: Timestamp) -> Result<()> {
        (self.kind.keep)(connection, self.id, at)
    }
}

impl PartialEq for Used {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Used {}

impl Hash for Used {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for Used {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Used {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The last uses that this process knows of.
#[derive(Clone)]
pub struct LastUses {
    seen: Arc<Cache<Used, Seen>>,
    embedded: bool,
}

#[derive(Clone, Copy)]
struct Seen {
    latest: Timestamp,
    kept: Timestamp,
}

impl LastUses {
    /// Nothing was seen yet. An `embedded` database is served by this process alone.
    pub fn new(embedded: bool) -> Self {
        Self { seen: Arc::new(Cache::new(MOST)), embedded }
    }

    /// Remembers that something is used now, and tells whether the database is too far behind.
    pub fn note(&self, used: Used, now: Timestamp) -> bool {
        let lag = if self.embedded { used.kind.embedded_lag } else { used.kind.shared_lag };
        let kept = self.seen.get(&used).map(|seen| seen.kept);
        let due = kept.is_none_or(|kept| now.duration_since(kept) >= lag);
        let kept = if due { now } else { kept.unwrap_or(now) };
        self.seen.insert(used, Seen { latest: now, kept });
        due
    }

    /// When something was last used here, in UTC.
    pub fn latest(&self, used: Used) -> Option<Timestamp> {
        self.seen.get(&used).map(|seen| seen.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: Kind = kind("one", SignedDuration::from_secs(1));
    static OTHER: Kind = kind("other", SignedDuration::from_mins(1));

    const fn kind(name: &'static str, shared_lag: SignedDuration) -> Kind {
        Kind { name, embedded_lag: SignedDuration::from_mins(1), shared_lag, keep: |_, _, _| Ok(()) }
    }

    fn start() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn every_moment_is_known_and_now_and_then_one_is_kept() {
        let uses = LastUses::new(true);
        let one = Used { kind: &ONE, id: Uuid::from_u128(1) };
        let after = |seconds| start() + SignedDuration::from_secs(seconds);
        assert_eq!(uses.latest(one), None);
        assert!(uses.note(one, start()));
        assert!(!uses.note(one, after(59)));
        assert_eq!(uses.latest(one), Some(after(59)));
        assert!(uses.note(one, after(60)));
        assert!(!uses.note(one, after(61)));
    }

    #[test]
    fn each_kind_has_a_lag_of_its_own() {
        let uses = LastUses::new(false);
        let [one, other] = [&ONE, &OTHER].map(|kind| Used { kind, id: Uuid::from_u128(1) });
        let after = |seconds| start() + SignedDuration::from_secs(seconds);
        assert!(uses.note(one, start()) && uses.note(other, start()));
        assert!(uses.note(one, after(59)) && !uses.note(other, after(59)));
        assert!(uses.note(other, after(60)));
    }
}

//! When something was last asked in each session (C061).
//!
//! It is known here to the microsecond, and kept in the database a little later: on an embedded database, which one
//! process serves, once a minute; on PostgreSQL, where the next request may come to another process, once a second.

use std::sync::Arc;

use groeilijn_domain::ids::SessionId;
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;

/// How many sessions are remembered.
const MOST: usize = 100_000;
/// How far an embedded database may be behind.
const EMBEDDED_LAG: SignedDuration = SignedDuration::from_mins(1);
/// How far a shared database may be behind.
const SHARED_LAG: SignedDuration = SignedDuration::from_secs(1);

/// The latest activity of sessions.
#[derive(Clone)]
pub(crate) struct Activity {
    sessions: Arc<Cache<SessionId, Seen>>,
    lag: SignedDuration,
}

#[derive(Clone, Copy)]
struct Seen {
    latest: Timestamp,
    kept: Timestamp,
}

impl Activity {
    /// Nothing was seen yet. An `embedded` database is served by this process alone.
    pub(crate) fn new(embedded: bool) -> Self {
        let lag = if embedded { EMBEDDED_LAG } else { SHARED_LAG };
        Self { sessions: Arc::new(Cache::new(MOST)), lag }
    }

    /// Remembers that something is asked now, and tells whether the database is too far behind.
    pub(crate) fn note(&self, id: SessionId, now: Timestamp) -> bool {
        let kept = self.sessions.get(&id).map(|seen| seen.kept);
        let due = kept.is_none_or(|kept| now.duration_since(kept) >= self.lag);
        let kept = if due { now } else { kept.unwrap_or(now) };
        self.sessions.insert(id, Seen { latest: now, kept });
        due
    }

    /// When something was last asked here, in UTC.
    pub(crate) fn latest(&self, id: SessionId) -> Option<Timestamp> {
        self.sessions.get(&id).map(|seen| seen.latest)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_moment_is_known_and_now_and_then_one_is_kept() {
        let activity = Activity::new(true);
        let id = SessionId::from_uuid(Uuid::from_u128(1));
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(activity.latest(id), None);
        assert!(activity.note(id, start));
        assert!(!activity.note(id, after(59)));
        assert_eq!(activity.latest(id), Some(after(59)));
        assert!(activity.note(id, after(60)));
        assert!(!activity.note(id, after(61)));
    }
}

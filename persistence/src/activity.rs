//! When something was last asked in each session (C061), and with each API token.
//!
//! It is known here to the microsecond, and kept in the database a little later. Of a session: on an embedded database,
//! which one process serves, once a minute; on PostgreSQL, where the next request may come to another process, once a
//! second. Of a token, of which nothing depends on it, once a minute.

use std::sync::Arc;

use groeilijn_domain::values::ids::{ApiTokenId, SessionId};
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;

use crate::access::{api_token, session};
use crate::database::AnyConnection;
use crate::error::Result;
use crate::handles::store::Store;

/// How many sessions and tokens are remembered.
const MOST: usize = 100_000;
/// How far an embedded database may be behind with sessions.
const EMBEDDED_LAG: SignedDuration = SignedDuration::from_mins(1);
/// How far a shared database may be behind with sessions.
const SHARED_LAG: SignedDuration = SignedDuration::from_secs(1);
/// How far any database may be behind with tokens.
const API_TOKEN_LAG: SignedDuration = SignedDuration::from_mins(1);

/// What is asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Used {
    Session(SessionId),
    ApiToken(ApiTokenId),
}

/// The latest activity of sessions and tokens.
#[derive(Clone)]
pub(crate) struct Activity {
    seen: Arc<Cache<Used, Seen>>,
    session_lag: SignedDuration,
}

#[derive(Clone, Copy)]
struct Seen {
    latest: Timestamp,
    kept: Timestamp,
}

impl Activity {
    /// Nothing was seen yet. An `embedded` database is served by this process alone.
    pub(crate) fn new(embedded: bool) -> Self {
        let session_lag = if embedded { EMBEDDED_LAG } else { SHARED_LAG };
        Self { seen: Arc::new(Cache::new(MOST)), session_lag }
    }

    /// Remembers that something is asked now, and tells whether the database is too far behind.
    pub(crate) fn note(&self, used: Used, now: Timestamp) -> bool {
        let lag = match used {
            Used::Session(_) => self.session_lag,
            Used::ApiToken(_) => API_TOKEN_LAG,
        };
        let kept = self.seen.get(&used).map(|seen| seen.kept);
        let due = kept.is_none_or(|kept| now.duration_since(kept) >= lag);
        let kept = if due { now } else { kept.unwrap_or(now) };
        self.seen.insert(used, Seen { latest: now, kept });
        due
    }

    /// When something was last asked here, in UTC.
    pub(crate) fn latest(&self, used: Used) -> Option<Timestamp> {
        self.seen.get(&used).map(|seen| seen.latest)
    }
}

impl Store {
    /// Notes that something is asked at this moment.
    pub(crate) fn note_use(&self, used: Used, now: Timestamp) {
        if self.activity().note(used, now) {
            self.data().writer().note_use(used, now);
        }
    }
}

/// Keeps when something was last asked.
pub(crate) fn keep(connection: &mut AnyConnection, used: Used, at: Timestamp) -> Result<()> {
    match used {
        Used::Session(id) => session::keep_activity(connection, id, at),
        Used::ApiToken(id) => api_token::keep_use(connection, id, at),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_moment_is_known_and_now_and_then_one_is_kept() {
        let activity = Activity::new(true);
        let id = Used::Session(SessionId::from_uuid(Uuid::from_u128(1)));
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(activity.latest(id), None);
        assert!(activity.note(id, start));
        assert!(!activity.note(id, after(59)));
        assert_eq!(activity.latest(id), Some(after(59)));
        assert!(activity.note(id, after(60)));
        assert!(!activity.note(id, after(61)));
    }

    #[test]
    fn of_a_token_a_moment_is_kept_once_a_minute_whatever_the_database() {
        let activity = Activity::new(false);
        let uuid = Uuid::from_u128(1);
        let (session, token) =
            (Used::Session(SessionId::from_uuid(uuid)), Used::ApiToken(ApiTokenId::from_uuid(uuid)));
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        assert!(activity.note(session, start) && activity.note(token, start));
        assert!(activity.note(session, after(59)) && !activity.note(token, after(59)));
        assert!(activity.note(token, after(60)));
    }
}

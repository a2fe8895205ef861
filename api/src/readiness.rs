//! Whether the service can do its work: what `/readyz` answers.

use std::time::Duration;

use groeilijn_persistence::Store;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long an answer holds: anybody may ask, and finding out takes a transaction on both databases.
const HOLDS: SignedDuration = SignedDuration::from_secs(1);
/// How long the databases may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks both databases, at most once a second.
pub(crate) struct Readiness {
    store: Store,
    last: Mutex<Option<(Timestamp, bool)>>,
}

impl Readiness {
    /// Of the service on this store.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, last: Mutex::default() }
    }

    /// Whether both databases can be read and written.
    pub(crate) async fn is_ready(&self) -> bool {
        // Whoever asks meanwhile waits here for the same answer.
        let mut last = self.last.lock().await;
        let now = self.store.environment().now();
        if let Some((at, ready)) = *last
            && (SignedDuration::ZERO..HOLDS).contains(&now.duration_since(at))
        {
            return ready;
        }
        let ready = matches!(timeout(PATIENCE, self.store.ready()).await, Ok(Ok(())));
        *last = Some((self.store.environment().now(), ready));
        ready
    }
}

//! Deletes what is kept for a time only and has lapsed: replies kept for retries, failed logins, requests of new
//! passwords and ended sessions.

use groeilijn_persistence::{Result, Store};
use jiff::SignedDuration;

use super::every::Chore;

/// Forgets what has lapsed. How long each is kept is decided where it is stored.
pub(super) struct Forgetting;

impl Chore for Forgetting {
    const EVERY: SignedDuration = SignedDuration::from_mins(10);
    const LEFT_FOR_LATER: &'static str = "what has lapsed is left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        let done = [
            store.forget_old_replies().await,
            store.forget_old_login_failures().await,
            store.forget_old_password_resets().await,
            store.forget_old_sessions(store.environment().now()).await,
        ];
        // One that fails does not keep the others from being forgotten.
        for error in done.into_iter().filter_map(Result::err) {
            tracing::error!(%error, "{}", Self::LEFT_FOR_LATER);
        }
        Ok(())
    }
}

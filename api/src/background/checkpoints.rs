//! Signs the audit logs in which something changed, so that nothing in them can be altered afterwards unseen (C090).

use groeilijn_persistence::Result;
use jiff::{SignedDuration, Timestamp};

use super::kind::{Found, Kind, Stop};
use crate::log_signing::sign_log;
use crate::state::AppState;

/// How long an entry waits to be signed at most, on the clock of the service.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Signs audit logs.
pub(super) struct Checkpoints {
    due: Timestamp,
}

impl Checkpoints {
    /// The first turn is at once.
    pub(super) const fn new() -> Self {
        Self { due: Timestamp::MIN }
    }
}

impl Kind for Checkpoints {
    const LEFT_FOR_LATER: &'static str = "audit logs are left to be signed later";

    async fn work(&mut self, state: &AppState, stop: &Stop) -> Result<Found> {
        let now = state.environment().now();
        if now < self.due {
            return Ok(Found::Nothing);
        }
        self.due = now + EVERY;
        let logs = state.store.logs_to_sign().await?;
        if logs.is_empty() {
            return Ok(Found::Nothing);
        }
        let signers = state.store.log_signers().await?;
        for log in logs {
            if stop.is_told() {
                break;
            }
            // One that fails does not keep the others.
            if let Err(error) = sign_log(state, log, &signers).await {
                tracing::error!(%error, institution = %log, "{}", Self::LEFT_FOR_LATER);
            }
        }
        Ok(Found::Nothing)
    }
}

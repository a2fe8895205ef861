//! Shows the checkpoints of audit logs to the witnesses that the operator named (C090).

use groeilijn_domain::audit::witness::Witness;
use groeilijn_persistence::Result;
use jiff::{SignedDuration, Timestamp};

use super::kind::{Found, Kind, Stop};
use crate::log_witnessing::{Shown, show_log};
use crate::state::AppState;

/// How long a new checkpoint waits to be shown at most, on the clock of the service.
const EVERY: SignedDuration = SignedDuration::from_secs(15);

/// Shows the logs to one witness.
pub(super) struct Witnesses {
    witness: Witness,
    due: Timestamp,
}

impl Witnesses {
    /// The first turn is at once.
    pub(super) const fn of(witness: Witness) -> Self {
        Self { witness, due: Timestamp::MIN }
    }
}

impl Kind for Witnesses {
    const LEFT_FOR_LATER: &'static str = "audit logs are left to be witnessed later";

    async fn work(&mut self, state: &AppState, stop: &Stop) -> Result<Found> {
        let now = state.environment().now();
        if now < self.due {
            return Ok(Found::Nothing);
        }
        self.due = now + EVERY;
        for log in state.store.logs_to_witness(self.witness.name().to_owned(), now).await? {
            if stop.is_told() {
                break;
            }
            match show_log(state, &self.witness, log).await {
                // The others would wait for it in vain.
                Ok(Shown::NoAnswer) => break,
                Ok(Shown::Done) => {}
                // One that fails does not keep the others.
                Err(error) => tracing::error!(%error, institution = %log, "{}", Self::LEFT_FOR_LATER),
            }
        }
        Ok(Found::Nothing)
    }
}

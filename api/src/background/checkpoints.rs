//! Signs the audit logs in which something changed, so that nothing in them can be altered afterwards unseen, and goes round
//! what was signed before (C090).

use groeilijn_persistence::Result;
use groeilijn_persistence::audit::patrol::Place;
use jiff::{SignedDuration, Timestamp};

use super::kind::{Found, Kind, Stop};
use crate::log_signing::{go_on_round, sign_log};
use crate::state::AppState;

/// How long an entry waits to be signed at most, on the clock of the service.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How many tiles of 256 entries are looked at anew in one turn, and how many logs at most.
const TILES_A_TURN: u64 = 100;
const LOGS_A_TURN: usize = 20;

/// Signs audit logs.
pub(super) struct Checkpoints {
    due: Timestamp,
    round: Place,
}

impl Checkpoints {
    /// The first turn is at once.
    pub(super) const fn new() -> Self {
        Self { due: Timestamp::MIN, round: Place::FIRST }
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
        self.sign(state, stop).await?;
        self.look_anew(state).await?;
        Ok(Found::Nothing)
    }
}

impl Checkpoints {
    async fn sign(&self, state: &AppState, stop: &Stop) -> Result<()> {
        let logs = state.store.logs_to_sign().await?;
        if logs.is_empty() {
            return Ok(());
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
        Ok(())
    }

    /// Goes on with the round: a log, or some short ones.
    async fn look_anew(&mut self, state: &AppState) -> Result<()> {
        let begun = self.round.log;
        for _ in 0..LOGS_A_TURN {
            self.round = go_on_round(state, self.round, TILES_A_TURN).await?;
            if self.round.tiles > 0 || self.round.log == begun {
                break;
            }
        }
        Ok(())
    }
}

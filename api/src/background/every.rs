//! Work that is done when a time has passed, and not because something waits for it.

use std::future::Future;

use groeilijn_persistence::{Result, Store};
use jiff::{SignedDuration, Timestamp};

use super::kind::{Found, Kind, Stop};
use crate::state::AppState;

/// Work that returns.
pub(super) trait Chore: Send + Sync + 'static {
    /// The time between two turns, on the clock of the service.
    const EVERY: SignedDuration;

    /// What the log says when a turn failed; the work waits for the next one.
    const LEFT_FOR_LATER: &'static str;

    /// Takes a turn.
    ///
    /// # Errors
    /// What kept the work from being done.
    fn take_turn(&self, store: &Store) -> impl Future<Output = Result<()>> + Send;
}

/// A chore and when its next turn is: the first one is at once.
pub(super) struct Every<C> {
    chore: C,
    due: Timestamp,
}

impl<C: Chore> Every<C> {
    /// A chore that no turn was taken of yet.
    pub(super) const fn new(chore: C) -> Self {
        Self { chore, due: Timestamp::MIN }
    }
}

impl<C: Chore> Kind for Every<C> {
    const LEFT_FOR_LATER: &'static str = C::LEFT_FOR_LATER;

    async fn work(&mut self, state: &AppState, _: &Stop) -> Result<Found> {
        let now = state.environment().now();
        if now >= self.due {
            self.due = now + C::EVERY;
            self.chore.take_turn(&state.store).await?;
        }
        Ok(Found::Nothing)
    }
}

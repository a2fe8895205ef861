//! Takes away keys that a crash left, made for what was never entered.

use groeilijn_persistence::{Result, Store};
use jiff::SignedDuration;

use super::every::Chore;

/// Sweeps up keys without an owner.
pub(super) struct KeySweep;

impl Chore for KeySweep {
    const EVERY: SignedDuration = SignedDuration::from_hours(1);
    const LEFT_FOR_LATER: &'static str = "keys that nobody uses are left for later";

    async fn take_turn(&self, store: &Store) -> Result<()> {
        let swept = store.sweep_keys(store.environment().now()).await?;
        if swept > 0 {
            tracing::info!(swept, "took away keys of what was never entered");
        }
        Ok(())
    }
}

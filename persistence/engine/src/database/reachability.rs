//! Whether a database can be reached: what its readers and its writer know of it together.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::outage::Outage;
use crate::error::Error;

/// Whether one database can be reached, as its readers and its writer find out.
#[derive(Debug, Default)]
pub(crate) struct Reachability {
    /// How often it was lost: a connection from before the last time is not used again.
    losses: AtomicU64,
    away: AtomicBool,
}

impl Reachability {
    /// How often it was lost so far.
    pub(crate) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }

    /// A connection that was made after so many losses is dead; all of that age are dropped with it.
    pub(crate) fn lose(&self, losses: u64) {
        // When it fails, another has told already.
        let _ = self.losses.compare_exchange(losses, losses + 1, Ordering::AcqRel, Ordering::Acquire);
    }

    /// No connection could be made. The log says so once.
    pub(crate) fn out_of_reach(&self, error: &Error) {
        if !self.away.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "a database cannot be reached");
        }
    }

    /// A connection was made.
    pub(crate) fn reached(&self) {
        if self.away.swap(false, Ordering::AcqRel) {
            tracing::info!("a database can be reached again");
        }
    }

    /// What somebody is told who got no connection in time.
    pub(crate) fn refusal(&self) -> Error {
        if self.away.load(Ordering::Acquire) { Error::Unavailable(Outage::Lost) } else { Error::Busy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loss_is_counted_once_whoever_finds_it() {
        let reachability = Reachability::default();
        let seen = reachability.losses();
        reachability.lose(seen);
        reachability.lose(seen);
        assert_eq!(reachability.losses(), seen + 1);
    }
}

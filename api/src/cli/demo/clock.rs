//! A clock that can be set, so that what is made looks as old as it says it is.

use std::sync::atomic::{AtomicI64, Ordering};

use groeilijn_persistence::environment::Clock;
use jiff::Timestamp;

/// A clock that moves on by a microsecond each time it is read.
pub(super) struct TravellingClock(AtomicI64);

impl TravellingClock {
    pub(super) fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_microsecond()))
    }

    pub(super) fn travel(&self, to: Timestamp) {
        self.0.store(to.as_microsecond(), Ordering::Relaxed);
    }
}

impl Clock for TravellingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.fetch_add(1, Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

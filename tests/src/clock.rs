//! A clock that tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use groeilijn_persistence::environment::Clock;
use jiff::{SignedDuration, Timestamp};

/// When every test begins.
pub const START: &str = "2026-11-21T09:00:00Z";

/// How far the clock goes on with each reading, in microseconds: a millisecond is what tells the ids of two
/// moments apart (UUIDv7), so things made later sort later.
const STEP: i64 = 1000;

/// A clock that goes on a millisecond with each reading, and otherwise only when a test says so.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at `start` (RFC 3339).
    pub fn at(start: &str) -> Self {
        Self(Arc::new(AtomicI64::new(moment(start).as_microsecond())))
    }

    /// Sets the clock (RFC 3339).
    pub fn set(&self, time: &str) {
        self.0.store(moment(time).as_microsecond(), Ordering::Relaxed);
    }

    /// Moves the clock on.
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.fetch_add(STEP, Ordering::Relaxed)).unwrap()
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

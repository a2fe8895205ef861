//! The two things of the outside world that storage needs besides a disk: the time and randomness.
//!
//! Both are parameters, so that a test can stand at any moment and see the same ids twice.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment in UTC, cut to whole microseconds, which is what both databases keep.
    fn now(&self) -> Timestamp;
}

/// A cryptographically secure source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The time and the randomness that everything in one process shares.
#[derive(Clone)]
pub struct Environment {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Environment {
    /// An environment with this clock and this source of randomness.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// The present moment in UTC, in whole microseconds.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A new UUIDv7 of the present moment (RFC 9562).
    pub fn uuid(&self) -> Uuid {
        let milliseconds = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }
}

pub mod testing {
    //! An environment for tests: the time stands still, the random bytes do not repeat.

    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    /// Randomness that counts.
    #[derive(Debug, Default)]
    pub struct Counting(AtomicU64);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            for (byte, value) in bytes.iter_mut().zip(count.iter().cycle()) {
                *byte = *value;
            }
        }
    }

    /// The first second of 1970, for ever.
    pub fn environment() -> Environment {
        Environment::new(Arc::new(Still), Arc::new(Counting::default()))
    }
}

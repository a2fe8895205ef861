//! The one place where the real clock and the real source of randomness are made.

use std::sync::Arc;

use groeilijn_domain::values::calendar::to_micros;
use groeilijn_persistence::environment::{Clock, Environment, Random};
use jiff::Timestamp;
use rand::Rng as _;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The clock of the machine.
struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is where the real clock is made")]
    fn now(&self) -> Timestamp {
        to_micros(Timestamp::now())
    }
}

/// The machine's clock in front of each line of the log, in UTC and to the millisecond.
pub(crate) struct LogTime;

impl FormatTime for LogTime {
    fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
        write!(line, "{:.3}", SystemClock.now())
    }
}

/// A cryptographic generator per thread, seeded and reseeded by the operating system.
struct SystemRandom;

impl Random for SystemRandom {
    #[allow(clippy::disallowed_methods, reason = "this is where the real randomness is made")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The time and the randomness of the real world.
pub fn environment() -> Environment {
    environment_with(Arc::new(SystemClock))
}

/// The randomness of the real world with another clock: for data that has to look older than it is.
pub fn environment_with(clock: Arc<dyn Clock>) -> Environment {
    Environment::new(clock, Arc::new(SystemRandom))
}

//! The real clock and the real randomness, for the bare server as for ours.

use groeilijn_domain::values::calendar::to_micros;
use jiff::Timestamp;
use rand::Rng as _;
use uuid::{Builder, Uuid};

/// The present moment in UTC, in whole microseconds.
#[allow(clippy::disallowed_methods, reason = "nothing here is tested at another moment than now")]
pub(crate) fn now() -> Timestamp {
    to_micros(Timestamp::now())
}

/// `N` bytes of a cryptographic generator.
#[allow(clippy::disallowed_methods, reason = "nothing here is tested with known randomness")]
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A new UUIDv7 of the moment `now`.
pub(crate) fn uuid(now: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(milliseconds, &random_bytes()).into_uuid()
}

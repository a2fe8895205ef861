//! What every end that somebody chooses has in common.

use jiff::Timestamp;

use crate::values::refusal::Refusal;

/// That what begins at the moment `now` ends after it.
///
/// # Errors
/// `expiry-past`.
pub(super) fn check_later(ends_at: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if ends_at > now {
        return Ok(());
    }
    Err(Refusal::new("expiry-past", "must be later than now"))
}

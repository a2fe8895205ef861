//! How much memory ours takes after all scenarios.

use super::Error;
use super::output::{say, verdict};

/// The most that it may have in use, in KiB.
const MOST: u64 = 128 << 10;

/// Prints it, in KiB at the start and in the end, and tells whether what is required is reached.
pub(super) fn tell(at_start: u64, in_the_end: u64) -> Result<bool, Error> {
    let is_reached = in_the_end <= MOST;
    say(format_args!(
        "\nmemory: {} MiB at the start, {} MiB after these scenarios, of {} | {}",
        at_start >> 10,
        in_the_end >> 10,
        MOST >> 10,
        verdict(is_reached),
    ))?;
    Ok(is_reached)
}

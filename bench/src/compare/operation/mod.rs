//! What an operator waits for: keys that are rotated under load, and a backup that is made and put back.

mod backup;
mod keys;
mod people;

pub(super) use backup::{fill, measure as backup};
pub(super) use keys::measure as keys;

use std::process::Command;
use std::time::{Duration, Instant};

use super::Error;
use super::process::output;
use super::stop::Stop;

/// Runs a command to its end, and says how long that took.
fn timed(command: &mut Command, stop: &Stop) -> Result<Duration, Error> {
    let begun = Instant::now();
    output(command, stop)?;
    Ok(begun.elapsed())
}

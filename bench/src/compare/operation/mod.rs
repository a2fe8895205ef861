//! What an operator waits for: keys that are rotated under load, a backup that is made and put back, and an
//! audit log that is taken along and checked.

mod backup;
mod keys;
mod log;
mod people;

pub(super) use backup::{fill, measure as backup};
pub(super) use keys::measure as keys;
pub(super) use log::{fill as fill_log, measure as log};

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

//! What logging in shows to a stranger: how long it takes, whatever is wrong and whatever was forgotten, and
//! what a crowd and a flood of logins cost.

mod attempt;
mod crowd;
mod flood;
mod resets;
mod timing;

use std::path::Path;

use super::Error;
use super::output::progress;
use super::programs::Programs;
use super::servers::Server;
use super::stop::Stop;

/// Measures them on the database in a folder and prints them; tells whether what is required is reached.
pub(super) fn measure(programs: &Programs, folder: &Path, stop: &Stop) -> Result<bool, Error> {
    progress(format_args!("measuring logins"))?;
    // Of its own, so that the memory is that of logins alone.
    let crowd = crowd::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    let timing = timing::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    let resets = resets::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    let flood = flood::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    crowd.print()?;
    timing.print()?;
    resets.print()?;
    flood.print()?;
    Ok(crowd.is_reached() && timing.is_reached() && resets.is_reached() && flood.is_reached())
}

//! What logging in shows to a stranger: how long it takes, whatever is wrong, and what a crowd of logins costs.

mod attempt;
mod crowd;
mod timing;

use std::path::Path;

use super::Error;
use super::output::progress;
use super::programs::Programs;
use super::servers::Server;
use super::stop::Stop;

/// Measures both on the database in a folder and prints them; tells whether what is required is reached.
pub(super) fn measure(programs: &Programs, folder: &Path, stop: &Stop) -> Result<bool, Error> {
    progress(format_args!("measuring logins"))?;
    // Of its own, so that the memory is that of logins alone.
    let crowd = crowd::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    let timing = timing::measure(&Server::behind_proxy(programs, folder, stop)?, stop)?;
    crowd.print()?;
    timing.print()?;
    Ok(crowd.is_reached() && timing.is_reached())
}

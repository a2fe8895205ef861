//! What can go wrong.

use std::io;
use std::path::Path;

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The load generator is not there.
    #[error("wrk is not installed: apt-get install wrk")]
    NoLoadGenerator,
    /// Something went wrong; the text is for whoever runs the program.
    #[error("{0}")]
    Failed(String),
    /// The process was told to stop.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// What was being done, and why it failed.
    pub(super) fn of(what: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {why}"))
    }

    /// For `map_err` on what is done with a file.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::of(path.display(), error)
    }
}

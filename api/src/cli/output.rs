//! What a command tells the operator.

use std::io::{Write as _, stdout};

use groeilijn_persistence::{Error, Result};

/// Writes a line to standard output.
pub(super) fn say(line: std::fmt::Arguments<'_>) -> Result<()> {
    writeln!(stdout(), "{line}").map_err(Error::internal)
}

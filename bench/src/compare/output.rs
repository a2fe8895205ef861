//! Where what is said goes.

use std::fmt::Arguments;
use std::io::{self, Write as _};

use super::Error;

/// Says what is going on, beside the table.
pub(super) fn progress(what: Arguments<'_>) -> Result<(), Error> {
    writeln!(io::stderr(), "{what}").map_err(|error| Error::of("output", error))
}

/// Prints a line.
pub(super) fn say(what: Arguments<'_>) -> Result<(), Error> {
    writeln!(io::stdout(), "{what}").map_err(|error| Error::of("output", error))
}

/// Whether something is as required, in words.
pub(super) fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "NOT REACHED" }
}

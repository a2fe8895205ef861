//! Lists of words that come with the program.
use std::collections::HashSet;

/// The lines of a data file, less the ones that start with `#`.
pub(crate) fn word_list(file: &'static str) -> HashSet<&'static str> {
    file.lines().filter(|line| !line.starts_with('#')).collect()
}

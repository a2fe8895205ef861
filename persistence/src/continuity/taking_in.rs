//! Taking the lines of an export in: read, held against each other, and entered.

mod checking;
mod entering;
mod line;

use std::fmt;

pub use checking::{Checked, Checking};
pub use entering::TakingIn;

/// What is wrong with a line. It quotes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which file.
    pub file: &'static str,
    /// Which line, from 1.
    pub line: u64,
    /// Which member, if it is one.
    pub member: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.ndjson, line {}", self.file, self.line)?;
        if let Some(member) = &self.member {
            write!(f, ", {member}")?;
        }
        write!(f, ": {}", self.why)
    }
}

//! The comparison: both servers under the same load, in turns.

mod databases;
mod error;
mod load;
mod options;
mod process;
mod report;
mod run;
mod scenario;
mod schools;
mod servers;
mod stop;

pub use error::Error;
pub use options::{Options, USAGE};
pub use run::run;

//! The comparison: the servers under the same load, in turns; what logging in costs, and what an operator waits
//! for. Or two builds of ours.

mod bodies;
mod databases;
mod error;
mod instructions;
mod load;
mod logins;
mod memory;
mod operation;
mod options;
mod output;
mod process;
mod programs;
mod report;
mod request;
mod run;
mod scenario;
mod schools;
mod servers;
mod stop;

pub use error::Error;
pub use options::{Options, USAGE};
pub use run::run;

//! The comparison: both servers under the same load, in turns; and what logging in costs.

mod databases;
mod error;
mod load;
mod logins;
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

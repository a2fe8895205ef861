//! Measures the release server beside the bare one and prints the ratio: `make bench`. It ends with 1 when what is
//! required is not reached or something fails, with 2 when it is called wrongly or wrk is missing.

use std::io::Write as _;
use std::process::ExitCode;

use groeilijn_bench::compare::{self, Error, Options, USAGE};

fn main() -> ExitCode {
    let Some(options) = Options::read(std::env::args().skip(1)) else { return fail(USAGE, 2) };
    match compare::run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error @ Error::NoLoadGenerator) => fail(error, 2),
        Err(error) => fail(error, 1),
    }
}

fn fail(why: impl std::fmt::Display, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::from(code)
}

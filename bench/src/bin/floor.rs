//! The bare server that ours is measured against: `floor fill PATH` makes its database, `floor serve PATH PORT`
//! serves it on the loopback interface.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use groeilijn_bench::floor;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["fill", path] => floor::fill(Path::new(path)),
        ["serve", path, port] => match port.parse() {
            Ok(port) => actix_web::rt::System::new().block_on(floor::serve(PathBuf::from(path), port)),
            Err(_) => return fail("PORT is a number up to 65535"),
        },
        _ => return fail("floor fill PATH | floor serve PATH PORT"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error),
    }
}

fn fail(why: impl std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::FAILURE
}

//! The servers that ours is measured against: `floor fill PATH` makes the database of the bare one, `floor serve PATH PORT`
//! serves it on the loopback interface; `fill-with-duties` and `serve-with-duties` are those of the other one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use groeilijn_bench::floor;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let duties = arguments.first().is_some_and(|command| command.ends_with("-with-duties"));
    let done = match arguments.as_slice() {
        ["fill" | "fill-with-duties", path] => floor::fill(Path::new(path), duties),
        ["serve" | "serve-with-duties", path, port] => match port.parse() {
            Ok(port) => {
                actix_web::rt::System::new().block_on(floor::serve(PathBuf::from(path), port, duties))
            }
            Err(_) => return fail("PORT is a number up to 65535"),
        },
        _ => return fail("floor fill[-with-duties] PATH | floor serve[-with-duties] PATH PORT"),
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

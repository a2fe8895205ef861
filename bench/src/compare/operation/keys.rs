//! The root key and the institutions' keys are rotated while people work.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::super::Error;
use super::super::output::{progress, say, verdict};
use super::super::programs::{Programs, groeilijn};
use super::super::schools;
use super::super::servers::Server;
use super::super::stop::Stop;
use super::people::{Seen, beside};
use super::timed;

/// How long people work before anything is rotated.
const QUIET: Duration = Duration::from_secs(10);

/// How long the same is rotated again and again, so that all that people see meanwhile is of it.
const AT_LEAST: Duration = Duration::from_secs(10);

/// Rotations, as the operator and as people saw them.
struct Rotations {
    name: &'static str,
    /// How long one took, on average.
    took: Duration,
    seen: Seen,
}

/// Rotates keys on the database in a folder, with so many pupils, and prints what it cost; tells whether no request was
/// refused.
pub(in super::super) fn measure(
    programs: &Programs,
    folder: &Path,
    [institutions, pupils]: [u64; 2],
    stop: &Stop,
) -> Result<bool, Error> {
    progress(format_args!("measuring the rotation of keys"))?;
    let server = Server::of_build("ours", &programs.ours, folder, stop)?;
    let schools = schools::some_of_ours(&server.address, 0..institutions.min(8))?;
    let wait = |time: Duration| {
        let begun = Instant::now();
        while begun.elapsed() < time {
            stop.check()?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    // Not counted: the first of everything is slower.
    beside(&server.address, &schools, || wait(QUIET / 4))?;
    let ((), before) = beside(&server.address, &schools, || wait(QUIET))?;
    let rotate = |which: &str| {
        let mut command = groeilijn(&programs.ours, folder);
        timed(command.args(["keys", "rotate", which]), stop)
    };
    let mut rotations = Vec::new();
    for (name, of_root) in [("root key, and all that it wraps", true), ("institutions' keys", false)] {
        let (took, seen) = beside(&server.address, &schools, || {
            let (begun, mut took, mut times) = (Instant::now(), Duration::ZERO, 0);
            while begun.elapsed() < AT_LEAST {
                if of_root {
                    took += rotate("root")?;
                }
                took += rotate("institutions")?;
                times += 1;
            }
            Ok(took / times)
        })?;
        rotations.push(Rotations { name, took, seen });
    }
    say(format_args!(
        "\nkeys rotated with {pupils} pupils, while {} requests a second are served",
        before.requests() as u64 / QUIET.as_secs()
    ))?;
    print("nothing", Duration::ZERO, &before, &before)?;
    for Rotations { name, took, seen } in &rotations {
        print(name, *took, seen, &before)?;
    }
    let refused = before.refused + rotations.iter().map(|rotation| rotation.seen.refused).sum::<usize>();
    say(format_args!("requests refused: {refused}, of 0 | {}", verdict(refused == 0)))?;
    Ok(refused == 0)
}

fn print(name: &str, took: Duration, seen: &Seen, before: &Seen) -> Result<(), Error> {
    let of = |percent| {
        let (now, then) = (seen.percentile(percent).as_secs_f64(), before.percentile(percent).as_secs_f64());
        format!("p{percent} {:.1} ms ({:.2} times)", now * 1e3, now / then)
    };
    say(format_args!(
        "{name:<32} {:>5.2} s | {} requests, {} refused | {}, {}",
        took.as_secs_f64(),
        seen.requests(),
        seen.refused,
        of(50),
        of(99)
    ))
}

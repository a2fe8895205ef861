//! Killing the program (SIGKILL) at random points of what it does.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use groeilijn_tests::Database;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// How many points something is killed at.
pub(crate) const POINTS: u32 = 200;

/// On a server that other tests use too, where everything takes longer: how long the killing goes on at most, and how many
/// points there are in any case. With `EVERY_POINT` in the environment it goes on for all of them.
const BUDGET: Duration = Duration::from_secs(120);
const AT_LEAST: u32 = 60;

/// How many parts the time that something takes is cut into; as many points lie in each.
const PARTS: u32 = 20;

/// Has something killed at many random points that are spread over all of the time that it takes. `kill` is told which point
/// it is, does its work after the time that it is given, looks at what is left, and says whether there was something to
/// break off.
#[allow(clippy::print_stderr, reason = "where the time decides, how many points there were is told")]
pub(crate) fn at_random_points(
    database: Database,
    takes: Duration,
    mut kill: impl FnMut(u32, Duration) -> bool,
) {
    let hurried = database == Database::Postgres && env::var_os("EVERY_POINT").is_none();
    let mut random = StdRng::seed_from_u64(2026);
    let (begun, mut takes) = (Instant::now(), takes);
    let (mut killed, mut tried) = (0, 0);
    while killed < POINTS {
        if hurried && killed >= AT_LEAST && begun.elapsed() > BUDGET {
            break;
        }
        assert!(tried < 3 * POINTS, "only {killed} of {tried} were under way when they were killed");
        let part = f64::from(tried * 7 % PARTS) + random.random::<f64>();
        tried += 1;
        if kill(killed, takes.mul_f64(part / f64::from(PARTS))) {
            killed += 1;
            takes = takes.mul_f64(1.01);
        } else {
            // It takes less than was thought: how fast the computer is changes with what else it does.
            takes = takes.mul_f64(0.92);
        }
    }
    eprintln!("killed at {killed} points of {tried} in {:?}; it took {takes:?}", begun.elapsed());
}

/// Starts a command and kills it after a while; `false` when it had ended by then.
pub(crate) fn killed_after(mut command: Command, after: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(after);
    let was_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_running
}

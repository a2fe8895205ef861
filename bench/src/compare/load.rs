//! The load: wrk.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::Error;
use super::process::output;
use super::request::Target;
use super::scenario::Scenario;
use super::schools::School;
use super::servers::Server;
use super::stop::Stop;

const SCRIPT: &str = include_str!("requests.lua");

/// What one round showed, or the median of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Requests per second.
    pub(super) rate: f64,
    /// Half of the replies took at most this, in milliseconds.
    pub(super) p50: f64,
    /// 99 of 100 replies took at most this, in milliseconds.
    pub(super) p99: f64,
    /// Processor time of the server per request, in microseconds.
    pub(super) cpu: f64,
}

/// The requests of one scenario to one server, in files for wrk.
pub(super) struct Load {
    script: PathBuf,
    requests: PathBuf,
}

impl Load {
    /// Writes the files, in random order, into `folder`.
    pub(super) fn write(
        folder: &Path,
        server: &Server,
        scenario: Scenario,
        schools: &[School],
    ) -> Result<Self, Error> {
        let mut targets = scenario.targets(schools);
        targets.shuffle(&mut StdRng::seed_from_u64(1));
        let mut lines = String::new();
        for target in targets {
            let Target { path, token, accept, body } = target;
            let body = body.unwrap_or_default();
            writeln!(lines, "{path}\t{token}\t{accept}\t{body}")
                .map_err(|error| Error::of("targets", error))?;
        }
        let file = |kind: &str, content: &str| {
            let path = folder.join(format!("{}-{}.{kind}", scenario.name(), server.name));
            fs::write(&path, content).map_err(Error::at(&path)).map(|()| path)
        };
        Ok(Self { script: file("lua", SCRIPT)?, requests: file("txt", &lines)? })
    }

    /// One round, over so many connections.
    ///
    /// # Errors
    /// When any reply is not one of success.
    pub(super) fn round(
        &self,
        server: &Server,
        connections: u64,
        seconds: u64,
        stop: &Stop,
    ) -> Result<Measured, Error> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "--latency", "-c"]).arg(connections.to_string());
        wrk.arg("-d").arg(format!("{seconds}s"));
        wrk.arg("-s").arg(&self.script).arg(&server.address).arg("--").arg(&self.requests);
        let before = server.process.cpu_microseconds()?;
        let printed = output(&mut wrk, stop)?;
        let cpu = server.process.cpu_microseconds()? - before;
        let (measured, errors) = read(&printed, cpu)
            .ok_or_else(|| Error::of("wrk", format_args!("unexpected output:\n{printed}")))?;
        match errors {
            0 => Ok(measured),
            _ => Err(Error::of(server.name, format_args!("{errors} requests failed:\n{printed}"))),
        }
    }
}

/// Reads the line that the script prints: what was measured, and how many requests failed.
#[allow(clippy::cast_precision_loss, reason = "counts of some seconds are far below 2^53")]
fn read(printed: &str, cpu_microseconds: u64) -> Option<(Measured, u64)> {
    let numbers = printed.lines().find_map(|line| line.strip_prefix("RESULT "))?;
    let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let &[requests, microseconds, p50, p99, errors] = numbers.as_slice() else { return None };
    let measured = Measured {
        rate: requests as f64 * 1e6 / microseconds as f64,
        p50: p50 as f64 / 1e3,
        p99: p99 as f64 / 1e3,
        cpu: cpu_microseconds as f64 / requests as f64,
    };
    (requests > 0 && microseconds > 0).then_some((measured, errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_script_is_read() {
        let printed = "Running 4s test\n\nRESULT 40000 4000000 350 2100 0\n";
        let measured = Measured { rate: 10_000.0, p50: 0.35, p99: 2.1, cpu: 50.0 };
        assert_eq!(read(printed, 2_000_000), Some((measured, 0)));
        for wrong in ["", "RESULT 0 4000000 0 0 0", "RESULT 1 2 3"] {
            assert_eq!(read(wrong, 1), None, "{wrong}");
        }
    }
}

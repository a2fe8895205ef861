//! The comparison from beginning to end.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use super::databases::Databases;
use super::load::{Load, Measured};
use super::process::Process;
use super::report::{self, Row};
use super::scenario::Scenario;
use super::schools::{self, School};
use super::servers::{Programs, Server};
use super::stop::Stop;
use super::{Error, Options, logins};

/// Compares, prints the table, and tells whether everything required is reached.
///
/// # Errors
/// When something is missing, a server does not do what it should, or the process is told to stop.
pub fn run(options: &Options) -> Result<bool, Error> {
    let stop = Stop::listen()?;
    // wrk tells its version and ends with 1, which is enough to know that it is there.
    Process::start(Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()))?;
    let program = env::current_exe().map_err(|error| Error::of("where the programs are", error))?;
    let release = program.parent().unwrap_or(Path::new("."));
    let folder = release.with_file_name("bench");
    let programs = Programs::beside(release)?;
    let _alone = alone(&folder)?;
    let databases = Databases::prepare(&folder, &programs, &stop)?;
    let rows = compare(options, &programs, &databases, &folder, &stop)?;
    if !rows.is_empty() {
        report::table(&rows)?;
    }
    let logins = !options.logins || logins::measure(&programs, &databases, &stop)?;
    Ok(logins && rows.iter().all(Row::is_reached))
}

/// Measures the scenarios.
fn compare(
    options: &Options,
    programs: &Programs,
    databases: &Databases,
    folder: &Path,
    stop: &Stop,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    if options.scenarios.is_empty() {
        return Ok(rows);
    }
    let floor = Server::floor(programs, databases, stop)?;
    let ours = Server::ours(programs, databases, stop)?;
    for &scenario in &options.scenarios {
        report::progress(format_args!("measuring {}", scenario.name()))?;
        // Tokens of ours live ten minutes; each scenario has new ones.
        let floor = Contender::new(&floor, scenario, &schools::of_floor()?, folder)?;
        let ours = Contender::new(&ours, scenario, &schools::of_ours(&ours.address)?, folder)?;
        rows.push(measure(scenario, &floor, &ours, options, stop)?);
    }
    Ok(rows)
}

/// Keeps a second comparison out for as long as the file is open: it would share databases and processor.
fn alone(folder: &Path) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::at(&path))?;
    file.try_lock().map_err(|_| Error::of(folder.display(), "another comparison is running"))?;
    Ok(file)
}

/// A server and what is asked of it.
struct Contender<'a> {
    server: &'a Server,
    load: Load,
}

impl<'a> Contender<'a> {
    fn new(server: &'a Server, scenario: Scenario, schools: &[School], folder: &Path) -> Result<Self, Error> {
        let load = Load::write(folder, server, scenario, schools)?;
        let (None, Some(first)) = (scenario.body(), scenario.targets(schools).into_iter().next()) else {
            return Ok(Self { server, load });
        };
        // That both reply about as much is seen, not assumed.
        let mut reply = schools::get(&server.address, &first.path, first.token)?;
        let body = reply.body_mut().read_to_vec().map_err(|error| Error::of(&first.path, error))?;
        report::progress(format_args!("  {} replies {} bytes", server.name, body.len()))?;
        Ok(Self { server, load })
    }
}

/// Puts both under load in turns, the bare server first; the first round of each does not count.
fn measure(
    scenario: Scenario,
    floor: &Contender<'_>,
    ours: &Contender<'_>,
    options: &Options,
    stop: &Stop,
) -> Result<Row, Error> {
    let (mut of_floor, mut of_ours) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        for (contender, measured) in [(floor, &mut of_floor), (ours, &mut of_ours)] {
            let found = contender.load.round(contender.server, options.seconds, stop)?;
            if round > 0 {
                measured.push(found);
            }
        }
    }
    Ok(Row { scenario, floor: medians(&of_floor), ours: medians(&of_ours) })
}

fn medians(rounds: &[Measured]) -> Measured {
    let median = |value: fn(&Measured) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Measured {
        rate: median(|measured| measured.rate),
        p50: median(|measured| measured.p50),
        p99: median(|measured| measured.p99),
        cpu: median(|measured| measured.cpu),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_has_its_own_median() {
        let round = |rate, p99| Measured { rate, p50: 1.0, p99, cpu: 2.0 };
        let found = medians(&[round(3.0, 1.0), round(1.0, 9.0), round(2.0, 5.0)]);
        assert_eq!(found, Measured { rate: 2.0, p50: 1.0, p99: 5.0, cpu: 2.0 });
    }
}

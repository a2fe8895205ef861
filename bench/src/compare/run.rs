//! The comparison from beginning to end.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use ureq::Agent;

use super::databases::{Databases, Size};
use super::load::{Load, Measured};
use super::output::progress;
use super::process::Process;
use super::programs::Floor;
use super::programs::Programs;
use super::report::{self, BuildRow, Row};
use super::scenario::Scenario;
use super::schools::{self, School};
use super::servers::Server;
use super::stop::Stop;
use super::{Error, Options, bodies, instructions, logins, memory, operation};

/// Ten thousand pupils, in 40 institutions.
const TEN_THOUSAND: Size = [40, 10, 25];

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
    let databases = Databases::within(&folder, &stop)?;
    let bench = Bench { options, programs, databases, folder: &folder, stop: &stop };
    match &options.against {
        Some(build) => bench.against(build),
        None => bench.beside_floor(),
    }
}

/// One school, whose log is long.
const ONE_SCHOOL: Size = [1, 10, 25];

/// What a comparison goes by.
struct Bench<'a> {
    options: &'a Options,
    programs: Programs,
    databases: Databases<'a>,
    folder: &'a Path,
    stop: &'a Stop,
}

impl Bench<'_> {
    /// Measures the scenarios beside the bare server, and what logging in costs.
    fn beside_floor(&self) -> Result<bool, Error> {
        let mut is_reached = true;
        if self.options.keys {
            is_reached &= self.keys()?;
        }
        if self.options.backup {
            self.backup()?;
        }
        if self.options.log {
            is_reached &= self.log()?;
        }
        let options = self.options;
        if options.instructions {
            instructions::measure(&self.programs, &self.databases, self.folder, self.stop)?;
        }
        if options.scenarios.is_empty() && !options.logins && !options.bodies {
            return Ok(is_reached);
        }
        let ours = self.databases.ours(&self.programs)?;
        if !options.scenarios.is_empty() {
            is_reached &= self.scenarios_beside_floors(&ours)?;
        }
        let logins = !options.logins || logins::measure(&self.programs, &ours, self.stop)?;
        let bodies = !options.bodies || bodies::measure(&self.programs, &ours, self.stop)?;
        Ok(is_reached && logins && bodies)
    }

    /// Measures the scenarios on the database in a folder beside both floors, and the memory that ours takes in the end.
    fn scenarios_beside_floors(&self, ours: &Path) -> Result<bool, Error> {
        let start = |floor| {
            let folder = self.databases.floor(floor, &self.programs)?;
            Server::floor(floor, &self.programs, &folder, self.stop)
        };
        let (bare, floor) = (start(Floor::Bare)?, start(Floor::WithDuties)?);
        let ours = Server::of_build("ours", &self.programs.ours, ours, self.stop)?;
        let at_start = ours.process.memory_kib()?;
        let mut rows = Vec::new();
        for &connections in &self.options.connections {
            for &scenario in &self.options.scenarios {
                let servers = [
                    (&bare, schools::of_floor(Floor::Bare, &bare.address)?),
                    (&floor, schools::of_floor(Floor::WithDuties, &floor.address)?),
                    (&ours, schools::of_ours(&ours.address)?),
                ];
                let [bare, floor, ours] = self.scenario(scenario, connections, &servers)?;
                rows.push(Row { scenario, connections, bare, floor, ours });
            }
        }
        report::table(&rows)?;
        let memory = memory::tell(at_start, ours.process.memory_kib()?)?;
        Ok(memory && rows.iter().all(Row::is_reached))
    }

    /// Measures the rotation of keys.
    fn keys(&self) -> Result<bool, Error> {
        let [institutions, groups, pupils] = TEN_THOUSAND;
        let folder = self.databases.of_size(&self.programs, "ours-10000", TEN_THOUSAND, |_| Ok(()))?;
        let size = [institutions, institutions * groups * pupils];
        operation::keys(&self.programs, &folder, size, self.stop)
    }

    /// Measures a backup of a gigabyte, and putting it back.
    fn backup(&self) -> Result<(), Error> {
        let fill = |new: &Path| operation::fill(&self.programs, new, self.stop);
        let folder = self.databases.of_size(&self.programs, "ours-gigabyte", TEN_THOUSAND, fill)?;
        operation::backup(&self.programs, &folder, self.stop)
    }

    /// Measures an audit log: one that is taken along and checked, and questions to one ten times as long.
    fn log(&self) -> Result<bool, Error> {
        let mut is_reached = true;
        for (entries, is_taken_along) in [(self.options.entries, true), (self.options.entries * 10, false)] {
            let fill = |new: &Path| operation::fill_log(&self.programs, new, entries, self.stop);
            let name = format!("ours-log-2-{entries}");
            let folder = self.databases.of_size(&self.programs, &name, ONE_SCHOOL, fill)?;
            is_reached &= operation::log(&self.programs, &folder, entries, is_taken_along, self.stop)?;
        }
        Ok(is_reached)
    }

    /// Measures the scenarios beside another build of ours.
    fn against(&self, build: &Path) -> Result<bool, Error> {
        let build = fs::canonicalize(build).map_err(Error::at(build))?;
        let other = self.databases.of_build(&build)?;
        let ours = self.databases.ours(&self.programs)?;
        let other = Server::of_build("other", &build, &other, self.stop)?;
        let ours = Server::of_build("ours", &self.programs.ours, &ours, self.stop)?;
        let mut rows = Vec::new();
        for &connections in &self.options.connections {
            for &scenario in &self.options.scenarios {
                let servers =
                    [(&other, schools::of_ours(&other.address)?), (&ours, schools::of_ours(&ours.address)?)];
                let [other, ours] = self.scenario(scenario, connections, &servers)?;
                rows.push(BuildRow { scenario, connections, other, ours });
            }
        }
        report::builds_table(&rows)?;
        Ok(rows.iter().all(BuildRow::is_reached))
    }

    /// Measures a scenario on servers, each with those whom it is asked about.
    fn scenario<const N: usize>(
        &self,
        scenario: Scenario,
        connections: u64,
        servers: &[(&Server, Vec<School>); N],
    ) -> Result<[Measured; N], Error> {
        progress(format_args!("measuring {} over {connections} connections", scenario.name()))?;
        let mut contenders = Vec::with_capacity(N);
        for (server, schools) in servers {
            contenders.push(Contender::new(server, scenario, schools, self.folder)?);
        }
        let measured = measure(&contenders, connections, self.options, self.stop)?;
        measured.try_into().map_err(|_| Error::of("measuring", "not each server was measured"))
    }
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
        // That both reply about as much is seen, not assumed.
        if let Some(first) = scenario.targets(schools).into_iter().next() {
            let bytes = first.ask(&Agent::new_with_defaults(), &server.address)?;
            progress(format_args!("  {} replies {bytes} bytes", server.name))?;
        }
        Ok(Self { server, load })
    }
}

/// Puts all under load in turns; the first round of each does not count. The medians of each.
fn measure(
    contenders: &[Contender<'_>],
    connections: u64,
    options: &Options,
    stop: &Stop,
) -> Result<Vec<Measured>, Error> {
    let mut measured = vec![Vec::new(); contenders.len()];
    for round in 0..=options.rounds {
        for (contender, measured) in contenders.iter().zip(&mut measured) {
            let found = contender.load.round(contender.server, connections, options.seconds, stop)?;
            if round > 0 {
                measured.push(found);
            }
        }
    }
    Ok(measured.iter().map(|rounds| medians(rounds)).collect())
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

//! What one request takes in instructions, statements and allocations, as callgrind counts them: the same on a busy machine as
//! on a quiet one. Requests come one after another over one connection.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ureq::Agent;

use super::Error;
use super::databases::Databases;
use super::output::{progress, say};
use super::process::{Process, output};
use super::programs::{Floor, Programs};
use super::request::Target;
use super::scenario::Scenario;
use super::schools;
use super::servers::{Kind, Server};
use super::stop::Stop;

/// Requests before those that are counted, so that caches are warm and statements prepared, and those that are counted.
const MANY: [usize; 2] = [150, 300];
/// The same where one request takes as much as a hundred others.
const FEW: [usize; 2] = [3, 6];
/// The institutions of ours that take part: each login takes a while under callgrind.
const SCHOOLS: [u64; 2] = [0, 5];

/// Begins a statement; both servers do so once each time they run one.
const STATEMENT: &str = "sqlite3_reset";
/// Parses a statement.
const PREPARE: &str = "sqlite3_prepare_v3";
/// What allocates; calls among these are not counted.
const ALLOCATE: [&str; 10] = [
    "malloc",
    "calloc",
    "realloc",
    "mi_malloc",
    "mi_calloc",
    "mi_realloc",
    "mi_zalloc",
    "mi_malloc_aligned",
    "mi_zalloc_aligned",
    "mi_realloc_aligned",
];

/// What one request takes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Taken {
    instructions: f64,
    statements: f64,
    prepared: f64,
    allocations: f64,
}

/// Counts for ours and both floors, and prints the table. Says so when callgrind is not there.
pub(super) fn measure(
    programs: &Programs,
    databases: &Databases<'_>,
    folder: &Path,
    stop: &Stop,
) -> Result<(), Error> {
    let version =
        Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        return say(format_args!(
            "\nNOT COUNTED: the instructions of a request, since valgrind is not installed"
        ));
    }
    let folders = [
        (Kind::Floor(Floor::Bare), databases.floor(Floor::Bare, programs)?),
        (Kind::Floor(Floor::WithDuties), databases.floor(Floor::WithDuties, programs)?),
        (Kind::Ours, databases.ours(programs)?),
    ];
    let mut counted = Vec::new();
    for (kind, data) in &folders {
        progress(format_args!("counting the instructions of {}", kind.name()))?;
        counted.push(count(*kind, programs, data, folder, stop)?);
    }
    say(format_args!(
        "\n{:<9}|{:>10} |{:>14} |{:>11} |{:>10} |{:>12}\n",
        "scenario", "server", "instructions", "statements", "prepared", "allocations"
    ))?;
    for (place, scenario) in Scenario::ALL.into_iter().enumerate() {
        for ((kind, _), taken) in folders.iter().zip(&counted) {
            let Some(taken) = taken.get(place) else { continue };
            say(format_args!(
                "{:<9}|{:>10} |{:>14.0} |{:>11.1} |{:>10.2} |{:>12.0}",
                scenario.name(),
                kind.name(),
                taken.instructions,
                taken.statements,
                taken.prepared,
                taken.allocations,
            ))?;
        }
    }
    say(format_args!(
        "\nPer request, one after another over one connection, by callgrind; in user mode alone."
    ))
}

/// What each scenario takes on one server.
fn count(
    kind: Kind,
    programs: &Programs,
    data: &Path,
    folder: &Path,
    stop: &Stop,
) -> Result<Vec<Taken>, Error> {
    let out = folder.join(format!("callgrind-{}", kind.name()));
    let server = Server::under(kind, programs, data, |command| under_callgrind(command, &out), stop)?;
    let schools = match kind {
        Kind::Ours => schools::some_of_ours(&server.address, SCHOOLS.into_iter())?,
        Kind::Floor(floor) => {
            schools::of_floor(floor, &server.address)?.into_iter().take(SCHOOLS.len()).collect()
        }
    };
    let agent = Agent::new_with_defaults();
    let mut counted = Vec::new();
    for (number, scenario) in (1..).zip(Scenario::ALL) {
        let targets = scenario.targets(&schools);
        let [warm_up, count] = if scenario.is_large() { FEW } else { MANY };
        ask(&agent, &server, &targets, warm_up, stop)?;
        control(&server.process, "--instr=on", stop)?;
        ask(&agent, &server, &targets, count, stop)?;
        control(&server.process, "--instr=off", stop)?;
        control(&server.process, "--dump", stop)?;
        let dump = PathBuf::from(format!("{}.{number}", out.display()));
        let text = fs::read_to_string(&dump).map_err(Error::at(&dump))?;
        fs::remove_file(&dump).map_err(Error::at(&dump))?;
        counted.push(read(&text, count).ok_or_else(|| Error::of(dump.display(), "not as expected"))?);
    }
    Ok(counted)
}

/// The same command under callgrind, which begins to count when it is told to.
fn under_callgrind(command: &Command, out: &Path) -> Command {
    let mut wrapped = Command::new("valgrind");
    wrapped.env_clear().stderr(Stdio::null());
    wrapped.args(["--tool=callgrind", "--instr-atstart=no"]);
    wrapped.arg(format!("--callgrind-out-file={}", out.display()));
    wrapped.arg(command.get_program()).args(command.get_args());
    wrapped.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

fn control(process: &Process, what: &str, stop: &Stop) -> Result<(), Error> {
    output(Command::new("callgrind_control").arg(what).arg(process.id().to_string()), stop).map(drop)
}

/// Sends so many requests, one after another.
fn ask(
    agent: &Agent,
    server: &Server,
    targets: &[Target<'_>],
    count: usize,
    stop: &Stop,
) -> Result<(), Error> {
    for target in targets.iter().cycle().take(count) {
        stop.check()?;
        target.ask(agent, &server.address)?;
    }
    Ok(())
}

/// Reads what callgrind wrote of so many requests. A function is named with its number where it is first met, and by that alone afterwards.
fn read(text: &str, requests: usize) -> Option<Taken> {
    let requests = u32::try_from(requests).map(f64::from).ok()?;
    let mut names: HashMap<&str, &str> = HashMap::new();
    let (mut caller, mut called) = ("", "");
    let mut calls: HashMap<&str, f64> = HashMap::new();
    let mut instructions = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            caller = named(&mut names, name);
        } else if let Some(name) = line.strip_prefix("cfn=") {
            called = named(&mut names, name);
        } else if let Some(count) = line.strip_prefix("calls=") {
            if !ALLOCATE.contains(&called) || !(ALLOCATE.contains(&caller) || caller.starts_with("_mi_")) {
                *calls.entry(called).or_default() += count.split(' ').next()?.parse::<f64>().ok()?;
            }
        } else if let Some(total) = line.strip_prefix("totals: ") {
            instructions = total.split(' ').next()?.parse::<f64>().ok();
        }
    }
    let of = |name: &str| calls.get(name).copied().unwrap_or_default() / requests;
    Some(Taken {
        instructions: instructions? / requests,
        statements: of(STATEMENT),
        prepared: of(PREPARE),
        allocations: ALLOCATE.into_iter().map(of).sum(),
    })
}

fn named<'t>(names: &mut HashMap<&'t str, &'t str>, text: &'t str) -> &'t str {
    match text.split_once(' ') {
        Some((number, name)) => {
            names.insert(number, name);
            name
        }
        None => names.get(text).copied().unwrap_or(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_instructions_are_read() {
        let text = "events: Ir\nfn=(1) handler\n10 5\ncfn=(2) mi_malloc_aligned\ncalls=600 1\n10 50\n\
                    cfn=(3) sqlite3_reset\ncalls=300 1\n10 50\nfn=(2)\n1 1\ncfn=(4) mi_malloc\ncalls=600 1\n1 1\n\
                    fn=(5) sqlite3_step\ncfn=(6) malloc\ncalls=300 1\n1 1\nfn=(1)\ncfn=(3)\ncalls=300 1\n1 1\n\
                    totals: 3000000\n";
        let taken = Taken { instructions: 10_000.0, statements: 2.0, prepared: 0.0, allocations: 3.0 };
        assert_eq!(read(text, 300), Some(taken));
        assert_eq!(read("events: Ir\n", 300), None);
    }
}

//! What the command line says.

use std::path::PathBuf;

use super::scenario::Scenario;

/// How the program is called.
pub const USAGE: &str = "\
compare [--against PROGRAM] [--only SCENARIO,…] [--connections N,…] [--rounds N] [--seconds N] [--entries N]
  --against  another build of groeilijn, to compare with in place of the floors; the scenarios alone are measured then
  --only     health, pupil, page, overview, note, feed, batch, picture, paper, due, instructions, logins, bodies, keys, backup, log; all when absent
  --connections  over how many connections at once the scenarios are measured; 1, 16 and 64 when absent
  --rounds   rounds of each server in each scenario, besides one to warm up; 3 when absent
  --seconds  how long one round takes; 4 when absent
  --entries  how many entries the audit log has that is taken along; proofs are asked of one ten times as long; a
             million when absent";

/// Ours and the two floors.
const SERVERS: u64 = 3;

/// An access token of ours lives ten minutes, and one scenario over so many connections is measured with one.
const MOST_SECONDS: u64 = 540;

/// What `--only` calls the instructions, statements and allocations of one request of each scenario.
const INSTRUCTIONS: &str = "instructions";

/// What `--only` calls logging in.
const LOGINS: &str = "logins";

/// What `--only` calls bodies that do not come.
const BODIES: &str = "bodies";

/// What `--only` calls keys that are rotated.
const KEYS: &str = "keys";

/// What `--only` calls a backup that is made and put back.
const BACKUP: &str = "backup";

/// What `--only` calls an audit log that is taken along and checked.
const LOG: &str = "log";

/// What is measured besides the scenarios.
const APART: [&str; 6] = [INSTRUCTIONS, LOGINS, BODIES, KEYS, BACKUP, LOG];

/// What is measured, how long.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Another build of ours, to compare with in place of the bare server.
    pub(super) against: Option<PathBuf>,
    /// The scenarios, in the order of the table.
    pub(super) scenarios: Vec<Scenario>,
    /// Over how many connections they are measured, each in turn.
    pub(super) connections: Vec<u64>,
    /// Whether the instructions of one request are counted too.
    pub(super) instructions: bool,
    /// Whether logging in is measured too.
    pub(super) logins: bool,
    /// Whether bodies that do not come are measured too.
    pub(super) bodies: bool,
    /// Whether the rotation of keys is measured too.
    pub(super) keys: bool,
    /// Whether a backup is measured too.
    pub(super) backup: bool,
    /// Whether an audit log is measured too.
    pub(super) log: bool,
    /// How many entries the log has that is taken along.
    pub(super) entries: u64,
    /// Rounds that count.
    pub(super) rounds: u64,
    /// Seconds that one round takes.
    pub(super) seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            against: None,
            scenarios: Scenario::ALL.to_vec(),
            connections: vec![1, 16, 64],
            instructions: true,
            logins: true,
            bodies: true,
            keys: true,
            backup: true,
            log: true,
            entries: 1_000_000,
            rounds: 3,
            seconds: 4,
        }
    }
}

impl Options {
    /// Reads the arguments; `None` when they are not as [`USAGE`] says.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next()?;
            match name.as_str() {
                "--against" => options.against = Some(PathBuf::from(value)),
                "--only" => {
                    let names: Vec<_> = value.split(',').collect();
                    options.instructions = names.contains(&INSTRUCTIONS);
                    options.logins = names.contains(&LOGINS);
                    options.bodies = names.contains(&BODIES);
                    options.keys = names.contains(&KEYS);
                    options.backup = names.contains(&BACKUP);
                    options.log = names.contains(&LOG);
                    let scenarios = names.into_iter().filter(|name| !APART.contains(name));
                    options.scenarios = scenarios.map(Scenario::named).collect::<Option<_>>()?;
                }
                "--connections" => {
                    let numbers =
                        value.split(',').map(|number| number.parse().ok().filter(|number| *number > 0));
                    options.connections = numbers.collect::<Option<_>>()?;
                }
                "--rounds" => options.rounds = value.parse().ok().filter(|rounds| *rounds > 0)?,
                "--entries" => options.entries = value.parse().ok().filter(|entries| *entries > 0)?,
                "--seconds" => options.seconds = value.parse().ok().filter(|seconds| *seconds > 0)?,
                _ => return None,
            }
        }
        let rounds_of_all = options.rounds.checked_add(1)?.checked_mul(SERVERS)?;
        (rounds_of_all.checked_mul(options.seconds)? <= MOST_SECONDS).then_some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn everything_has_a_default() {
        assert_eq!(read(""), Some(Options::default()));
        let against = Some(PathBuf::from("/tmp/groeilijn"));
        assert_eq!(read("--against /tmp/groeilijn"), Some(Options { against, ..Options::default() }));
        let nothing = Options {
            scenarios: Vec::new(),
            instructions: false,
            logins: false,
            bodies: false,
            keys: false,
            backup: false,
            log: false,
            ..Options::default()
        };
        let scenarios = vec![Scenario::Note, Scenario::Pupil];
        let some = Options { scenarios, rounds: 1, seconds: 2, ..nothing };
        assert_eq!(read("--seconds 2 --only note,pupil --rounds 1"), Some(some));
        let nothing = || Options { scenarios: Vec::new(), ..read("--only health").unwrap_or_default() };
        assert_eq!(read("--only logins"), Some(Options { logins: true, ..nothing() }));
        assert_eq!(read("--only instructions"), Some(Options { instructions: true, ..nothing() }));
        let connections = vec![1, 256];
        assert_eq!(
            read("--only logins --connections 1,256"),
            Some(Options { logins: true, connections, ..nothing() })
        );
        assert_eq!(read("--only bodies,logins"), Some(Options { bodies: true, logins: true, ..nothing() }));
        assert_eq!(read("--only backup,keys"), Some(Options { backup: true, keys: true, ..nothing() }));
        let thousand = Options { log: true, entries: 1000, ..nothing() };
        assert_eq!(read("--only log --entries 1000"), Some(thousand));
    }

    #[test]
    fn nothing_else_is_read() {
        for wrong in [
            "--only",
            "--only walk",
            "--entries 0",
            "--rounds 0",
            "--seconds x",
            "--rounds 10 --seconds 60",
            "--connections 0",
            "--connections 1,x",
            "pupil",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

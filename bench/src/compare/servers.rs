//! The two servers.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Error;
use super::databases::{Databases, floor_file};
use super::process::Process;
use super::stop::Stop;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the programs are.
pub(super) struct Programs {
    /// `groeilijn`.
    pub(super) ours: PathBuf,
    /// `floor`.
    pub(super) floor: PathBuf,
}

impl Programs {
    /// The programs beside this one.
    ///
    /// # Errors
    /// When one is not there, with how to build it.
    pub(super) fn beside(folder: &Path) -> Result<Self, Error> {
        let find = |name: &str| {
            let path = folder.join(name);
            let how = "not there: cargo build --release -p groeilijn-api -p groeilijn-bench";
            if path.exists() { Ok(path) } else { Err(Error::of(path.display(), how)) }
        };
        Ok(Self { ours: find("groeilijn")?, floor: find("floor")? })
    }
}

/// A server that runs.
pub(super) struct Server {
    /// What the table calls it.
    pub(super) name: &'static str,
    /// `http://127.0.0.1:PORT`.
    pub(super) address: String,
    /// Its process.
    pub(super) process: Process,
}

impl Server {
    /// Starts ours on its database.
    pub(super) fn ours(programs: &Programs, databases: &Databases, stop: &Stop) -> Result<Self, Error> {
        let port = free_port()?;
        let mut command = ours(programs, &databases.ours());
        command.arg("serve").env("GROEILIJN_HTTP__PORT", port.to_string());
        Self::start("ours", command, port, stop)
    }

    /// Starts ours on its database, behind a proxy on this machine: so that logins come from anywhere.
    pub(super) fn behind_proxy(
        programs: &Programs,
        databases: &Databases,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let port = free_port()?;
        let mut command = ours(programs, &databases.ours());
        command.arg("serve").env("GROEILIJN_HTTP__PORT", port.to_string());
        command.env("GROEILIJN_HTTP__TRUSTED_PROXIES", Ipv4Addr::LOCALHOST.to_string());
        Self::start("ours", command, port, stop)
    }

    /// Starts the bare server on its database.
    pub(super) fn floor(programs: &Programs, databases: &Databases, stop: &Stop) -> Result<Self, Error> {
        let port = free_port()?;
        let mut command = Command::new(&programs.floor);
        command.arg("serve").arg(floor_file(&databases.floor())).arg(port.to_string());
        Self::start("floor", command, port, stop)
    }

    fn start(name: &'static str, mut command: Command, port: u16, stop: &Stop) -> Result<Self, Error> {
        let process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
        let mut server = Self { name, address: format!("http://{}:{port}", Ipv4Addr::LOCALHOST), process };
        let begun = Instant::now();
        while ureq::get(format!("{}/healthz", server.address)).call().is_err() {
            stop.check()?;
            if let Some(status) = server.process.ended()? {
                return Err(Error::of(name, format_args!("ended with {status}; an old target/bench?")));
            }
            if begun.elapsed() > PATIENCE {
                return Err(Error::of(name, "does not answer"));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

/// The command `groeilijn` on the database in a folder, with no other setting from outside.
pub(super) fn ours(programs: &Programs, folder: &Path) -> Command {
    let mut command = Command::new(&programs.ours);
    command
        .current_dir(folder)
        .env_clear()
        .env("GROEILIJN_DATABASE__URL", "sqlite://data.sqlite")
        .env("GROEILIJN_KEYS__URL", "sqlite://keys.sqlite")
        .env("GROEILIJN_KEYS__ROOT_KEY_FILE", "root.key")
        .env("GROEILIJN_LOG__LEVEL", "warn");
    command
}

fn free_port() -> Result<u16, Error> {
    let no_port = |error| Error::of("a free port", error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(no_port)?;
    Ok(listener.local_addr().map_err(no_port)?.port())
}

//! The servers that are measured.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Error;
use super::process::Process;
use super::programs::{Floor, Programs, groeilijn};
use super::stop::Stop;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `groeilijn`.
    Ours,
    /// What it is measured against.
    Floor(Floor),
}

impl Kind {
    /// What the tables call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Floor(floor) => floor.name(),
        }
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
    /// Starts a build of ours on the database in a folder.
    pub(super) fn of_build(
        name: &'static str,
        build: &Path,
        folder: &Path,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let port = free_port()?;
        Self::start(name, serve(build, folder, port), port, stop)
    }

    /// Starts ours on the database in a folder, behind a proxy on this machine: so that logins come from anywhere.
    pub(super) fn behind_proxy(programs: &Programs, folder: &Path, stop: &Stop) -> Result<Self, Error> {
        let port = free_port()?;
        let mut command = serve(&programs.ours, folder, port);
        command.env("GROEILIJN_HTTP__TRUSTED_PROXIES", Ipv4Addr::LOCALHOST.to_string());
        Self::start("ours", command, port, stop)
    }

    /// Starts a floor on its database in a folder.
    pub(super) fn floor(
        floor: Floor,
        programs: &Programs,
        folder: &Path,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let port = free_port()?;
        Self::start(floor.name(), programs.serve_floor(floor, folder, port), port, stop)
    }

    /// Starts a server as one of the above would be, under another program: `wrap` makes its command of that of the server.
    pub(super) fn under(
        kind: Kind,
        programs: &Programs,
        folder: &Path,
        wrap: impl FnOnce(&Command) -> Command,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let port = free_port()?;
        let command = match kind {
            Kind::Ours => serve(&programs.ours, folder, port),
            Kind::Floor(floor) => programs.serve_floor(floor, folder, port),
        };
        Self::start(kind.name(), wrap(&command), port, stop)
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

fn serve(build: &Path, folder: &Path, port: u16) -> Command {
    let mut command = groeilijn(build, folder);
    command.arg("serve").env("GROEILIJN_HTTP__PORT", port.to_string());
    command
}

fn free_port() -> Result<u16, Error> {
    let no_port = |error| Error::of("a free port", error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(no_port)?;
    Ok(listener.local_addr().map_err(no_port)?.port())
}

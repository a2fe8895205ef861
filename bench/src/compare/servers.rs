//! The servers that are measured.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Error;
use super::process::Process;
use super::programs::{Programs, groeilijn};
use super::stop::Stop;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Starts the bare server on the database in a folder.
    pub(super) fn floor(programs: &Programs, folder: &Path, stop: &Stop) -> Result<Self, Error> {
        let port = free_port()?;
        Self::start("floor", programs.serve_floor(folder, port), port, stop)
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

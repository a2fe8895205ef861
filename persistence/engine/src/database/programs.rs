//! PostgreSQL's own programs, which copy a database and put one back.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs, thread};

use zeroize::Zeroizing;

use super::server_address::ServerAddress;
use super::url::DatabaseUrl;
use crate::error::{Error, Result};

/// Where Debian and its kin keep the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Where PostgreSQL's programs are.
#[derive(Debug, Clone, Default)]
pub struct PostgresPrograms {
    /// The folder that the operator names; they are looked for when there is none.
    pub folder: Option<PathBuf>,
}

impl PostgresPrograms {
    /// Runs a program on a database, and waits for its end.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is not there, and with its own last words when it fails.
    pub(super) fn run(&self, name: &str, url: &DatabaseUrl, arguments: &[&str]) -> Result<()> {
        finished(name, &self.on(name, url, arguments)?.stdin(Stdio::null()).output(), "")
    }

    /// Runs a program on a database that is given `input` to its end, so that what is in it need not lie in a file. When
    /// this process dies its input ends, and so does the program.
    ///
    /// # Errors
    /// As [`Self::run`], and when the input cannot be read.
    pub(super) fn run_with(
        &self,
        name: &str,
        url: &DatabaseUrl,
        arguments: &[&str],
        input: &mut dyn Read,
    ) -> Result<()> {
        let (output, fed) = fed(&mut self.on(name, url, arguments)?, input);
        // Whoever stops listening says why, which tells more.
        let unread = fed.err().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        finished(name, &output, &unread.as_ref().map_or_else(String::new, |error| format!(" ({error})")))?;
        unread.map_or(Ok(()), |error| Err(Error::internal(error)))
    }

    /// Checks that a copy of a database is one, as far as that is seen without putting it back.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) fn check_list(&self, copy: &mut dyn Read) -> Result<()> {
        let mut command = Command::new(self.find("pg_restore")?);
        command.arg("--list").env("LC_ALL", "C").stdout(Stdio::null());
        // It stops reading behind the list.
        let (output, _) = fed(&mut command, copy);
        finished("pg_restore", &output, "")
    }

    fn on(&self, name: &str, url: &DatabaseUrl, arguments: &[&str]) -> Result<Command> {
        let DatabaseUrl::Postgres(address) = url else {
            return Err(Error::internal("an embedded database has no programs"));
        };
        let (shown, password) = ServerAddress::of(address).apart_from_password();
        let mut command = Command::new(self.find(name)?);
        command.arg("--dbname").arg(shown).arg("--no-password").args(arguments);
        command.env("LC_ALL", "C").stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        Ok(command)
    }

    /// The program in the folder that is named, or else of the newest version that is installed, or on the path.
    fn find(&self, name: &str) -> Result<PathBuf> {
        if let Some(folder) = &self.folder {
            let program = folder.join(name);
            return if program.exists() { Ok(program) } else { Err(missing(name)) };
        }
        let versions = fs::read_dir(DEBIAN).ok().into_iter().flatten().flatten();
        let newest = versions
            .filter_map(|entry| {
                Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
            })
            .filter(|(_, folder)| folder.join(name).exists())
            .max()
            .map(|(_, folder)| folder);
        let on_path =
            env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
        newest
            .into_iter()
            .chain(on_path)
            .map(|folder| folder.join(name))
            .find(|program| program.exists())
            .ok_or_else(|| missing(name))
    }
}

fn missing(name: &str) -> Error {
    Error::internal(format!(
        "{name} is not there: install PostgreSQL's client programs, of the server's version or newer, or name their folder \
         (backup.postgres_programs)"
    ))
}

/// Runs a command that reads `input`, and gives what became of it and whether it read all of that.
fn fed(command: &mut Command, input: &mut dyn Read) -> (io::Result<Output>, io::Result<()>) {
    let mut child = match command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return (Err(error), Ok(())),
    };
    let Some(stdin) = child.stdin.take() else { return (child.wait_with_output(), Ok(())) };
    thread::scope(|scope| {
        // It is listened to meanwhile, so that it never waits to be heard.
        let output = scope.spawn(|| child.wait_with_output());
        let fed = pour(input, stdin);
        let output = output.join().unwrap_or_else(|_| Err(io::Error::other("it was not waited for")));
        (output, fed)
    })
}

/// Everything, and then the end of it.
fn pour(input: &mut dyn Read, mut into: impl Write) -> io::Result<()> {
    let mut buffer = Zeroizing::new(vec![0; 1 << 16]);
    loop {
        let read = input.read(&mut buffer)?;
        let Some(some) = buffer.get(..read).filter(|some| !some.is_empty()) else { return Ok(()) };
        into.write_all(some)?;
    }
}

fn finished(name: &str, output: &io::Result<Output>, besides: &str) -> Result<()> {
    let output =
        output.as_ref().map_err(|error| Error::internal(format!("{name} cannot be started ({error})")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = said.lines().rev().take(3).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("; ");
    let remedy = if said.contains("row-level security") {
        "; the role that backs up must see every row: name one with BYPASSRLS in backup.database_url (see \
         docs/operations.md)"
    } else {
        ""
    };
    Err(Error::internal(format!("{name}: {last}{besides}{remedy}")))
}

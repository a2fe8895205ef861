//! PostgreSQL's own programs, which copy a database and put one back.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

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
        let DatabaseUrl::Postgres(address) = url else {
            return Err(Error::internal("an embedded database has no programs"));
        };
        let (shown, password) = ServerAddress::of(address).apart_from_password();
        let mut command = Command::new(self.find(name)?);
        command.arg("--dbname").arg(shown).arg("--no-password").args(arguments);
        command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        finished(name, &mut command)
    }

    /// Checks that a copy of a database is one, as far as that is seen without putting it back.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(super) fn check_list(&self, file: &Path) -> Result<()> {
        let mut command = Command::new(self.find("pg_restore")?);
        command.arg("--list").arg(file).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null());
        finished("pg_restore", &mut command)
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

fn finished(name: &str, command: &mut Command) -> Result<()> {
    let output = command
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| Error::internal(format!("{name} cannot be started ({error})")))?;
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
    Err(Error::internal(format!("{name}: {last}{remedy}")))
}

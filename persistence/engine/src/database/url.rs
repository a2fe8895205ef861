//! Which database: the scheme of the address decides, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use super::connection::AnyConnection;
use super::server_address::ServerAddress;
use crate::error::{Error, Result};

/// The address of a database. Its `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://PATH`: a file, relative to the working directory or absolute.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, as libpq reads it, with limits of time.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads an address. An unknown scheme is an error: a mistyped address must not become a new file.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(ServerAddress::of(text).complete()));
        }
        Err(Error::internal("a database address begins with sqlite:// or postgres://"))
    }

    /// Whether the database is embedded in this process.
    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Whether what passes between this process and the database stays on this computer, or is encrypted for a server
    /// that proves which one it is (`sslmode=verify-full`).
    pub fn is_safe(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(address) => ServerAddress::of(address).is_safe(),
        }
    }

    /// The file of an embedded database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// The bytes that the write-ahead log of an embedded database takes on the disk.
    pub(crate) fn log_bytes(&self) -> u64 {
        let Self::Sqlite(path) = self else { return 0 };
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        // There is none before the first change.
        fs::metadata(log).map_or(0, |log| log.len())
    }

    /// Makes the folder and the file of an embedded database, readable by its owner alone; a PostgreSQL
    /// database is made by its administrator.
    pub fn create(&self) -> Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(Error::internal)?;
        }
        private_file(path)
    }

    /// A new connection, set up for use.
    pub fn connect(&self) -> Result<AnyConnection> {
        match self {
            Self::Sqlite(path) => {
                if !path.exists() {
                    return Err(Error::internal("there is no database yet; run `groeilijn init`"));
                }
                let mut connection =
                    SqliteConnection::establish(&path.to_string_lossy()).map_err(Error::internal)?;
                connection.batch_execute(SQLITE_SETTINGS)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Self::Postgres(address) => {
                let mut connection = PgConnection::establish(address).map_err(Error::internal)?;
                connection.batch_execute(POSTGRES_SETTINGS)?;
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_embedded() { "sqlite" } else { "postgres" })
    }
}

/// FULL makes a commit durable, `secure_delete` leaves no bytes of what was deleted. With `recursive_triggers` a REPLACE
/// asks the triggers that guard what is only added to. No memory map: it is taken
/// down and built up again after each commit, which costs more than reading does. The writer empties the log.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA recursive_triggers = ON;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 0;";

const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC';
    SET statement_timeout = '60s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning';";

#[cfg(unix)]
fn private_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop).map_err(Error::internal)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> Result<()> {
    fs::OpenOptions::new().create(true).append(true).open(path).map(drop).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_alone_decides() {
        assert!(DatabaseUrl::parse("sqlite://data/a.sqlite").unwrap().is_embedded());
        assert!(!DatabaseUrl::parse("postgres://localhost/a").unwrap().is_embedded());
        for wrong in ["", "sqlite://", "data/a.sqlite", "mysql://a", "postgre://a"] {
            assert!(DatabaseUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let url = DatabaseUrl::parse("postgres://user:secret@localhost/a").unwrap();
        assert_eq!(format!("{url:?}"), "postgres");
    }
}

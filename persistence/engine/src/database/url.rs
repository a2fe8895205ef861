//! Which database: the scheme of the address decides, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, PgConnection, SqliteConnection};

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

    /// Whether this is the same database as another, as far as that is seen without asking it.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let place = |url: &Self| url.file().and_then(|file| file.canonicalize().ok());
        self == other || place(self).is_some_and(|file| place(other) == Some(file))
    }

    /// Another database on the same server, for the same role; of an embedded database itself.
    pub(super) fn with_database(&self, name: &str) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(path.clone()),
            Self::Postgres(address) => Self::Postgres(ServerAddress::of(address).with_database(name)),
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
            fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        }
        private_file(path)
    }

    /// A new connection for whoever writes. There is one of those, and it touches the ends of all tables in turn, so it may
    /// keep more pages of an embedded database than the many that read (docs/performance.md has the budget).
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub(crate) fn connect_to_write(&self) -> Result<AnyConnection> {
        let mut connection = self.connect()?;
        if let AnyConnection::Sqlite(connection) = &mut connection {
            connection.batch_execute("PRAGMA cache_size = -16384")?;
        }
        Ok(connection)
    }

    /// A new connection, set up for use.
    pub fn connect(&self) -> Result<AnyConnection> {
        match self {
            Self::Sqlite(path) => {
                if !path.exists() {
                    return Err(Error::internal(
                        "there is no such file; restore it from a backup, or run `groeilijn init` for a new installation",
                    ));
                }
                let mut connection =
                    SqliteConnection::establish(&path.to_string_lossy()).map_err(Error::internal)?;
                connection.batch_execute(SQLITE_SETTINGS)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Self::Postgres(address) => {
                let mut connection = PgConnection::establish(address)
                    .map_err(|error| Error::internal(without_password(&error)))?;
                connection.batch_execute(POSTGRES_SETTINGS)?;
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }
}

/// The path of a file; of a server without the password and the parameters.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(formatter),
            Self::Postgres(address) => formatter.write_str(&ServerAddress::of(address).shown()),
        }
    }
}

/// What libpq says when it gets no connection, on one line. About an address that it cannot read it quotes pieces of it,
/// and one of them may be of the password.
fn without_password(error: &ConnectionError) -> String {
    let text = error.to_string();
    let says_where = ["connection to server", "could not translate host name", "sslmode value"];
    // A sign @ in the name of a server is what stands behind one in a password.
    if text.contains('@') || !says_where.iter().any(|start| text.starts_with(start)) {
        return "the address is not one that PostgreSQL's own library can read; write signs such as @, /, : and % in a \
                password as %40, %2F, %3A and %25"
            .to_owned();
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{line}; see that PostgreSQL runs there, has this database, and lets this role in")
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
    PRAGMA cache_size = -4096;
    PRAGMA wal_autocheckpoint = 0;";

const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC';
    SET statement_timeout = '60s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = 'warning';";

pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!(
        "{} cannot be written ({error}); let whoever runs groeilijn write there, or name another place",
        path.display()
    ))
}

#[cfg(unix)]
fn private_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| unwritable(path, &error))
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> Result<()> {
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map(drop)
        .map_err(|error| unwritable(path, &error))
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
        assert_eq!(url.to_string(), "postgres://user@localhost/a");
        let socket =
            DatabaseUrl::parse("postgres:///a?host=/run/postgresql&user=fien&password=secret").unwrap();
        assert_eq!(socket.to_string(), "postgres:///a?host=/run/postgresql&user=fien");
        let unreadable = DatabaseUrl::parse("postgres://user:sec/ret@localhost/a").unwrap();
        let refused = unreadable.connect().err().unwrap().to_string();
        assert!(!refused.contains("sec") && refused.contains("%2F"), "{refused}");
        assert!(!unreadable.to_string().contains("sec"), "{unreadable}");
    }
}

//! Copying a whole database into a file while it is in use, and making a database of such a file.
//!
//! What a copy has to hold is counted on the database itself, so that a copy that lost something is found out.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};

use groeilijn_domain::values::ids::InstitutionId;

use super::connection::AnyConnection;
use super::dialect::{self, Table};
use super::programs::PostgresPrograms;
use super::url::DatabaseUrl;
use crate::error::{Error, Result};

/// How often, and at what distance, it is tried to make a database whose name was in use until now.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// How many rows each table has.
pub type Rows = BTreeMap<String, u64>;

/// What a copy has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The rows of each table.
    rows: Rows,
    /// Whether nothing changed between the counting and the copying; otherwise what is only added to may be more.
    exact: bool,
}

/// Tables that are only added to.
const ONLY_ADDED_TO: [&str; 9] = [
    "audit_entry",
    "audit_checkpoint",
    "audit_cosignature",
    "audit_tile",
    "audit_log_key",
    "right_change",
    "staff_right_change",
    "log_review",
    "disclosure",
];

impl Expected {
    /// Checks that a copy holds what it has to.
    ///
    /// # Errors
    /// [`Error::Internal`] with the first table that is not right.
    pub fn check(&self, found: &Rows) -> Result<()> {
        for (table, rows) in &self.rows {
            let copied = found.get(table).copied();
            let fits = match copied {
                None => false,
                Some(copied) if self.exact => copied == *rows,
                Some(copied) => !ONLY_ADDED_TO.contains(&table.as_str()) || copied >= *rows,
            };
            if !fits {
                let copied = copied.unwrap_or_default();
                return Err(Error::internal(format!(
                    "the copy has {copied} rows of {table}, and the database {rows}"
                )));
            }
        }
        Ok(())
    }
}

impl DatabaseUrl {
    /// Copies the database into a new file, as it is at one moment. Whoever uses it goes on.
    ///
    /// # Errors
    /// What the database refuses, or the program that copies it; when the file cannot be written.
    pub fn copy_into(&self, file: &Path, programs: &PostgresPrograms) -> Result<Expected> {
        let mut connection = self.connect()?;
        match &mut connection {
            AnyConnection::Sqlite(_) => copy_embedded(&mut connection, file),
            AnyConnection::Postgres(_) => copy_dumped(&mut connection, self, file, programs),
        }
    }

    /// Makes a database of a copy: the file itself where the database is embedded, else one of this name beside this one,
    /// which is taken away when the result is dropped.
    ///
    /// # Errors
    /// What the server or the program that puts it back refuses.
    pub fn scratch(&self, copy: &Path, name: &str, programs: &PostgresPrograms) -> Result<Scratch> {
        if self.is_embedded() {
            return Ok(Scratch { url: Self::Sqlite(copy.to_owned()), made_by: None });
        }
        let scratch =
            Scratch { url: self.with_database(name), made_by: Some((self.clone(), name.to_owned())) };
        scratch.make_anew()?;
        scratch.url.put_back(&mut File::open(copy).map_err(Error::internal)?, programs)?;
        Ok(scratch)
    }

    /// Puts a copy back into this database on a server, as a whole or not at all. Nothing that is in the copy may be there
    /// already.
    ///
    /// # Errors
    /// As [`Self::scratch`]; when the copy cannot be read.
    pub fn put_back(&self, copy: &mut dyn Read, programs: &PostgresPrograms) -> Result<()> {
        let options =
            ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--format=custom"];
        programs.run_with("pg_restore", self, &options, copy)
    }
}

/// Checks that something is a copy of a database on a server, as far as it is seen without making one of it.
///
/// # Errors
/// [`Error::Internal`].
pub fn check_dumped(copy: &mut dyn Read, programs: &PostgresPrograms) -> Result<()> {
    programs.check_list(copy)
}

/// A database that was made of a copy, to look at.
pub struct Scratch {
    url: DatabaseUrl,
    made_by: Option<(DatabaseUrl, String)>,
}

impl Scratch {
    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Makes an empty one. What a process that was killed began on the server may still come to an end there.
    fn make_anew(&self) -> Result<()> {
        let Some((server, name)) = &self.made_by else { return Ok(()) };
        let mut tried = 0;
        loop {
            self.drop_if_there()?;
            match server.connect()?.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")) {
                Err(_) if tried < ATTEMPTS => tried += 1,
                made => return Ok(made?),
            }
            thread::sleep(PAUSE);
        }
    }

    fn drop_if_there(&self) -> Result<()> {
        let Some((server, name)) = &self.made_by else { return Ok(()) };
        Ok(server.connect()?.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.drop_if_there() {
            tracing::warn!(%error, "a database that was made to check a backup stays behind");
        }
    }
}

fn copy_embedded(connection: &mut AnyConnection, file: &Path) -> Result<Expected> {
    let before = dialect::changes_of_others(connection)?;
    dialect::begin_read(connection)?;
    let rows = count_rows(connection);
    connection.batch_execute("ROLLBACK")?;
    let rows = rows?;
    let text = file.to_string_lossy().replace('\'', "''");
    connection.batch_execute(&format!("VACUUM INTO '{text}'"))?;
    File::open(file).and_then(|file| file.sync_all()).map_err(Error::internal)?;
    Ok(Expected { rows, exact: dialect::changes_of_others(connection)? == before })
}

fn copy_dumped(
    connection: &mut AnyConnection,
    url: &DatabaseUrl,
    file: &Path,
    programs: &PostgresPrograms,
) -> Result<Expected> {
    #[derive(QueryableByName)]
    struct Snapshot {
        #[diesel(sql_type = Text)]
        id: String,
    }
    dialect::wait_as_long_as_it_takes(connection)?;
    dialect::begin_read(connection)?;
    let Snapshot { id } =
        super::query::RunQuery::get_result(sql_query("SELECT pg_export_snapshot() AS id"), connection)?;
    let rows = count_rows(connection)?;
    let (snapshot, path) = (format!("--snapshot={id}"), file.to_string_lossy().into_owned());
    programs.run("pg_dump", url, &["--format=custom", "--compress=1", &snapshot, "--file", &path])?;
    connection.batch_execute("ROLLBACK")?;
    Ok(Expected { rows, exact: true })
}

/// How many rows each table has, for a role that sees all of them.
///
/// # Errors
/// What the database refuses.
pub fn count_rows(connection: &mut AnyConnection) -> Result<Rows> {
    let mut counted = Rows::new();
    for Table { name, .. } in dialect::tables(connection)? {
        let rows = count(connection, &name)?;
        counted.insert(name, rows);
    }
    Ok(counted)
}

/// The same for a role that is bound by row-level security, in a transaction of its own: where a table shows the rows of
/// one institution at a time, those of all `institutions` together.
///
/// # Errors
/// What the database refuses.
pub fn count_rows_of(connection: &mut AnyConnection, institutions: &[InstitutionId]) -> Result<Rows> {
    dialect::begin_read(connection)?;
    let mut counted = Rows::new();
    for Table { name, is_walled } in dialect::tables(connection)? {
        let mut rows = 0;
        if is_walled {
            for institution in institutions {
                dialect::enter_institution(connection, *institution)?;
                rows += count(connection, &name)?;
            }
        } else {
            rows = count(connection, &name)?;
        }
        counted.insert(name, rows);
    }
    dialect::end_read(connection)?;
    Ok(counted)
}

fn count(connection: &mut AnyConnection, table: &str) -> Result<u64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let count = sql_query(format!("SELECT count(*) AS rows FROM \"{table}\""));
    let Count { rows } = super::query::RunQuery::get_result(count, connection)?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// Checks an embedded database from its first page to its last, and every reference in it; a server checks what is put
/// back into it by itself.
///
/// # Errors
/// [`Error::Internal`] when something is not right.
pub fn check_integrity(connection: &mut AnyConnection) -> Result<()> {
    let found = dialect::integrity_faults(connection)?;
    match found.first() {
        None => Ok(()),
        Some(first) => Err(Error::internal(format!("the copy is damaged: {first}"))),
    }
}

/// The files of an embedded database besides itself: its log, and the index of that.
pub fn beside(file: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

/// Overwrites a file, as far as the disk lets it, and takes it away. Of a copy of keys no bytes shall stay.
///
/// # Errors
/// When it cannot be taken away.
pub fn shred(file: &Path) -> std::io::Result<()> {
    if let Err(error) = overwrite(file) {
        tracing::debug!(%error, "a file is taken away without being overwritten");
    }
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn overwrite(file: &Path) -> std::io::Result<()> {
    let mut open = File::options().write(true).open(file)?;
    let length = open.metadata()?.len();
    std::io::copy(&mut Read::take(std::io::repeat(0), length), &mut open)?;
    open.sync_all()
}

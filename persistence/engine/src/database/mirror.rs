//! A second file, on another disk, that gets what is written to an embedded database, in the same commit.
//!
//! The second is attached to the connection that writes. Triggers note which rows were changed; before the commit these
//! rows are copied, and one commit makes both durable. With write-ahead logs SQLite commits the files of one transaction one
//! after the other, the first before the second. So whatever breaks it off leaves the second one commit behind, never ahead,
//! and nobody was told yet that it was done. Each carries a number that every commit raises (`user_version`), with a second
//! file or without: by it a second that is one commit behind is known, and brought up to date when it is connected to. When
//! the second knows anything else that the first does not, the first was put back from before: that is left to the operator.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Integer};
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::connection::AnyConnection;
use super::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Misfit, Part, Result};

/// A table of which the second file has every row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MirroredTable {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its primary key, with commas.
    pub(crate) key: &'static str,
    /// A condition on the rows `theirs` of one file that are news for the other, of which the table is `ours`.
    pub(crate) news: &'static str,
}

/// The second file of an embedded database.
#[derive(Clone)]
pub(crate) struct Mirror {
    url: DatabaseUrl,
    tables: &'static [MirroredTable],
    environment: Environment,
}

/// What the writer of a database does for a second file.
#[derive(Clone)]
pub(crate) enum Copies {
    /// There can be none.
    Never,
    /// There is none at the moment: only the number is raised.
    None,
    /// What is written is copied into this one.
    In(Mirror),
}

impl Copies {
    /// Prepares a connection.
    ///
    /// # Errors
    /// As [`Mirror::follow`].
    pub(crate) fn follow(&self, connection: &mut AnyConnection) -> Result<()> {
        match self {
            Self::Never | Self::None => Ok(()),
            Self::In(mirror) => mirror.follow(connection),
        }
    }

    /// Does what has to be done before a commit.
    ///
    /// # Errors
    /// What a file refuses.
    pub(crate) fn before_commit(&self, connection: &mut AnyConnection) -> Result<()> {
        match self {
            Self::Never => Ok(()),
            Self::None => Mirror::count_alone(connection),
            Self::In(mirror) => mirror.copy(connection),
        }
    }

    /// Gives the second file, too, something to write that changes nothing.
    ///
    /// # Errors
    /// What it refuses.
    pub(crate) fn probe(&self, connection: &mut AnyConnection) -> Result<()> {
        match self {
            Self::Never | Self::None => Ok(()),
            Self::In(_) => Ok(of_sqlite(connection)?.batch_execute("PRAGMA second.application_id = 0")?),
        }
    }

    /// Whether a commit that failed may have been done in one of two files.
    pub(crate) fn may_differ(&self) -> bool {
        matches!(self, Self::In(_))
    }
}

/// Which of two files is attached to a connection to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attached {
    /// The second, as always.
    Second,
    /// The first, to be made anew from the second.
    First,
}

impl Attached {
    fn ahead(self) -> Misfit {
        match self {
            Self::Second => Misfit::SecondAhead,
            Self::First => Misfit::FirstAhead,
        }
    }
}

/// What was done with two files that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Differing {
    /// Both are the same.
    Not,
    /// The attached one was brought up to date.
    Mended,
}

impl Mirror {
    pub(crate) fn new(url: DatabaseUrl, tables: &'static [MirroredTable], environment: &Environment) -> Self {
        Self { url, tables, environment: environment.clone() }
    }

    /// Attaches the second file to a connection to the first, and sees to it that what is written there can be copied.
    /// Brings the second up to date.
    ///
    /// # Errors
    /// When the second is not there, is none or cannot be written; [`Misfit::SecondAhead`].
    pub(crate) fn follow(&self, connection: &mut AnyConnection) -> Result<()> {
        let followed = self.attach(connection).and_then(|()| {
            note_changes(of_sqlite(connection)?, self.tables)?;
            self.bring_up_to_date(connection, Attached::Second)
        });
        if followed.map_err(Error::of(Part::SecondKeys))? == Differing::Mended {
            tracing::warn!("the second key store was behind, and was brought up to date");
        }
        Ok(())
    }

    /// Attaches the second file, for whoever only looks after both.
    ///
    /// # Errors
    /// When it is not there or is none.
    pub(crate) fn attach(&self, connection: &mut AnyConnection) -> Result<()> {
        let Some(file) = self.url.file().filter(|file| file.exists()) else {
            return Err(Error::internal(
                "there is no such file; mount its disk, or stop the server and run `groeilijn init`, which makes it",
            ));
        };
        let connection = of_sqlite(connection)?;
        connection.batch_execute(&format!("ATTACH DATABASE '{}' AS second", quoted(file)))?;
        connection.batch_execute(SETTINGS)?;
        let lacks = "SELECT count(*) AS count FROM (SELECT version FROM main.__diesel_schema_migrations \
            EXCEPT SELECT version FROM second.__diesel_schema_migrations)";
        let is_none = count(
            connection,
            "SELECT count(*) AS count FROM second.sqlite_schema WHERE name = 'system_key'",
        )? == 0;
        if is_none || count(connection, lacks)? > 0 {
            return Err(Error::internal("it misses migrations; stop the server and run `groeilijn init`"));
        }
        Ok(())
    }

    /// Raises the number of a file that has no second one at the moment.
    ///
    /// # Errors
    /// What the file refuses.
    pub(crate) fn count_alone(connection: &mut AnyConnection) -> Result<()> {
        let connection = of_sqlite(connection)?;
        let number = number(connection, "main")?;
        Ok(connection.batch_execute(&format!("PRAGMA main.user_version = {}", after(number)))?)
    }

    /// Copies the rows that were changed in this transaction. The commit then makes both files durable.
    ///
    /// # Errors
    /// What the second file refuses.
    pub(crate) fn copy(&self, connection: &mut AnyConnection) -> Result<()> {
        let connection = of_sqlite(connection)?;
        let any =
            self.tables.iter().map(|table| format!("EXISTS (SELECT 1 FROM temp.changed_{})", table.name));
        let any = any.collect::<Vec<_>>().join(" OR ");
        if count(connection, &format!("SELECT {any} AS count"))? == 0 {
            return Ok(());
        }
        let number = number(connection, "main")?;
        connection.batch_execute("PRAGMA defer_foreign_keys = ON")?;
        for MirroredTable { name, key, .. } in self.tables {
            let changed = format!("({key}) IN (SELECT {key} FROM temp.changed_{name})");
            connection.batch_execute(&format!(
                "DELETE FROM second.{name} WHERE {changed};
                 INSERT INTO second.{name} SELECT * FROM main.{name} WHERE {changed};
                 DELETE FROM temp.changed_{name};"
            ))?;
        }
        set_number(connection, after(number))
    }

    /// Makes the attached file the same as the other, unless it knows more. A second that is one commit behind, though it
    /// has what that commit took away, is no more than behind.
    ///
    /// # Errors
    /// [`Misfit::SecondAhead`] and [`Misfit::FirstAhead`], for what is `attached`; what a file refuses.
    pub(crate) fn bring_up_to_date(
        &self,
        connection: &mut AnyConnection,
        attached: Attached,
    ) -> Result<Differing> {
        let connection = of_sqlite(connection)?;
        connection.batch_execute("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON")?;
        let done = self.mend(connection, attached).and_then(|done| {
            connection.batch_execute("COMMIT")?;
            Ok(done)
        });
        if done.is_err() {
            // It may have been undone already.
            drop(connection.batch_execute("ROLLBACK"));
        }
        if done.as_ref().is_ok_and(|done| *done == Differing::Mended) {
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        done
    }

    fn mend(&self, connection: &mut SqliteConnection, attached: Attached) -> Result<Differing> {
        let [ours, theirs] = [number(connection, "main")?, number(connection, "second")?];
        let is_behind = attached == Attached::Second && theirs != 0 && after(theirs) == ours;
        if !is_behind && self.has_news(connection)? {
            return Err(Error::Misfit(attached.ahead()));
        }
        let mut differs = ours == 0 || theirs != ours;
        for MirroredTable { name, .. } in self.tables {
            differs |= count(
                connection,
                &format!(
                    "SELECT EXISTS (SELECT * FROM main.{name} EXCEPT SELECT * FROM second.{name})
                     OR EXISTS (SELECT * FROM second.{name} EXCEPT SELECT * FROM main.{name}) AS count"
                ),
            )? > 0;
        }
        if !differs {
            return Ok(Differing::Not);
        }
        for MirroredTable { name, key, .. } in self.tables {
            connection.batch_execute(&format!(
                "DELETE FROM second.{name} WHERE ({key}) IN (SELECT {key} FROM
                     (SELECT * FROM second.{name} EXCEPT SELECT * FROM main.{name}));
                 INSERT INTO second.{name} SELECT * FROM main.{name} EXCEPT SELECT * FROM second.{name};"
            ))?;
        }
        // A number that no older pair of these files can have.
        let fresh = u32::from_le_bytes(self.environment.bytes()) & 0x7fff_ffff;
        set_number(connection, after(i32::try_from(fresh).unwrap_or_default()))?;
        Ok(Differing::Mended)
    }

    /// Whether the attached file knows something that the other does not.
    fn has_news(&self, connection: &mut SqliteConnection) -> Result<bool> {
        for MirroredTable { name, news, .. } in self.tables {
            let query = format!(
                "SELECT EXISTS (SELECT 1 FROM second.{name} AS theirs WHERE {}) AS count",
                news.replace("ours", &format!("main.{name}"))
            );
            if count(connection, &query)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// As for the first file; what is changed is noted in memory.
const SETTINGS: &str = "PRAGMA second.journal_mode = WAL;
    PRAGMA second.synchronous = FULL;
    PRAGMA second.secure_delete = ON;
    PRAGMA second.mmap_size = 0;
    PRAGMA temp_store = MEMORY;";

/// Has triggers note the keys of the rows that this connection changes in the first file.
fn note_changes(connection: &mut SqliteConnection, tables: &[MirroredTable]) -> Result<()> {
    for MirroredTable { name, key, .. } in tables {
        let of = |row: &str| {
            key.split(", ").map(|column| format!("{row}.{column}")).collect::<Vec<_>>().join(", ")
        };
        let note = |row: &str| format!("INSERT OR IGNORE INTO changed_{name} VALUES ({});", of(row));
        let (old, new) = (note("OLD"), note("NEW"));
        connection.batch_execute(&format!(
            "CREATE TEMP TABLE changed_{name} ({key}, PRIMARY KEY ({key}));
             CREATE TEMP TRIGGER insert_{name} AFTER INSERT ON main.{name} BEGIN {new} END;
             CREATE TEMP TRIGGER update_{name} AFTER UPDATE ON main.{name} BEGIN {old} {new} END;
             CREATE TEMP TRIGGER delete_{name} AFTER DELETE ON main.{name} BEGIN {old} END;"
        ))?;
    }
    Ok(())
}

fn of_sqlite(connection: &mut AnyConnection) -> Result<&mut SqliteConnection> {
    match connection {
        AnyConnection::Sqlite(connection) => Ok(connection),
        AnyConnection::Postgres(_) => Err(Error::internal("only an embedded database has a second file")),
    }
}

fn quoted(file: &Path) -> String {
    file.to_string_lossy().replace('\'', "''")
}

fn count(connection: &mut SqliteConnection, query: &str) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    Ok(sql_query(query).get_result::<Count>(connection)?.count)
}

/// The number of the last commit of both that one of the files knows; 0 when there was none.
fn number(connection: &mut SqliteConnection, file: &str) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = Integer)]
        user_version: i32,
    }
    Ok(sql_query(format!("PRAGMA {file}.user_version")).get_result::<Number>(connection)?.user_version)
}

fn set_number(connection: &mut SqliteConnection, number: i32) -> Result<()> {
    let set = format!("PRAGMA main.user_version = {number}; PRAGMA second.user_version = {number};");
    Ok(connection.batch_execute(&set)?)
}

/// The number after this one, from 1.
fn after(number: i32) -> i32 {
    number.checked_add(1).filter(|number| *number > 0).unwrap_or(1)
}

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;

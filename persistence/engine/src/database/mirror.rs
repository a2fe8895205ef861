//! A second file, on another disk, that gets what is written to an embedded database, in the same commit.
//!
//! The second is attached to the connection that writes. Triggers note which rows were changed; before the commit these
//! rows are copied, and one commit makes both durable. With write-ahead logs SQLite commits the files of one transaction one
//! after the other, the first before the second. So whatever breaks it off leaves the second one commit behind, never ahead,
//! and nobody was told yet that it was done. Each carries a name of its state and of the one before, which every commit
//! changes, with a second file or without: by it a second is known that lacks the last commit of the first and nothing else,
//! and is brought up to date when it is connected to. When the second knows anything else that the first does not, the first
//! was put back from before: that is left to the operator. What no commit can have taken away is asked for in any case.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::connection::AnyConnection;
use super::lineage::{Lineage, write_over_itself};
use super::url::DatabaseUrl;
use crate::environment::Environment;
use crate::error::{Error, Misfit, Part, Result};

/// What two files have in common, and how they differ. In what is asked of them they are `main` and `second`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mirrored {
    /// The tables.
    pub(crate) tables: &'static [MirroredTable],
    /// Asks, as `count`, whether the two are of one installation.
    pub(crate) related: &'static str,
    /// Destroys in the file `ours` what was destroyed in `theirs`.
    pub(crate) destroy: &'static str,
}

/// A table of which the second file has every row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MirroredTable {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its primary key, with commas.
    pub(crate) key: &'static str,
    /// A condition on the rows `theirs` of one file that are news for the other, of which the table is `ours`, whatever
    /// commits were made there.
    pub(crate) lasting: &'static str,
    /// The same, on those that are news unless a commit there took them away.
    pub(crate) passing: &'static str,
}

/// The second file of an embedded database.
#[derive(Clone)]
pub(crate) struct Mirror {
    url: DatabaseUrl,
    mirrored: &'static Mirrored,
    environment: Environment,
}

/// What the writer of a database does for a second file.
#[derive(Clone)]
pub(crate) enum Copies {
    /// There can be none.
    Never,
    /// There is none at the moment: only the state gets its name.
    None(Environment),
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
            Self::Never | Self::None(_) => Ok(()),
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
            Self::None(environment) => Mirror::name_alone(connection, environment),
            Self::In(mirror) => mirror.copy(connection),
        }
    }

    /// Gives the second file, too, something to write that changes nothing.
    ///
    /// # Errors
    /// What it refuses.
    pub(crate) fn probe(&self, connection: &mut AnyConnection) -> Result<()> {
        match self {
            Self::Never | Self::None(_) => Ok(()),
            Self::In(_) => write_over_itself(of_sqlite(connection)?, "second"),
        }
    }

    /// Whether a commit that failed may have been done in one of two files.
    pub(crate) fn may_differ(&self) -> bool {
        matches!(self, Self::In(_))
    }
}

/// Which of two files is attached to a connection to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attached {
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

/// What [`Mirror::recover`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovered {
    /// Nothing: both files are the same.
    Same,
    /// The first is what the second is.
    Anew,
    /// The first knows more than the second, and lost only what was destroyed. The second is brought up to date by whoever
    /// opens both.
    Destroyed,
}

/// Which news of a file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// All.
    All,
    /// What no commit to the other one can have taken away.
    Lasting,
}

impl Mirror {
    pub(crate) fn new(url: DatabaseUrl, mirrored: &'static Mirrored, environment: &Environment) -> Self {
        Self { url, mirrored, environment: environment.clone() }
    }

    /// Attaches the second file to a connection to the first, and sees to it that what is written there can be copied.
    /// Brings the second up to date.
    ///
    /// # Errors
    /// When the second is not there, is none or cannot be written; [`Misfit::SecondAhead`].
    pub(crate) fn follow(&self, connection: &mut AnyConnection) -> Result<()> {
        let followed = self.attach(connection).and_then(|()| {
            note_changes(of_sqlite(connection)?, self.mirrored.tables)?;
            self.in_one_commit(connection, |connection| self.mend(connection, Attached::Second))
        });
        if followed.map_err(Error::of(Part::SecondKeys))? {
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

    /// Names the state of a file that has no second one at the moment.
    ///
    /// # Errors
    /// What the file refuses.
    pub(crate) fn name_alone(connection: &mut AnyConnection, environment: &Environment) -> Result<()> {
        let connection = of_sqlite(connection)?;
        Lineage::of(connection, "main")?.next(environment).write(connection, "main")
    }

    /// Copies the rows that were changed in this transaction. The commit then makes both files durable.
    ///
    /// # Errors
    /// What the second file refuses.
    pub(crate) fn copy(&self, connection: &mut AnyConnection) -> Result<()> {
        let connection = of_sqlite(connection)?;
        let any = self
            .mirrored
            .tables
            .iter()
            .map(|table| format!("EXISTS (SELECT 1 FROM temp.changed_{})", table.name));
        let any = any.collect::<Vec<_>>().join(" OR ");
        if count(connection, &format!("SELECT {any} AS count"))? == 0 {
            return Ok(());
        }
        connection.batch_execute("PRAGMA defer_foreign_keys = ON")?;
        for MirroredTable { name, key, .. } in self.mirrored.tables {
            let changed = format!("({key}) IN (SELECT {key} FROM temp.changed_{name})");
            connection.batch_execute(&format!(
                "DELETE FROM second.{name} WHERE {changed};
                 INSERT INTO second.{name} SELECT * FROM main.{name} WHERE {changed};
                 DELETE FROM temp.changed_{name};"
            ))?;
        }
        let state = Lineage::of(connection, "main")?.next(&self.environment);
        name_both(connection, state)
    }

    /// Makes the first file, which is attached, what the second is, after what was destroyed in either was destroyed in
    /// both. When the first knows more and the second does not, the first stands, without what was destroyed.
    ///
    /// # Errors
    /// [`Misfit::FirstAhead`] when the first knows more otherwise; what a file refuses.
    pub(crate) fn recover(&self, connection: &mut AnyConnection) -> Result<Recovered> {
        let is_destroyed = self.in_one_commit(connection, |connection| self.share_destroyed(connection))?;
        match self.in_one_commit(connection, |connection| self.mend(connection, Attached::First)) {
            Ok(true) => Ok(Recovered::Anew),
            Ok(false) => Ok(Recovered::Same),
            Err(Error::Misfit(Misfit::FirstAhead)) if is_destroyed => {
                let connection = of_sqlite(connection)?;
                let knows_more = self.has_news(connection, News::All, ["second", "main"])?;
                if knows_more { Err(Error::Misfit(Misfit::FirstAhead)) } else { Ok(Recovered::Destroyed) }
            }
            Err(error) => Err(error),
        }
    }

    /// Does what may change both files, and leaves no bytes in the logs of what it took away. Gives whether it did change
    /// them.
    fn in_one_commit(
        &self,
        connection: &mut AnyConnection,
        work: impl FnOnce(&mut SqliteConnection) -> Result<bool>,
    ) -> Result<bool> {
        let connection = of_sqlite(connection)?;
        connection.batch_execute("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON")?;
        let done = work(connection).and_then(|done| {
            connection.batch_execute("COMMIT")?;
            Ok(done)
        });
        if done.is_err() {
            // It may have been undone already.
            drop(connection.batch_execute("ROLLBACK"));
        }
        if matches!(done, Ok(true)) {
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        done
    }

    /// Destroys in each file what was destroyed in the other. What is of another installation is none of it.
    fn share_destroyed(&self, connection: &mut SqliteConnection) -> Result<bool> {
        const CHANGES: &str = "SELECT total_changes() AS count";
        if count(connection, self.mirrored.related)? == 0 {
            return Ok(false);
        }
        let before = count(connection, CHANGES)?;
        for [ours, theirs] in [["main.", "second."], ["second.", "main."]] {
            let destroy = self.mirrored.destroy.replace("ours.", ours).replace("theirs.", theirs);
            connection.batch_execute(&destroy)?;
        }
        let is_changed = count(connection, CHANGES)? != before;
        if is_changed {
            // They are not the same yet.
            for file in ["main", "second"] {
                Lineage::of(connection, file)?.next(&self.environment).write(connection, file)?;
            }
        }
        Ok(is_changed)
    }

    /// Makes the attached file the same as the other, unless it knows more. A second that lacks the last commit of the
    /// first may have what that took away.
    ///
    /// # Errors
    /// [`Misfit::SecondAhead`] and [`Misfit::FirstAhead`], for what is `attached`; what a file refuses.
    fn mend(&self, connection: &mut SqliteConnection, attached: Attached) -> Result<bool> {
        let [ours, theirs] = [Lineage::of(connection, "main")?, Lineage::of(connection, "second")?];
        let is_behind = attached == Attached::Second && ours.follows(theirs);
        let news = if is_behind { News::Lasting } else { News::All };
        if self.has_news(connection, news, ["main", "second"])? {
            return Err(Error::Misfit(attached.ahead()));
        }
        let mut differs = ours.present == 0 || theirs.present != ours.present;
        for MirroredTable { name, .. } in self.mirrored.tables {
            differs |= count(
                connection,
                &format!(
                    "SELECT EXISTS (SELECT * FROM main.{name} EXCEPT SELECT * FROM second.{name})
                     OR EXISTS (SELECT * FROM second.{name} EXCEPT SELECT * FROM main.{name}) AS count"
                ),
            )? > 0;
        }
        if !differs {
            return Ok(false);
        }
        for MirroredTable { name, key, .. } in self.mirrored.tables {
            connection.batch_execute(&format!(
                "DELETE FROM second.{name} WHERE ({key}) IN (SELECT {key} FROM
                     (SELECT * FROM second.{name} EXCEPT SELECT * FROM main.{name}));
                 INSERT INTO second.{name} SELECT * FROM main.{name} EXCEPT SELECT * FROM second.{name};"
            ))?;
        }
        // Broken off between the two, it leaves the attached one behind as it was before.
        name_both(connection, theirs.next(&self.environment))?;
        Ok(true)
    }

    /// Whether one file, `theirs`, knows something that the other does not.
    fn has_news(
        &self,
        connection: &mut SqliteConnection,
        news: News,
        [ours, theirs]: [&str; 2],
    ) -> Result<bool> {
        for MirroredTable { name, lasting, passing, .. } in self.mirrored.tables {
            let condition = match news {
                News::Lasting => (*lasting).to_owned(),
                News::All => format!("({lasting}) OR ({passing})"),
            };
            let query = format!(
                "SELECT EXISTS (SELECT 1 FROM {theirs}.{name} AS theirs WHERE {}) AS count",
                condition.replace("ours", &format!("{ours}.{name}"))
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

/// Names the state that both files are in after this commit.
fn name_both(connection: &mut SqliteConnection, state: Lineage) -> Result<()> {
    state.write(connection, "main")?;
    state.write(connection, "second")
}

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;

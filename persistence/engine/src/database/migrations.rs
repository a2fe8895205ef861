//! The two migration trees, embedded in the program.

use std::collections::HashSet;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::dialect;
use super::query::RunQuery;
use crate::error::{Error, Misfit, Part, Result};

const SQLITE_DATA: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite/data");
const SQLITE_KEYS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite/keys");
const POSTGRES_DATA: EmbeddedMigrations = embed_migrations!("../../migrations/postgres/data");
const POSTGRES_KEYS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres/keys");

const SQLITE_STATISTICS: &str = include_str!("../../../../migrations/sqlite/statistics/data.sql");

/// Which of the two databases: they never share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Everything that is kept.
    Data,
    /// The keys that make it readable.
    Keys,
}

/// A migration and whether it has been run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Version and name, as in the folder `migrations/`.
    pub name: String,
}

impl Schema {
    /// Which part of the installation has it.
    pub fn part(self) -> Part {
        match self {
            Self::Data => Part::Data,
            Self::Keys => Part::Keys,
        }
    }

    fn sqlite(self) -> EmbeddedMigrations {
        match self {
            Self::Data => SQLITE_DATA,
            Self::Keys => SQLITE_KEYS,
        }
    }

    fn postgres(self) -> EmbeddedMigrations {
        match self {
            Self::Data => POSTGRES_DATA,
            Self::Keys => POSTGRES_KEYS,
        }
    }

    /// The migrations that still have to be run. Unlike diesel's own question it makes no table, which the role that
    /// serves may not.
    pub fn pending(self, connection: &mut AnyConnection) -> Result<Vec<MigrationStatus>> {
        let run = versions_run(connection)?;
        match connection {
            AnyConnection::Sqlite(_) => pending::<Sqlite>(&self.sqlite(), &run),
            AnyConnection::Postgres(_) => pending::<Pg>(&self.postgres(), &run),
        }
    }

    /// Whether no migration was run at all.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn is_absent(self, connection: &mut AnyConnection) -> Result<bool> {
        Ok(versions_run(connection)?.is_empty())
    }

    /// The version of the last migration that was run.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn newest_run(connection: &mut AnyConnection) -> Result<Option<String>> {
        Ok(versions_run(connection)?.into_iter().max())
    }

    /// Checks that the other schema is not in this database, whatever its address is: who has both has everything.
    ///
    /// # Errors
    /// [`Error::Misfit`].
    pub fn check_alone(self, connection: &mut AnyConnection) -> Result<()> {
        let of_the_other = match self {
            Self::Data => "system_key",
            Self::Keys => "audit_entry",
        };
        if dialect::has_table(connection, of_the_other)? {
            return Err(Error::Misfit(Misfit::OneDatabase));
        }
        Ok(())
    }

    /// Checks that no newer program changed the database: this one may write what that one no longer reads.
    ///
    /// # Errors
    /// [`Error::Internal`] when a migration was run that this program does not know.
    pub fn check_known(self, connection: &mut AnyConnection) -> Result<()> {
        let mut run = versions_run(connection)?;
        let known = match connection {
            AnyConnection::Sqlite(_) => versions::<Sqlite>(&self.sqlite()),
            AnyConnection::Postgres(_) => versions::<Pg>(&self.postgres()),
        }?;
        run.retain(|version| !known.contains(version));
        match run.into_iter().min() {
            None => Ok(()),
            Some(version) => Err(Error::internal(format!(
                "{self:?} database: a newer version of this program ran migration {version}; use that version"
            ))),
        }
    }

    /// Runs what is pending, one process at a time, and tells what was run.
    ///
    /// # Errors
    /// As [`Self::check_alone`] and [`Self::check_known`]; what the database refuses.
    pub fn migrate(self, connection: &mut AnyConnection) -> Result<Vec<MigrationStatus>> {
        dialect::lock_migrations(connection)?;
        let checked = self.check_alone(connection).and_then(|()| self.check_known(connection));
        let done = checked.and_then(|()| match connection {
            AnyConnection::Sqlite(connection) => {
                let done = run(connection, self.sqlite())?;
                if self == Self::Data && !done.is_empty() {
                    give_statistics(connection)?;
                }
                Ok(done)
            }
            AnyConnection::Postgres(connection) => run(connection, self.postgres()),
        });
        dialect::unlock_migrations(connection)?;
        done
    }

    /// Takes back every migration. The data is gone after it; for tests of the migrations themselves.
    pub fn revert(self, connection: &mut AnyConnection) -> Result<usize> {
        let reverted = match connection {
            AnyConnection::Sqlite(connection) => {
                connection.revert_all_migrations(self.sqlite()).map(|done| done.len())
            }
            AnyConnection::Postgres(connection) => {
                connection.revert_all_migrations(self.postgres()).map(|done| done.len())
            }
        };
        reverted.map_err(Error::internal)
    }
}

/// The versions of the migrations that were run, if any were.
fn versions_run(connection: &mut AnyConnection) -> Result<HashSet<String>> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    if !dialect::has_table(connection, "__diesel_schema_migrations")? {
        return Ok(HashSet::new());
    }
    let query = sql_query("SELECT version FROM __diesel_schema_migrations");
    let run: Vec<Version> = RunQuery::load(query, connection)?;
    Ok(run.into_iter().map(|row| row.version).collect())
}

/// The versions of all migrations of a tree.
fn versions<DB>(source: &EmbeddedMigrations) -> Result<HashSet<String>>
where
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = source.migrations().map_err(Error::internal)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn pending<DB>(source: &EmbeddedMigrations, run: &HashSet<String>) -> Result<Vec<MigrationStatus>>
where
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = source.migrations().map_err(Error::internal)?;
    let names = migrations.iter().map(|migration| migration.name());
    let left = names.filter(|name| !run.contains(&name.version().to_string()));
    Ok(left.map(|name| MigrationStatus { name: name.to_string() }).collect())
}

fn run<DB, C>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<MigrationStatus>>
where
    DB: Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let done = connection.run_pending_migrations(source).map_err(Error::internal)?;
    Ok(done.iter().map(|version| MigrationStatus { name: version.to_string() }).collect())
}

/// Tells SQLite what the tables will be like (docs/adr/0083-sqlite-is-told-what-its-tables-will-be-like.md).
fn give_statistics(connection: &mut SqliteConnection) -> Result<()> {
    connection.immediate_transaction(|connection| Ok(connection.batch_execute(SQLITE_STATISTICS)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::url::DatabaseUrl;

    /// What the migration of a later version leaves behind.
    const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";

    #[test]
    fn both_trees_have_the_same_names_and_can_be_taken_back() {
        let names = |source: &EmbeddedMigrations| -> Vec<String> {
            MigrationSource::<Sqlite>::migrations(source)
                .unwrap()
                .iter()
                .map(|migration| migration.name().to_string())
                .collect()
        };
        assert_eq!(names(&SQLITE_DATA), names(&POSTGRES_DATA));
        assert_eq!(names(&SQLITE_KEYS), names(&POSTGRES_KEYS));
        let folder = tempfile::tempdir().unwrap();
        for schema in [Schema::Data, Schema::Keys] {
            let url = DatabaseUrl::Sqlite(folder.path().join(format!("{schema:?}")));
            url.create().unwrap();
            let mut connection = url.connect().unwrap();
            let run = schema.migrate(&mut connection).unwrap().len();
            assert!(run > 0);
            assert!(schema.pending(&mut connection).unwrap().is_empty());
            connection.batch_execute(NEWER).unwrap();
            for refused in [schema.check_known(&mut connection).err(), schema.migrate(&mut connection).err()]
            {
                assert!(refused.unwrap().to_string().contains("99990101000000"));
            }
            connection
                .batch_execute("DELETE FROM __diesel_schema_migrations WHERE version LIKE '9999%'")
                .unwrap();
            assert_eq!(schema.revert(&mut connection).unwrap(), run);
            assert_eq!(schema.pending(&mut connection).unwrap().len(), run);
        }
    }

    /// A count of what a query finds.
    fn count(connection: &mut AnyConnection, query: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let found: Vec<Count> =
            RunQuery::load(sql_query(format!("SELECT count(*) AS count {query}")), connection).unwrap();
        found[0].count
    }

    #[test]
    fn of_a_table_whose_statistics_are_given_all_indexes_have_them() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("data"));
        url.create().unwrap();
        Schema::Data.migrate(&mut url.connect().unwrap()).unwrap();
        let mut connection = url.connect().unwrap();
        // What a table without a rowid is ordered by goes by the name of the table.
        let indexes = "(SELECT m.name AS tbl, CASE WHEN i.origin = 'pk' AND m.sql LIKE '%WITHOUT ROWID%' THEN m.name \
            ELSE i.name END AS idx, (SELECT count(*) FROM pragma_index_info(i.name)) AS columns \
            FROM sqlite_schema m, pragma_index_list(m.name) i WHERE m.type = 'table') AS known";
        let given =
            "(SELECT tbl, idx, length(stat) - length(replace(stat, ' ', '')) AS columns FROM sqlite_stat1)";
        let all = count(&mut connection, "FROM sqlite_stat1");
        assert!(all > 20);
        let same = format!("FROM {given} AS given JOIN {indexes} USING (tbl, idx, columns)");
        assert_eq!(count(&mut connection, &same), all, "an index is gone, or has other columns");
        let missing = format!("FROM {indexes} WHERE tbl IN (SELECT tbl FROM sqlite_stat1)");
        assert_eq!(count(&mut connection, &missing), all, "an index has no statistics");
        let plan = "FROM registration WHERE institution_id = x'00' AND pupil_id = x'01'";
        #[derive(QueryableByName)]
        struct Step {
            #[diesel(sql_type = Text)]
            detail: String,
        }
        let steps: Vec<Step> =
            RunQuery::load(sql_query(format!("EXPLAIN QUERY PLAN SELECT * {plan}")), &mut connection)
                .unwrap();
        assert!(steps[0].detail.contains("registration_pupil"));
    }
}

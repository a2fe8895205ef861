//! The two migration trees, embedded in the program.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::dialect;
use crate::error::{Error, Result};

const SQLITE_DATA: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite/data");
const SQLITE_KEYS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite/keys");
const POSTGRES_DATA: EmbeddedMigrations = embed_migrations!("../../migrations/postgres/data");
const POSTGRES_KEYS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres/keys");

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

    /// The migrations that still have to be run.
    pub fn pending(self, connection: &mut AnyConnection) -> Result<Vec<MigrationStatus>> {
        match connection {
            AnyConnection::Sqlite(connection) => pending(connection, self.sqlite()),
            AnyConnection::Postgres(connection) => pending(connection, self.postgres()),
        }
    }

    /// Runs what is pending, one process at a time, and tells what was run.
    pub fn migrate(self, connection: &mut AnyConnection) -> Result<Vec<MigrationStatus>> {
        dialect::lock_migrations(connection)?;
        let done = match connection {
            AnyConnection::Sqlite(connection) => run(connection, self.sqlite()),
            AnyConnection::Postgres(connection) => run(connection, self.postgres()),
        };
        dialect::unlock_migrations(connection)?;
        if let AnyConnection::Sqlite(connection) = connection {
            connection.batch_execute("PRAGMA optimize")?;
        }
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

fn pending<DB, C>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<MigrationStatus>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = connection.pending_migrations(source).map_err(Error::internal)?;
    Ok(migrations.iter().map(|migration| MigrationStatus { name: migration.name().to_string() }).collect())
}

fn run<DB, C>(connection: &mut C, source: EmbeddedMigrations) -> Result<Vec<MigrationStatus>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let done = connection.run_pending_migrations(source).map_err(Error::internal)?;
    Ok(done.iter().map(|version| MigrationStatus { name: version.to_string() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::url::DatabaseUrl;

    #[test]
    fn both_trees_have_the_same_names_and_can_be_taken_back() {
        let names = |source: &EmbeddedMigrations| -> Vec<String> {
            MigrationSource::<diesel::sqlite::Sqlite>::migrations(source)
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
            assert_eq!(schema.revert(&mut connection).unwrap(), run);
            assert_eq!(schema.pending(&mut connection).unwrap().len(), run);
        }
    }
}

//! Which edition of an embedded database is the present one: what was read of an earlier one may be out of date.
//!
//! There are two counts. That of the *data* is raised by each commit of more than entries of the audit log. That of what
//! is *remembered* ([`crate::remembered`]) is raised only when a row of a watched table changed: every table is watched
//! but those that are named as having nothing to do with what is remembered, so a table that nobody thought of costs time
//! and lets nobody in. Triggers of the writer's own connection notice (TEMP: nothing of them is stored, and changes by a
//! foreign key fire them too).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use diesel::connection::SimpleConnection;

use super::connection::AnyConnection;
use super::dialect::tables;
use crate::error::Result;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Notes that a row of a watched table changed.
    fn note_change() -> Integer;
}

/// The counts.
#[derive(Clone, Default)]
pub(crate) struct Editions {
    data: Arc<AtomicU64>,
    remembered: Arc<AtomicU64>,
    /// The tables that are not watched; with none named, every commit counts for both.
    apart: Option<&'static [&'static str]>,
}

impl Editions {
    /// With these tables not watched.
    pub(crate) fn apart_from(tables: &'static [&'static str]) -> Self {
        Self { apart: Some(tables), ..Self::default() }
    }

    /// The edition of the data.
    pub(crate) fn data(&self) -> u64 {
        self.data.load(Ordering::Acquire)
    }

    /// The edition of what is remembered.
    pub(crate) fn remembered(&self) -> u64 {
        self.remembered.load(Ordering::Acquire)
    }

    /// Marks what was read before as out of date; of what is remembered only if that was concerned. Whoever sees the new
    /// edition of that reads the new data: so it is raised last.
    pub(crate) fn raise(&self, concerns_remembered: bool) {
        self.data.fetch_add(1, Ordering::AcqRel);
        if concerns_remembered {
            self.remembered.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Watches what is changed on a connection.
    pub(crate) fn watch(&self, connection: &mut AnyConnection) -> Result<Watch> {
        let Some(apart) = self.apart else { return Ok(Watch(None)) };
        let watched: Vec<_> =
            tables(connection)?.into_iter().filter(|table| !apart.contains(&table.name.as_str())).collect();
        let AnyConnection::Sqlite(connection) = connection else { return Ok(Watch(None)) };
        let changed = Arc::<AtomicBool>::default();
        let noting = changed.clone();
        note_change_utils::register_nondeterministic_impl(connection, move || {
            noting.store(true, Ordering::Relaxed);
            0
        })?;
        let mut triggers = String::new();
        for table in watched {
            for change in ["INSERT", "UPDATE", "DELETE"] {
                let name = &table.name;
                triggers.push_str(&format!(
                    "CREATE TEMP TRIGGER \"{name} {change}\" AFTER {change} ON main.\"{name}\" \
                     BEGIN SELECT note_change(); END;"
                ));
            }
        }
        connection.batch_execute(&triggers)?;
        Ok(Watch(Some(changed)))
    }
}

/// Watches one connection.
pub(crate) struct Watch(Option<Arc<AtomicBool>>);

impl Watch {
    /// Whether a row of a watched table was changed since this was last asked, or may have been.
    pub(crate) fn take(&self) -> bool {
        self.0.as_ref().is_none_or(|changed| changed.swap(false, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::migrations::Schema;
    use crate::database::url::DatabaseUrl;
    use crate::environment::testing;
    use crate::error::Error;
    use crate::pool::{Database, Share};

    const SHARE: Share = Share { readers: 2, parallel: 1, writers: 1 };
    const TABLES: &str = "CREATE TABLE line (text TEXT) STRICT;
        CREATE TABLE door (id INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID;
        CREATE TABLE guest (id INTEGER PRIMARY KEY, door INTEGER REFERENCES door (id) ON DELETE CASCADE) STRICT;
        CREATE TABLE plate (door INTEGER REFERENCES door (id) ON DELETE CASCADE) STRICT;
        INSERT INTO door VALUES (1), (2);
        INSERT INTO guest VALUES (1, 1);";

    /// Which of the two editions a change raises.
    async fn raised(database: &Database, statements: &'static str) -> (bool, bool) {
        let editions = || (database.edition(), database.remembered_edition());
        let before = editions();
        let done =
            database.writer().run(move |connection, _| Ok(connection.batch_execute(statements)?)).await;
        assert!(done.is_ok(), "{statements}");
        let after = editions();
        (before.0 != after.0, before.1 != after.1)
    }

    #[tokio::test]
    async fn what_is_remembered_outlives_changes_of_the_tables_that_are_apart_and_of_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("keys"));
        url.create().unwrap();
        let mut connection = url.connect().unwrap();
        Schema::Keys.migrate(&mut connection).unwrap();
        connection.batch_execute(TABLES).unwrap();
        let environment = testing::environment();
        let open =
            || Database::open_apart_from(&["line", "plate"], url.clone(), Schema::Keys, SHARE, &environment);
        let database = open().unwrap();
        let apart = ["INSERT INTO line VALUES ('a')", "UPDATE line SET text = 'b'", "DELETE FROM line"];
        for statements in apart {
            // The first commit of a writer finds that it does not know who wrote before.
            raised(&database, statements).await;
            assert_eq!(raised(&database, statements).await, (true, false), "{statements}");
        }
        let watched = [
            "INSERT INTO door VALUES (3)",
            "UPDATE door SET id = 4 WHERE id = 3",
            "REPLACE INTO door VALUES (4)",
            "DELETE FROM door WHERE id = 4",
            "INSERT INTO line VALUES ('c'); UPDATE guest SET door = 2",
            "DELETE FROM guest",
        ];
        for statements in watched {
            assert_eq!(raised(&database, statements).await, (true, true), "{statements}");
            assert_eq!(raised(&database, "DELETE FROM line").await, (true, false), "after {statements}");
        }
        // A foreign key that cascades into a watched table, and into one that is apart.
        raised(&database, "INSERT INTO guest VALUES (2, 2); INSERT INTO plate VALUES (1), (2)").await;
        assert_eq!(raised(&database, "DELETE FROM plate").await, (true, false));
        assert_eq!(raised(&database, "DELETE FROM door WHERE id = 2").await, (true, true));
        assert_eq!(raised(&database, "DELETE FROM line").await, (true, false));

        connection.batch_execute("INSERT INTO line VALUES ('of another connection')").unwrap();
        assert_eq!(raised(&database, "DELETE FROM line").await, (true, true));

        let refused = database.writer().run(|connection, _| {
            connection.batch_execute("DELETE FROM door")?;
            Err::<(), _>(Error::NotFound)
        });
        assert!(refused.await.is_err());
        let all = Database::open(url.clone(), Schema::Keys, SHARE, &environment).unwrap();
        drop(database);
        raised(&all, "DELETE FROM line").await;
        assert_eq!(raised(&all, "DELETE FROM line").await, (true, true));
    }
}

//! Two files that a commit was broken off between.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::*;
use crate::database::migrations::Schema;
use crate::environment::testing;
use crate::keys::second::TABLES;
use crate::pool::{Database, Share};

struct Pair {
    folder: TempDir,
}

impl Pair {
    fn new() -> Self {
        let pair = Self { folder: tempfile::tempdir().unwrap() };
        for file in [pair.first(), pair.second()] {
            let url = DatabaseUrl::Sqlite(file);
            url.create().unwrap();
            Schema::Keys.migrate(&mut url.connect().unwrap()).unwrap();
        }
        pair
    }

    fn first(&self) -> PathBuf {
        self.folder.path().join("first")
    }

    fn second(&self) -> PathBuf {
        self.folder.path().join("second")
    }

    fn open(&self) -> Result<Database> {
        let environment = testing::environment();
        let mirror = Mirror::new(DatabaseUrl::Sqlite(self.second()), TABLES, &environment);
        let share = Share { readers: 1, parallel: 1, writers: 1 };
        Database::open_mirrored(
            DatabaseUrl::Sqlite(self.first()),
            Some(mirror),
            Schema::Keys,
            share,
            &environment,
        )
    }

    /// One commit.
    async fn write(&self, statements: &'static str) {
        let database = self.open().unwrap();
        database.writer().run(move |connection, _| Ok(connection.batch_execute(statements)?)).await.unwrap();
    }

    fn are_same(&self) -> bool {
        let keys = |file: &Path| {
            let mut connection = DatabaseUrl::Sqlite(file.to_owned()).connect().unwrap();
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            let connection = of_sqlite(&mut connection).unwrap();
            let all = "SELECT coalesce(sum(length(hex(key_id))), 0) * 1000 + count(wrapped) AS count FROM subject_key";
            (count(connection, all).unwrap(), number(connection, "main").unwrap())
        };
        keys(&self.first()) == keys(&self.second())
    }
}

/// The bytes of a file that nobody uses.
fn bytes(file: &Path) -> Vec<u8> {
    DatabaseUrl::Sqlite(file.to_owned())
        .connect()
        .unwrap()
        .batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    fs::read(file).unwrap()
}

fn put_back(file: &Path, bytes: &[u8]) {
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", file.display()));
    }
    fs::write(file, bytes).unwrap();
}

const PARENT: &str = "INSERT INTO institution_key VALUES (x'01', 1, x'aa', x'ff', 1, x'99', 1)";
const ONE: &str = "INSERT INTO subject_key VALUES (x'10', x'aa', 'pupil', x'b1', x'01', 1, x'77', 1, NULL)";
const OTHER: &str = "INSERT INTO subject_key VALUES (x'20', x'aa', 'pupil', x'b2', x'01', 1, x'88', 1, NULL)";
const DISCARD: &str = "DELETE FROM subject_key WHERE key_id = x'10'";
const DESTROY: &str =
    "UPDATE subject_key SET wrapped = NULL, parent_id = NULL, parent_version = NULL, destroyed_at = 2
    WHERE key_id = x'20'";
/// A key goes and another comes for the same owner, under a version that replaces the last, in one commit.
const ALL_ANEW: &str = "INSERT INTO institution_key VALUES (x'01', 2, x'aa', x'ff', 1, x'98', 2);
    DELETE FROM subject_key WHERE key_id = x'20';
    INSERT INTO subject_key VALUES (x'30', x'aa', 'pupil', x'b2', x'01', 2, x'66', 2, NULL);
    DELETE FROM institution_key WHERE version = 1";

#[tokio::test]
async fn a_commit_that_reached_only_the_first_reaches_the_second_at_the_next_opening() {
    let pair = Pair::new();
    for statements in [PARENT, ONE, OTHER, DISCARD, ALL_ANEW] {
        drop(pair.open().unwrap());
        let before = bytes(&pair.second());
        pair.write(statements).await;
        assert!(pair.are_same(), "{statements}");
        put_back(&pair.second(), &before);
        assert!(!pair.are_same(), "{statements}");
        drop(pair.open().unwrap());
        assert!(pair.are_same(), "{statements}");
    }
}

#[tokio::test]
async fn a_second_that_knows_more_by_more_than_one_commit_is_left_alone() {
    let pair = Pair::new();
    for statements in [PARENT, ONE, OTHER] {
        pair.write(statements).await;
    }
    let [first, second] = [bytes(&pair.first()), bytes(&pair.second())];
    // One behind with what that commit took away, and two behind.
    pair.write(DISCARD).await;
    pair.write(DESTROY).await;
    let [first_after, second_after] = [bytes(&pair.first()), bytes(&pair.second())];
    put_back(&pair.second(), &second);
    assert!(matches!(pair.open().err(), Some(Error::Misfit(Misfit::SecondAhead))));
    assert_eq!(bytes(&pair.second()).len(), second.len());
    // A first from before knows less, of what was destroyed too.
    put_back(&pair.first(), &first);
    put_back(&pair.second(), &second_after);
    assert!(matches!(pair.open().err(), Some(Error::Misfit(Misfit::SecondAhead))));
    put_back(&pair.first(), &first_after);
    drop(pair.open().unwrap());
    assert!(pair.are_same());
}

/// Whoever served from the second alone for a while, and comes back with the old first, loses nothing.
#[tokio::test]
async fn a_second_that_served_alone_is_not_made_what_the_old_first_is() {
    let pair = Pair::new();
    for statements in [PARENT, ONE] {
        pair.write(statements).await;
    }
    let alone = Database::open(
        DatabaseUrl::Sqlite(pair.second()),
        Schema::Keys,
        Share { readers: 1, parallel: 1, writers: 1 },
        &testing::environment(),
    );
    alone.unwrap().writer().run(|connection, _| Ok(connection.batch_execute(OTHER)?)).await.unwrap();
    assert!(matches!(pair.open().err(), Some(Error::Misfit(Misfit::SecondAhead))));
}

#[tokio::test]
async fn work_that_failed_is_copied_nowhere() {
    let pair = Pair::new();
    for statements in [PARENT, ONE] {
        pair.write(statements).await;
    }
    let database = pair.open().unwrap();
    let failed = database.writer().run(|connection, _| {
        connection.batch_execute(OTHER)?;
        Err::<(), _>(Error::NotFound)
    });
    assert!(failed.await.is_err());
    drop(database);
    assert!(pair.are_same());
    let mut connection = DatabaseUrl::Sqlite(pair.second()).connect().unwrap();
    let connection = of_sqlite(&mut connection).unwrap();
    assert_eq!(count(connection, "SELECT count(*) AS count FROM subject_key").unwrap(), 1);
}

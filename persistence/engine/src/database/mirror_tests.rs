//! Two files that a commit was broken off between.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::*;
use crate::database::migrations::Schema;
use crate::environment::testing;
use crate::keys::second::KEYS;
use crate::pool::{Database, Share};

struct Pair {
    folder: TempDir,
    environment: Environment,
}

impl Pair {
    fn new() -> Self {
        let pair = Self { folder: tempfile::tempdir().unwrap(), environment: testing::environment() };
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
        let mirror = Mirror::new(DatabaseUrl::Sqlite(self.second()), KEYS, &self.environment);
        Database::open_mirrored(
            DatabaseUrl::Sqlite(self.first()),
            Some(mirror),
            Schema::Keys,
            SHARE,
            &self.environment,
        )
    }

    /// One commit to one of the two alone.
    async fn write_alone(&self, file: PathBuf, statements: String) {
        let database = Database::open(DatabaseUrl::Sqlite(file), Schema::Keys, SHARE, &self.environment);
        let work = database.unwrap();
        work.writer().run(move |connection, _| Ok(connection.batch_execute(&statements)?)).await.unwrap();
    }

    fn recover(&self) -> Result<Recovered> {
        let mut connection = DatabaseUrl::Sqlite(self.second()).connect().unwrap();
        let first = Mirror::new(DatabaseUrl::Sqlite(self.first()), KEYS, &self.environment);
        first.attach(&mut connection).unwrap();
        first.recover(&mut connection)
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
            (count(connection, all).unwrap(), Lineage::of(connection, "main").unwrap())
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

const SHARE: Share = Share { readers: 1, parallel: 1, writers: 1 };
/// A key of the installation.
const SYSTEM: &str = "INSERT INTO system_key VALUES (x'05', 'login-index', x'ff', 1, x'55', 1, NULL)";
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
    pair.write_alone(pair.second(), OTHER.to_owned()).await;
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

/// The rows of a file that are asked for.
fn counted(file: &Path, condition: &str) -> i64 {
    let mut connection = DatabaseUrl::Sqlite(file.to_owned()).connect().unwrap();
    let query = format!("SELECT count(*) AS count FROM subject_key WHERE {condition}");
    count(of_sqlite(&mut connection).unwrap(), &query).unwrap()
}

fn holds(file: &Path, key: &[u8]) -> bool {
    bytes(file).windows(key.len()).any(|window| window == key)
}

fn is_second_ahead(opened: Result<Database>) -> bool {
    let error = opened.err();
    assert!(matches!(error, None | Some(Error::Misfit(_))), "{error:?}");
    matches!(error, Some(Error::Misfit(Misfit::SecondAhead)))
}

/// The wrapped key of the pupil `x'40'`.
const MARK: [u8; 8] = [0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x88];
const MARKED: &str =
    "INSERT INTO subject_key VALUES (x'40', x'aa', 'pupil', x'b4', x'01', 1, x'1f2e3d4c5b6a7988', 1, NULL)";
const DESTROY_MARKED: &str =
    "UPDATE subject_key SET wrapped = NULL, parent_id = NULL, parent_version = NULL, destroyed_at = 2
    WHERE key_id = x'40'";

/// However many commits a first from before makes on its own, it is not taken for the one that the second follows.
#[tokio::test]
async fn a_destroyed_key_does_not_come_back_from_a_first_that_served_alone() {
    for commits in 0..4 {
        let pair = Pair::new();
        for statements in [SYSTEM, PARENT, ONE, MARKED] {
            pair.write(statements).await;
        }
        let before = bytes(&pair.first());
        pair.write(DESTROY_MARKED).await;
        // Nobody has anything left to write to what is put back.
        drop([bytes(&pair.first()), bytes(&pair.second())]);
        put_back(&pair.first(), &before);
        for commit in 0..commits {
            let key = format!(
                "INSERT INTO system_key VALUES (x'1{commit}', 'token-signing', x'ff', 1, x'66', 1, NULL)"
            );
            pair.write_alone(pair.first(), key).await;
        }
        assert!(is_second_ahead(pair.open()), "{commits}");
        assert_eq!(counted(&pair.second(), "wrapped IS NULL"), 1, "{commits}");
        let recovered = pair.recover().unwrap();
        assert_eq!(recovered, if commits == 0 { Recovered::Anew } else { Recovered::Destroyed }, "{commits}");
        drop(pair.open().unwrap());
        assert!(pair.are_same(), "{commits}");
        for file in [pair.first(), pair.second()] {
            assert_eq!(counted(&file, "wrapped IS NULL AND destroyed_at = 2"), 1, "{commits}");
            assert_eq!(counted(&file, "wrapped IS NOT NULL"), 1, "{commits}");
            assert!(!holds(&file, &MARK), "{commits}");
        }
        assert_eq!(pair.recover().unwrap(), Recovered::Same);
    }
}

/// Nor is a key lost that only the second has.
#[tokio::test]
async fn a_key_that_only_the_second_has_stays_whatever_the_first_did_alone() {
    for commits in 1..4 {
        let pair = Pair::new();
        for statements in [SYSTEM, PARENT, ONE, MARKED] {
            pair.write(statements).await;
        }
        let before = bytes(&pair.first());
        pair.write(OTHER).await;
        pair.write(DESTROY_MARKED).await;
        // Nobody has anything left to write to what is put back.
        drop([bytes(&pair.first()), bytes(&pair.second())]);
        put_back(&pair.first(), &before);
        for commit in 0..commits {
            let key = format!(
                "INSERT INTO system_key VALUES (x'1{commit}', 'token-signing', x'ff', 1, x'66', 1, NULL)"
            );
            pair.write_alone(pair.first(), key).await;
        }
        assert!(is_second_ahead(pair.open()), "{commits}");
        // Each knows a key that the other does not; what was destroyed is gone from both all the same.
        assert!(matches!(pair.recover(), Err(Error::Misfit(Misfit::FirstAhead))), "{commits}");
        assert!(is_second_ahead(pair.open()), "{commits}");
        assert_eq!(counted(&pair.second(), "key_id = x'20' AND wrapped IS NOT NULL"), 1, "{commits}");
        assert!(!holds(&pair.first(), &MARK) && !holds(&pair.second(), &MARK), "{commits}");
    }
}

/// The other way: what the first destroyed alone is not brought back from the second.
#[tokio::test]
async fn recovering_brings_no_destroyed_key_back() {
    let pair = Pair::new();
    for statements in [SYSTEM, PARENT, ONE, MARKED] {
        pair.write(statements).await;
    }
    pair.write_alone(pair.first(), DESTROY_MARKED.to_owned()).await;
    pair.write_alone(pair.first(), DISCARD.to_owned()).await;
    pair.recover().unwrap();
    drop(pair.open().unwrap());
    for file in [pair.first(), pair.second()] {
        assert_eq!(counted(&file, "key_id = x'40' AND wrapped IS NULL"), 1);
        assert!(!holds(&file, &MARK));
    }
}

/// A row that no commit can have brought back is asked for also where the names of the states say that all is well.
#[tokio::test]
async fn what_was_destroyed_counts_whatever_the_names_of_the_states_say() {
    let pair = Pair::new();
    for statements in [SYSTEM, PARENT, ONE, MARKED, DESTROY_MARKED] {
        pair.write(statements).await;
    }
    let raised =
        "UPDATE subject_key SET wrapped = x'1f2e3d4c5b6a7988', parent_id = x'01', parent_version = 1,
        destroyed_at = NULL WHERE key_id = x'40'";
    pair.write_alone(pair.first(), raised.to_owned()).await;
    assert!(is_second_ahead(pair.open()));
    assert_eq!(pair.recover().unwrap(), Recovered::Anew);
    assert!(!holds(&pair.first(), &MARK));
}

#[tokio::test]
async fn what_another_installation_destroyed_is_not_taken_over() {
    let [pair, other] = [Pair::new(), Pair::new()];
    for statements in [SYSTEM, PARENT, ONE] {
        pair.write(statements).await;
    }
    let foreign = SYSTEM.replace("x'05'", "x'06'");
    other.write_alone(other.second(), foreign).await;
    for statements in [PARENT, MARKED, DESTROY_MARKED] {
        other.write_alone(other.second(), statements.to_owned()).await;
    }
    put_back(&pair.second(), &bytes(&other.second()));
    assert!(matches!(pair.recover(), Err(Error::Misfit(Misfit::FirstAhead))));
    assert_eq!(counted(&pair.first(), "wrapped IS NULL"), 0);
}

//! The writer of an embedded database in trouble.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use futures_util::future::join_all;
use tempfile::TempDir;

use super::*;
use crate::database::dialect;
use crate::database::migrations::Schema;
use crate::database::outage::Outage;
use crate::database::query::prelude::*;
use crate::database::readers::Cost;
use crate::environment::testing;
use crate::pool::{Database, Share};

/// How many write at the same time.
const CROWD: usize = 40;

const SHARE: Share = Share { readers: 2, parallel: 1, writers: 1 };

struct Bench {
    database: Database,
    _folder: TempDir,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("keys"));
        url.create().unwrap();
        Schema::Keys.migrate(&mut url.connect().unwrap()).unwrap();
        let database = Database::open(url, Schema::Keys, SHARE, &testing::environment()).unwrap();
        let bench = Self { database, _folder: folder };
        bench.write("CREATE TABLE line (text BLOB)").await.unwrap();
        bench
    }

    async fn write(&self, statements: &'static str) -> Result<()> {
        self.database.writer().run(move |connection, _| Ok(connection.batch_execute(statements)?)).await
    }

    /// Writes one line for each of a crowd, and what no room is left for besides.
    async fn crowd(&self) -> Vec<Result<()>> {
        let statement = |number: usize| match number % 4 {
            3 => "INSERT INTO line VALUES (zeroblob(200000))",
            _ => "INSERT INTO line VALUES ('line')",
        };
        join_all((0..CROWD).map(|number| self.write(statement(number)))).await
    }

    async fn lines(&self) -> i64 {
        let count = self.database.read(Cost::Rows, |connection| {
            Ok(sql_query("SELECT count(*) AS count FROM line").get_result::<Count>(connection)?.count)
        });
        count.await.unwrap()
    }
}

#[tokio::test]
async fn a_full_disk_is_told_to_everybody_and_is_over_as_soon_as_there_is_room() {
    let bench = Bench::new().await;
    // No page more than there are.
    let full = "PRAGMA max_page_count = 1";
    let writer = bench.database.writer();
    writer.run(move |connection, _| Ok(connection.batch_execute(full)?)).await.unwrap();
    let told = bench.crowd().await;
    let written = told.iter().filter(|told| told.is_ok()).count();
    assert!(written < CROWD);
    for told in told.into_iter().filter_map(Result::err) {
        assert!(matches!(told, Error::Unavailable(Outage::Full)), "{told}");
    }
    assert_eq!(
        bench.lines().await,
        i64::try_from(written).unwrap(),
        "what was not acknowledged is not there"
    );
    // The next connection has room again.
    let after = bench.crowd().await;
    assert!(after.iter().all(Result::is_ok));
    bench.database.writer().probe().await.unwrap();
    assert_eq!(bench.lines().await, i64::try_from(written + CROWD).unwrap());
}

#[tokio::test]
async fn a_database_that_another_holds_is_busy_until_it_is_let_go() {
    let bench = Bench::new().await;
    let mut other = bench.database.url().connect().unwrap();
    bench.write("PRAGMA busy_timeout = 0").await.unwrap();
    dialect::begin_write(&mut other).unwrap();
    let told = bench.write("INSERT INTO line VALUES ('line')").await;
    assert!(matches!(told, Err(Error::Busy)), "{told:?}");
    other.batch_execute("COMMIT").unwrap();
    assert!(bench.crowd().await.iter().all(Result::is_ok));
    bench.database.writer().probe().await.unwrap();
}

/// Some 120 MB in one change.
const MUCH: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120) \
     INSERT INTO line SELECT zeroblob(1000000) FROM n";

/// What the log may take on the disk soon after a large change.
const SMALL: u64 = 8 << 20;

/// How long that may take.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_log_gives_its_room_back_when_nothing_is_written() {
    let bench = Bench::new().await;
    // A moment that a reader keeps.
    assert_eq!(bench.lines().await, 0);
    // Less than what is made small at once.
    bench.write("INSERT INTO line VALUES (zeroblob(30000000))").await.unwrap();
    assert!(bench.database.url().log_bytes() > SMALL);
    let begun = Instant::now();
    while bench.database.url().log_bytes() > SMALL {
        assert!(begun.elapsed() < SOON, "{} bytes", bench.database.url().log_bytes());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bench.lines().await, 1);
}

#[tokio::test]
async fn the_log_gives_its_room_back_while_others_read_and_write() {
    let bench = Bench::new().await;
    assert_eq!(bench.lines().await, 0);
    bench.write(MUCH).await.unwrap();
    let begun = Instant::now();
    while bench.database.url().log_bytes() > SMALL {
        assert!(begun.elapsed() < SOON, "{} bytes", bench.database.url().log_bytes());
        // Never a second without a change, and a reader that keeps its moment after each.
        assert!(bench.lines().await >= 120);
        bench.write("INSERT INTO line VALUES ('line')").await.unwrap();
    }
}

#[tokio::test]
async fn a_probe_writes_only_after_something_failed() {
    let bench = Bench::new().await;
    let before = bench.database.edition();
    bench.database.writer().probe().await.unwrap();
    assert_eq!(bench.database.edition(), before);
}

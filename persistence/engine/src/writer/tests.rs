//! The writer of an embedded database in trouble.

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
use crate::pool::Database;

/// How many write at the same time.
const CROWD: usize = 40;

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
        let database = Database::open(url, Schema::Keys, 1, 1, &testing::environment()).unwrap();
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

#[tokio::test]
async fn a_probe_writes_only_after_something_failed() {
    let bench = Bench::new().await;
    let before = bench.database.edition();
    bench.database.writer().probe().await.unwrap();
    assert_eq!(bench.database.edition(), before);
}

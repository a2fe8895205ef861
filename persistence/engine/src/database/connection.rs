//! One type of connection for both databases, so that one query serves both.

use diesel::connection::SimpleConnection;
use diesel::{PgConnection, QueryResult, SqliteConnection};

/// A connection to whichever database is in use. Queries are run on it by [`super::query::RunQuery`].
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

impl SimpleConnection for AnyConnection {
    fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(statements),
            Self::Sqlite(connection) => connection.batch_execute(statements),
        }
    }
}

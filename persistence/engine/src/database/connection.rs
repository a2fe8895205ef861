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

impl AnyConnection {
    /// Whether the other side is still there, as far as this side has heard. Nothing is sent to find out.
    pub(crate) fn is_alive(&mut self) -> bool {
        let Self::Postgres(connection) = self else { return true };
        // The first look takes in the server's last words, the second one that it hung up after them.
        (0..2).all(|_| !matches!(connection.notifications_iter().next(), Some(Err(_))))
    }
}

impl SimpleConnection for AnyConnection {
    fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(statements),
            Self::Sqlite(connection) => connection.batch_execute(statements),
        }
    }
}

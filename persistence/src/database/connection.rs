//! One type of connection for both databases, so that one query serves both.

use diesel::{PgConnection, SqliteConnection};

/// A connection to whichever database is in use. Made by [`super::DatabaseUrl::connect`] alone: the
/// `establish` that the derive adds tries each backend in turn.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

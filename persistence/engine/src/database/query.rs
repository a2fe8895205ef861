//! Running a query on whichever database is in use, as a query of that database.
//!
//! Diesel can make one connection type of two (`MultiConnection`), but then knows a statement by its text alone,
//! and writes that text out at each use. Here a query is given to the connection of its own database, which knows
//! the prepared statement by the query's type (docs/performance.md).

use diesel::backend::Backend;
use diesel::dsl::Limit;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, RunQueryDsl, Selectable, SqliteConnection};

use super::connection::AnyConnection;
use crate::error::Result;

/// The diesel traits that queries use, with [`RunQuery`] instead of `RunQueryDsl`.
pub mod prelude {
    pub use diesel::{
        AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl,
        NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult, Queryable, Selectable,
    };

    pub use super::RunQuery;
    pub use super::columns;
    pub use crate::columns::{TypedColumn, page_start};
}

/// Runs one query, on SQLite or on PostgreSQL.
pub trait RunQuery: Sized {
    /// All rows.
    fn load<'query, U>(self, connection: &mut AnyConnection) -> QueryResult<Vec<U>>
    where
        Self: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => RunQueryDsl::load(self, connection),
            AnyConnection::Postgres(connection) => RunQueryDsl::load(self, connection),
        }
    }

    /// The one row; `NotFound` when there is none.
    fn get_result<'query, U>(self, connection: &mut AnyConnection) -> QueryResult<U>
    where
        Self: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => RunQueryDsl::get_result(self, connection),
            AnyConnection::Postgres(connection) => RunQueryDsl::get_result(self, connection),
        }
    }

    /// The first row; `NotFound` when there is none.
    fn first<'query, U>(self, connection: &mut AnyConnection) -> QueryResult<U>
    where
        Self: LimitDsl,
        Limit<Self>: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        RunQuery::get_result(LimitDsl::limit(self, 1), connection)
    }

    /// How many rows the change touched.
    fn execute(self, connection: &mut AnyConnection) -> QueryResult<usize>
    where
        Self: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
    {
        match connection {
            AnyConnection::Sqlite(connection) => ExecuteDsl::execute(self, connection),
            AnyConnection::Postgres(connection) => ExecuteDsl::execute(self, connection),
        }
    }
}

impl<Q> RunQuery for Q {}

/// The columns that a row type is read from. They are the same on both databases; `as_select` would tie the query
/// to one of them.
pub fn columns<T: Selectable<Sqlite>>() -> T::SelectExpression {
    T::construct_selection()
}

/// A statement without parameters, prepared once for each connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain(pub(crate) &'static str);

impl Plain {
    /// Runs it.
    pub(crate) fn run(self, connection: &mut AnyConnection) -> Result<()> {
        RunQuery::execute(self, connection)?;
        Ok(())
    }
}

impl QueryId for Plain {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Plain {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

/// All rows of a query whose conditions are put together at run time. `into_boxed` ties a query to one database, so the
/// expression is compiled once for each.
#[macro_export]
macro_rules! load_boxed {
    ($connection:expr, $query:expr) => {
        match $connection {
            $crate::database::connection::AnyConnection::Sqlite(connection) => {
                diesel::RunQueryDsl::load($query, connection)
            }
            $crate::database::connection::AnyConnection::Postgres(connection) => {
                diesel::RunQueryDsl::load($query, connection)
            }
        }
    };
}

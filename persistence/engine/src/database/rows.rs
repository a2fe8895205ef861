//! Whole rows of tables whose columns are known at run time. Everything else has its columns checked at compile time: this is
//! for who handles all tables in one way, such as an export, and for nothing else.

use diesel::pg::PgRowByRowLoadingMode;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl, connection, pg::Pg, sql_query};
use serde_json::Value;

use super::connection::AnyConnection;
use super::dialect;
pub use super::dialect::Kind;
use crate::error::{Error, Result};

/// What one row has in one column.
#[derive(Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Bytes.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// A number.
    Integer(i64),
}

/// Which rows are read, and what of them. None of it comes from outside but the values.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The columns, by their expression in SQL.
    pub columns: &'a [(String, Kind)],
    /// The tables, as SQL writes them behind `FROM`.
    pub from: &'a str,
    /// The condition, with `$1` and so on for the values, first used in that order: SQLite counts them so.
    pub filter: &'a str,
    /// What the rows are sorted by.
    pub order: &'a str,
}

/// A row as one JSON array: the one type that a query of any columns has.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    cells: String,
}

/// A statement with its values, for one of the databases.
macro_rules! bound {
    ($statement:expr, $values:expr, $backend:ty) => {{
        let query: BoxedSqlQuery<'_, $backend, SqlQuery> = sql_query($statement).into_boxed();
        $values.iter().fold(query, |query, value| match value {
            Cell::Null => query.bind::<Nullable<Text>, _>(None::<String>),
            Cell::Bytes(bytes) => query.bind::<Binary, _>(bytes.clone()),
            Cell::Text(text) => query.bind::<Text, _>(text.clone()),
            Cell::Integer(number) => query.bind::<BigInt, _>(*number),
        })
    }};
}

/// Runs `each` on the cells of every row, one after the other: they are never all in memory.
///
/// # Errors
/// What the database refuses, and what `each` does.
pub fn each(
    connection: &mut AnyConnection,
    rows: Rows<'_>,
    values: &[Cell],
    mut each: impl FnMut(Vec<Cell>) -> Result<()>,
) -> Result<()> {
    let Rows { columns, from, filter, order } = rows;
    let cells = dialect::json_of_columns(connection, columns);
    let statement = format!("SELECT {cells} AS cells FROM {from} WHERE {filter} ORDER BY {order}");
    let mut read = |line: diesel::QueryResult<Line>| each(cells_of(&line?.cells, columns)?);
    match connection {
        AnyConnection::Sqlite(connection) => {
            let query = bound!(statement, values, Sqlite);
            let mut lines = query.load_iter::<Line, connection::DefaultLoadingMode>(connection)?;
            lines.try_for_each(&mut read)
        }
        AnyConnection::Postgres(connection) => {
            let query = bound!(statement, values, Pg);
            let mut lines = query.load_iter::<Line, PgRowByRowLoadingMode>(connection)?;
            lines.try_for_each(&mut read)
        }
    }
}

fn cells_of(line: &str, columns: &[(String, Kind)]) -> Result<Vec<Cell>> {
    let values: Vec<Value> = serde_json::from_str(line).map_err(Error::internal)?;
    let cell = |(value, (_, kind)): (Value, &(String, Kind))| match (value, kind) {
        (Value::Null, _) => Some(Cell::Null),
        (Value::String(digits), Kind::Bytes) => hex::decode(digits).ok().map(Cell::Bytes),
        (Value::String(text), Kind::Text) => Some(Cell::Text(text)),
        (Value::Number(number), Kind::Integer) => number.as_i64().map(Cell::Integer),
        _ => None,
    };
    let cells: Option<Vec<Cell>> = values.into_iter().zip(columns).map(cell).collect();
    cells.ok_or_else(|| Error::internal("a column does not hold what it is declared to"))
}

/// Enters a row. What is absent is left to the column's default.
///
/// # Errors
/// What the database refuses.
pub fn insert(connection: &mut AnyConnection, table: &str, row: Vec<(&str, Cell)>) -> Result<()> {
    let (columns, values): (Vec<&str>, Vec<Cell>) =
        row.into_iter().filter(|(_, value)| *value != Cell::Null).unzip();
    let places: Vec<String> = (1..=values.len()).map(|number| format!("${number}")).collect();
    let statement = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    match connection {
        AnyConnection::Sqlite(connection) => bound!(statement, values, Sqlite).execute(connection)?,
        AnyConnection::Postgres(connection) => bound!(statement, values, Pg).execute(connection)?,
    };
    Ok(())
}

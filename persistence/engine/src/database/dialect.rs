//! Every place where the two databases need a different statement.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};
use diesel::sqlite::Sqlite;
use groeilijn_domain::values::ids::InstitutionId;

use super::connection::AnyConnection;
use super::lineage::write_over_itself;
use super::query::Plain;
use crate::error::{Error, Result};

/// Begins a transaction that will write. On SQLite it takes the write lock now: a lock taken halfway
/// cannot be waited for.
pub fn begin_write(connection: &mut AnyConnection) -> Result<()> {
    Plain(match connection {
        AnyConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        AnyConnection::Postgres(_) => "BEGIN",
    })
    .run(connection)
}

/// Makes the transaction one that has something to write, without changing anything: its commit tells whether a change
/// can be made.
pub fn probe_write(connection: &mut AnyConnection) -> Result<()> {
    match connection {
        AnyConnection::Sqlite(connection) => write_over_itself(connection, "main"),
        AnyConnection::Postgres(connection) => Ok(connection.batch_execute("SELECT pg_current_xact_id()")?),
    }
}

/// Counts what other connections than this one, and above all other processes, committed to an embedded database.
/// A PostgreSQL database does not say.
pub fn changes_of_others(connection: &mut AnyConnection) -> Result<Option<i32>> {
    Ok(match connection {
        AnyConnection::Sqlite(connection) => Some(RunQueryDsl::get_result(DataVersion, connection)?),
        AnyConnection::Postgres(_) => None,
    })
}

/// `PRAGMA data_version`, as a statement that is prepared once.
#[derive(QueryId)]
struct DataVersion;

impl Query for DataVersion {
    type SqlType = Integer;
}

impl<C> RunQueryDsl<C> for DataVersion {}

impl QueryFragment<Sqlite> for DataVersion {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("PRAGMA data_version");
        Ok(())
    }
}

/// Checkpoints the write-ahead log of an embedded database, so that SQLite starts it over; `false` when a reader's
/// snapshot kept part of it back. PostgreSQL checkpoints by itself.
pub fn empty_log(connection: &mut AnyConnection) -> Result<bool> {
    let AnyConnection::Sqlite(connection) = connection else { return Ok(true) };
    let done: Checkpoint = sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(connection)?;
    Ok(done.busy == 0 && done.log == done.checkpointed)
}

/// Gives the room of an emptied log back to the disk; `false` when somebody was reading it for longer than is waited
/// for here.
pub fn truncate_log(connection: &mut AnyConnection) -> Result<bool> {
    let AnyConnection::Sqlite(connection) = connection else { return Ok(true) };
    connection.batch_execute("PRAGMA busy_timeout = 200")?;
    let done = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(connection);
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(done?.busy == 0)
}

/// Has PostgreSQL write the keys anew, without the bytes of those that were destroyed. It keeps everybody from the key
/// store meanwhile. SQLite writes over what is deleted by itself.
pub fn write_keys_anew(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        connection.batch_execute("SET statement_timeout = 0")?;
        connection.batch_execute("SELECT write_keys_anew()")?;
    }
    Ok(())
}

/// What a checkpoint tells of itself.
#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Checks that a PostgreSQL server tells of errors in English: by that text an outage is known ([`super::outage`]).
///
/// # Errors
/// [`Error::Internal`] with what the operator has to do when it does not.
pub fn check_language(connection: &mut AnyConnection) -> Result<()> {
    #[derive(QueryableByName)]
    struct Language {
        #[diesel(sql_type = Text)]
        lc_messages: String,
    }
    let AnyConnection::Postgres(connection) = connection else { return Ok(()) };
    let Language { lc_messages } = sql_query("SHOW lc_messages").get_result(connection)?;
    // PostgreSQL has no Dutch texts, so a Dutch server speaks English too.
    if ["", "C", "POSIX", "en", "nl"]
        .contains(&lc_messages.split(['_', '.', '@', '-']).next().unwrap_or_default())
    {
        return Ok(());
    }
    Err(Error::internal("PostgreSQL has to tell of errors in English: ALTER ROLE … SET lc_messages = 'C'"))
}

/// Begins a transaction that only reads and sees one moment.
pub fn begin_read(connection: &mut AnyConnection) -> Result<()> {
    Plain(match connection {
        AnyConnection::Sqlite(_) => "BEGIN",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    })
    .run(connection)
}

/// Ends a transaction that only read.
pub fn end_read(connection: &mut AnyConnection) -> Result<()> {
    Plain("ROLLBACK").run(connection)
}

/// Names the institution whose rows this transaction may see (row-level security on PostgreSQL).
pub fn enter_institution(connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        sql_query("SELECT set_config('groeilijn.institution', $1, true)")
            .bind::<Text, _>(institution.as_uuid().simple().to_string())
            .execute(connection)?;
    }
    Ok(())
}

/// The first row of a query, locked until the commit where others write at the same time; on SQLite the writer is
/// alone.
macro_rules! first_locked {
    ($connection:expr, $query:expr) => {
        match $connection {
            $crate::database::connection::AnyConnection::Sqlite(connection) => {
                diesel::OptionalExtension::optional(diesel::RunQueryDsl::first($query, connection))
            }
            $crate::database::connection::AnyConnection::Postgres(connection) => {
                let locked = diesel::QueryDsl::for_update($query);
                diesel::OptionalExtension::optional(diesel::RunQueryDsl::first(locked, connection))
            }
        }
    };
}

/// Runs an `INSERT` that does nothing when there is a row with the same key already.
macro_rules! insert_if_absent {
    ($connection:expr, $insert:expr) => {
        match $connection {
            $crate::database::connection::AnyConnection::Sqlite(connection) => {
                diesel::RunQueryDsl::execute($insert.on_conflict_do_nothing(), connection)
            }
            $crate::database::connection::AnyConnection::Postgres(connection) => {
                diesel::RunQueryDsl::execute($insert.on_conflict_do_nothing(), connection)
            }
        }
    };
}

pub(crate) use {first_locked, insert_if_absent};

/// What a column holds, as far as the database tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ids, digests and sealed values.
    Bytes,
    /// Text of any form.
    Text,
    /// Numbers, moments and flags.
    Integer,
}

/// The columns of a row as one JSON array, in which bytes are hexadecimal digits.
pub fn json_of_columns(connection: &AnyConnection, columns: &[(String, Kind)]) -> String {
    let (array, is_embedded) = match connection {
        AnyConnection::Sqlite(_) => ("json_array", true),
        AnyConnection::Postgres(_) => ("json_build_array", false),
    };
    let cells = columns.iter().map(|(column, kind)| match kind {
        Kind::Text | Kind::Integer => column.clone(),
        // SQLite takes the digits of nothing for an empty text.
        Kind::Bytes if is_embedded => format!("CASE WHEN {column} IS NULL THEN NULL ELSE hex({column}) END"),
        Kind::Bytes => format!("encode({column}, 'hex')"),
    });
    let cells = cells.collect::<Vec<_>>().join(", ");
    format!("CAST({array}({cells}) AS TEXT)")
}

/// Deletes the rows of an institution from a table, of which those who know the table give the name. Gives how many there
/// were.
pub fn delete_of_institution(
    connection: &mut AnyConnection,
    table: &'static str,
    institution: InstitutionId,
) -> Result<usize> {
    let statement = format!("DELETE FROM {table} WHERE institution_id = $1");
    let id = institution.as_bytes().as_slice();
    Ok(match connection {
        AnyConnection::Sqlite(connection) => {
            sql_query(statement).bind::<Binary, _>(id).execute(connection)?
        }
        AnyConnection::Postgres(connection) => {
            sql_query(statement).bind::<Binary, _>(id).execute(connection)?
        }
    })
}

/// Serialises transactions that decide something about a whole institution, until they commit.
pub fn lock_institution(connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
    lock(connection, institution.as_bytes())
}

/// Serialises transactions on `name` until they commit. SQLite has a single writer and needs no lock.
pub fn lock(connection: &mut AnyConnection, name: &[u8]) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
            .bind::<Binary, _>(name)
            .execute(connection)?;
    }
    Ok(())
}

/// Whether there is a table of this name.
pub fn has_table(connection: &mut AnyConnection, name: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        tables: i64,
    }
    let found: Found = match connection {
        AnyConnection::Sqlite(connection) => {
            sql_query("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name = ?")
                .bind::<Text, _>(name)
                .get_result(connection)?
        }
        AnyConnection::Postgres(connection) => sql_query("SELECT count(to_regclass($1)) AS tables")
            .bind::<Text, _>(name)
            .get_result(connection)?,
    };
    Ok(found.tables > 0)
}

/// A table of the database.
#[derive(QueryableByName)]
pub struct Table {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Whether a transaction sees the rows of the institution alone that it names (row-level security).
    #[diesel(sql_type = Bool)]
    pub is_walled: bool,
}

/// The tables of the database by name, the one in which migrations are noted aside.
pub fn tables(connection: &mut AnyConnection) -> Result<Vec<Table>> {
    const NOTED: &str = "__diesel_schema_migrations";
    let found: Vec<Table> = match connection {
        AnyConnection::Sqlite(connection) => {
            sql_query("SELECT name, false AS is_walled FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name")
                .load(connection)?
        }
        AnyConnection::Postgres(connection) => {
            sql_query("SELECT tablename::text AS name, rowsecurity AS is_walled FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
                .load(connection)?
        }
    };
    Ok(found.into_iter().filter(|table| table.name != NOTED).collect())
}

/// What is wrong with the pages and the references of an embedded database.
pub fn integrity_faults(connection: &mut AnyConnection) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Fault {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    #[derive(QueryableByName)]
    struct Dangling {
        #[diesel(sql_type = Text)]
        table: String,
    }
    let AnyConnection::Sqlite(connection) = connection else { return Ok(Vec::new()) };
    let faults: Vec<Fault> = sql_query("PRAGMA integrity_check").load(connection)?;
    let dangling: Vec<Dangling> = sql_query("PRAGMA foreign_key_check").load(connection)?;
    let faults = faults.into_iter().map(|fault| fault.integrity_check).filter(|fault| fault != "ok");
    let dangling =
        dangling.into_iter().map(|row| format!("a row of {} refers to one that is not there", row.table));
    Ok(faults.chain(dangling).collect())
}

/// Lets the statements of this connection take as long as they take.
pub fn wait_as_long_as_it_takes(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        connection.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(())
}

/// Marks a database on a server as one into which a backup is being put back, and empties it of what its owner has in it.
pub fn begin_putting_back(connection: &mut AnyConnection) -> Result<()> {
    Ok(connection.batch_execute(
        "BEGIN; DROP OWNED BY CURRENT_USER CASCADE; CREATE TABLE putting_back (begun boolean NOT NULL); COMMIT",
    )?)
}

/// Whether a backup is being put back into the database, or was until that was broken off.
pub fn is_being_put_back(connection: &mut AnyConnection) -> Result<bool> {
    has_table(connection, "putting_back")
}

/// The end of [`begin_putting_back`].
pub fn end_putting_back(connection: &mut AnyConnection) -> Result<()> {
    Ok(connection.batch_execute("DROP TABLE IF EXISTS putting_back")?)
}

/// How many other connections there are to a database on a server.
pub fn other_connections(connection: &mut AnyConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Others {
        #[diesel(sql_type = BigInt)]
        others: i64,
    }
    let AnyConnection::Postgres(connection) = connection else { return Ok(0) };
    let query = "SELECT count(*) AS others FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL";
    Ok(sql_query(query).get_result::<Others>(connection)?.others)
}

/// Lets one process at a time do the work of this number, as long as this connection lives; `false` when another does it.
/// An embedded database has one process.
pub fn try_lead(connection: &mut AnyConnection, work: i64) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Leads {
        #[diesel(sql_type = Bool)]
        leads: bool,
    }
    let AnyConnection::Postgres(connection) = connection else { return Ok(true) };
    let lead = sql_query("SELECT pg_try_advisory_lock($1) AS leads").bind::<BigInt, _>(work);
    Ok(lead.get_result::<Leads>(connection)?.leads)
}

/// Lets one process at a time migrate, on this connection; another waits as long as it takes. A migration may take as
/// long as it takes too, but it does not wait long for a table that others use: who wants to read that table would wait
/// behind it.
pub fn lock_migrations(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        connection.batch_execute("SET statement_timeout = 0")?;
        connection.batch_execute("SET idle_in_transaction_session_timeout = 0")?;
        connection.batch_execute("SET lock_timeout = 0")?;
        connection.batch_execute("SELECT pg_advisory_lock(7234091)")?;
        connection.batch_execute("SET lock_timeout = '10s'")?;
    }
    Ok(())
}

/// The end of [`lock_migrations`].
pub fn unlock_migrations(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        connection.batch_execute("SELECT pg_advisory_unlock(7234091)")?;
    }
    Ok(())
}

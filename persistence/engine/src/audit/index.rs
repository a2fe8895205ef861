//! Which entries name an object: what "who saw this child" stands on.
//!
//! A page of a roster names a hundred children. In the order of their ids each of these rows would go to a page of its
//! own in the database, a hundred pages for one read; so the index is cut into blocks of some entries, and a block is
//! small enough to be written together (docs/adr/0022-the-index-of-the-audit-log-is-in-blocks.md). Whoever looks for an
//! object takes one step for each block.
//!
//! It is made of many entries at once, in its own order, and so it ends before the log does: the tree says where. What is
//! behind that is looked for in the entries themselves (docs/adr/0082-the-index-of-the-audit-log-follows-it.md).

use std::ops::Range;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use groeilijn_domain::audit::entry::decode_objects;
use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::database::query;
use crate::database::query::prelude::{ExpressionMethods, QueryDsl, TypedColumn};
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_object};

/// How many entries a block has.
pub(super) const BLOCK: u64 = 256;

/// The index is made of this many entries at once.
pub(super) const TOGETHER: u64 = 64;

/// How many rows one statement enters on PostgreSQL: each has five parameters, and PostgreSQL takes no more than 65,535.
const ROWS_ON_POSTGRES: usize = 1000;

/// How many rows one prepared statement enters on SQLite.
const ROWS_ON_SQLITE: usize = 32;

/// That an entry names an object, in the order of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    block: i64,
    kind: i32,
    object: Uuid,
    sequence: i64,
}

/// Enters rows of one block with one statement of SQLite. What all rows have in common is bound once.
struct Enter<'a, const N: usize> {
    institution: InstitutionId,
    rows: &'a [Row; N],
}

impl<const N: usize> QueryId for Enter<'_, N> {
    type QueryId = Enter<'static, N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize> RunQueryDsl<SqliteConnection> for Enter<'_, N> {}

impl<const N: usize> QueryFragment<Sqlite> for Enter<'_, N> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql(
            "INSERT OR IGNORE INTO audit_object (institution_id, block, kind, object_id, sequence) VALUES ",
        );
        for (place, row) in self.rows.iter().enumerate() {
            if place == 0 {
                pass.push_sql("(");
                pass.push_bind_param::<Binary, [u8]>(self.institution.as_bytes())?;
                pass.push_sql(", ");
                pass.push_bind_param::<BigInt, _>(&row.block)?;
            } else {
                pass.push_sql("), (?1, ?2");
            }
            pass.push_sql(", ");
            pass.push_bind_param::<Integer, _>(&row.kind)?;
            pass.push_sql(", ");
            pass.push_bind_param::<Binary, [u8]>(row.object.as_bytes())?;
            pass.push_sql(", ");
            pass.push_bind_param::<BigInt, _>(&row.sequence)?;
        }
        pass.push_sql(")");
        Ok(())
    }
}

/// A number as both databases keep it.
pub(super) fn number(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(Error::internal)
}

/// Enters what the entries of a range name. A row that is there already stays: an older program enters them one by one.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is not what an entry is.
pub(super) fn extend(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    entries: Range<u64>,
) -> Result<()> {
    let mut rows = named_by(connection, institution, entries)?;
    rows.sort_unstable();
    match connection {
        // There is no round trip to save, so the fewest statements that are prepared already: one of many rows and one of
        // a single row.
        AnyConnection::Sqlite(connection) => {
            for rows in rows.chunk_by(|one, other| one.block == other.block) {
                let (many, few) = rows.as_chunks::<ROWS_ON_SQLITE>();
                for rows in many {
                    Enter { institution, rows }.execute(connection)?;
                }
                for row in few {
                    Enter { institution, rows: &[*row] }.execute(connection)?;
                }
            }
        }
        AnyConnection::Postgres(connection) => {
            for rows in rows.chunks(ROWS_ON_POSTGRES) {
                let rows = rows.iter().map(|row| {
                    (
                        audit_object::institution_id.is(institution),
                        audit_object::block.eq(row.block),
                        audit_object::kind.eq(row.kind),
                        audit_object::object_id.is(row.object),
                        audit_object::sequence.eq(row.sequence),
                    )
                });
                diesel::insert_into(audit_object::table)
                    .values(rows.collect::<Vec<_>>())
                    .on_conflict_do_nothing()
                    .execute(connection)?;
            }
        }
    }
    Ok(())
}

/// What the entries of a range name, those aside whose bodies ended.
fn named_by(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    entries: Range<u64>,
) -> Result<Vec<Row>> {
    let named: Vec<(i64, Option<Vec<u8>>)> = query::RunQuery::load(
        audit_entry::table
            .filter(audit_entry::institution_id.is(institution))
            .filter(audit_entry::sequence.ge(number(entries.start)?))
            .filter(audit_entry::sequence.lt(number(entries.end)?))
            .select((audit_entry::sequence, audit_entry::objects)),
        connection,
    )?;
    let (block_len, mut rows) = (number(BLOCK)?, Vec::new());
    for (sequence, objects) in named {
        let Some(objects) = objects else { continue };
        let objects = decode_objects(&objects).ok_or(Error::Unreadable("the audit log"))?;
        rows.extend(objects.into_iter().map(|(kind, object)| Row {
            block: sequence / block_len,
            kind: i32::from(kind as u8),
            object,
            sequence,
        }));
    }
    Ok(rows)
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;

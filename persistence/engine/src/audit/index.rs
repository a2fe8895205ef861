//! Which entries name an object: what "who saw this child" stands on.
//!
//! A page of a roster names a hundred children. In the order of their ids each of these rows would go to a page of its
//! own in the database, a hundred pages for one read; so the index is cut into blocks of some entries, and a block is
//! small enough to be written together (docs/adr/0022-the-index-of-the-audit-log-is-in-blocks.md). Whoever looks for an
//! object takes one step for each block.

use diesel::RunQueryDsl;
use groeilijn_domain::audit::entry::{AuditEntry, Object};

use crate::database::connection::AnyConnection;
use crate::database::query::prelude::{ExpressionMethods, TypedColumn};
use crate::error::{Error, Result};
use crate::schema::audit_object;

/// How many entries a block has.
pub(super) const BLOCK: u64 = 256;

/// How many rows one statement enters: each has five parameters, and PostgreSQL takes no more than 65,535.
const TOGETHER: usize = 1000;

/// A number as both databases keep it.
pub(super) fn number(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(Error::internal)
}

/// Enters what an entry names, in the transaction that enters the entry.
pub(super) fn insert(connection: &mut AnyConnection, entry: &AuditEntry<'_>) -> Result<()> {
    let (block, sequence) = (number(entry.sequence / BLOCK)?, number(entry.sequence)?);
    let row = |(kind, id): &Object| {
        (
            audit_object::institution_id.is(entry.institution),
            audit_object::block.eq(block),
            audit_object::kind.eq(i32::from(*kind as u8)),
            audit_object::object_id.is(*id),
            audit_object::sequence.eq(sequence),
        )
    };
    match connection {
        // There is no round trip to save, and one row is a statement that is prepared already.
        AnyConnection::Sqlite(connection) => {
            for object in entry.objects {
                diesel::insert_into(audit_object::table).values(row(object)).execute(connection)?;
            }
        }
        AnyConnection::Postgres(connection) => {
            for objects in entry.objects.chunks(TOGETHER) {
                let rows: Vec<_> = objects.iter().map(row).collect();
                diesel::insert_into(audit_object::table).values(rows).execute(connection)?;
            }
        }
    }
    Ok(())
}

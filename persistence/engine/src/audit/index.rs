//! Which entries name an object: what "who saw this child" stands on.
//!
//! A page of a roster names a hundred children. In the order of their ids each of these rows would go to a page of its
//! own in the database, a hundred pages for one read; so the index is cut into blocks of some entries, and a block is
//! small enough to be written together (docs/adr/0022-the-index-of-the-audit-log-is-in-blocks.md). Whoever looks for an
//! object takes one step for each block.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use groeilijn_domain::audit::entry::{AuditEntry, Object};
use groeilijn_domain::values::ids::InstitutionId;

use crate::database::connection::AnyConnection;
use crate::database::query::prelude::{ExpressionMethods, TypedColumn};
use crate::error::{Error, Result};
use crate::schema::audit_object;

/// How many entries a block has.
pub(super) const BLOCK: u64 = 256;

/// How many rows one statement enters on PostgreSQL: each has five parameters, and PostgreSQL takes no more than 65,535.
const TOGETHER: usize = 1000;

/// How many objects of one kind one prepared statement enters on SQLite: a quarter of a page, and most groups.
const AT_ONCE: usize = 25;

/// Enters objects of one kind with one statement of SQLite. What all rows have in common is bound once.
struct AtOnce<'a> {
    institution: InstitutionId,
    block: i64,
    kind: i32,
    sequence: i64,
    objects: &'a [Object; AT_ONCE],
}

impl QueryId for AtOnce<'_> {
    type QueryId = AtOnce<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<SqliteConnection> for AtOnce<'_> {}

impl QueryFragment<Sqlite> for AtOnce<'_> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        for (place, (_, id)) in self.objects.iter().enumerate() {
            if place == 0 {
                pass.push_sql(
                    "INSERT INTO audit_object (institution_id, block, kind, object_id, sequence) VALUES (",
                );
                pass.push_bind_param::<Binary, [u8]>(self.institution.as_bytes())?;
                pass.push_sql(", ");
                pass.push_bind_param::<BigInt, _>(&self.block)?;
                pass.push_sql(", ");
                pass.push_bind_param::<Integer, _>(&self.kind)?;
                pass.push_sql(", ");
                pass.push_bind_param::<Binary, [u8]>(id.as_bytes())?;
                pass.push_sql(", ");
                pass.push_bind_param::<BigInt, _>(&self.sequence)?;
            } else {
                pass.push_sql("), (?1, ?2, ?3, ");
                pass.push_bind_param::<Binary, [u8]>(id.as_bytes())?;
                pass.push_sql(", ?5");
            }
        }
        pass.push_sql(")");
        Ok(())
    }
}

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
        // There is no round trip to save, so the fewest statements that are prepared already: one for a page of children,
        // and one for a row.
        AnyConnection::Sqlite(connection) => {
            for objects in entry.objects.chunk_by(|(one, _), (other, _)| one == other) {
                let (some, rest) = objects.as_chunks::<AT_ONCE>();
                for objects in some {
                    let kind = objects.first().map_or(0, |(kind, _)| i32::from(*kind as u8));
                    AtOnce { institution: entry.institution, block, kind, sequence, objects }
                        .execute(connection)?;
                }
                for object in rest {
                    diesel::insert_into(audit_object::table).values(row(object)).execute(connection)?;
                }
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

#[cfg(test)]
mod tests {
    use diesel::QueryDsl as _;
    use groeilijn_domain::activity::ProcessingActivity;
    use groeilijn_domain::audit::entry::{ActorKind, ObjectKind, Outcome};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::database::migrations::Schema;
    use crate::database::query::RunQuery;
    use crate::database::url::DatabaseUrl;

    #[test]
    fn every_object_is_entered_once_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("data"));
        url.create().unwrap();
        let mut connection = url.connect().unwrap();
        Schema::Data.migrate(&mut connection).unwrap();
        let institution = InstitutionId::from_uuid(Uuid::from_u128(7));
        for (sequence, (groups, pupils)) in
            [(0, 1), (1, 25), (1, 24), (0, 100), (30, 51)].into_iter().enumerate()
        {
            let sequence = BLOCK + sequence as u64;
            let of = |kind, count| (0..count).map(move |number| (kind, Uuid::from_u128(number)));
            let objects: Vec<Object> =
                of(ObjectKind::Group, groups).chain(of(ObjectKind::Pupil, pupils)).collect();
            let entry = AuditEntry {
                sequence,
                occurred_at: Timestamp::UNIX_EPOCH,
                institution,
                actor_kind: ActorKind::System,
                actor: None,
                session: None,
                address: None,
                trace_id: [0; 16],
                span_id: [0; 8],
                activity: ProcessingActivity::FollowDevelopment,
                operation: "test",
                objects: &objects,
                outcome: Outcome::Success,
                change_digest: None,
                detail: None,
            };
            insert(&mut connection, &entry).unwrap();
            let entered: Vec<(i64, i32, Uuid)> = RunQuery::load(
                audit_object::table
                    .filter(audit_object::institution_id.is(institution))
                    .filter(audit_object::sequence.eq(number(sequence).unwrap()))
                    .order((audit_object::kind, audit_object::object_id))
                    .select((audit_object::block, audit_object::kind, audit_object::object_id)),
                &mut connection,
            )
            .unwrap();
            let expected: Vec<(i64, i32, Uuid)> =
                objects.iter().map(|(kind, id)| (1, i32::from(*kind as u8), *id)).collect();
            assert_eq!(entered, expected);
        }
    }
}

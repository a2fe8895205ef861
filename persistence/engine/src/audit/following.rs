//! Reading an institution's log forward, from where somebody stopped: what a feed of changes stands on.
//!
//! An entry is in the tree in the order of the commits, in the transaction of what it tells of: on SQLite there is one
//! writer, on PostgreSQL the head of the tree stays locked until the commit. So whoever sees one entry sees all before it,
//! and none comes in between later.

use std::ops::Range;

use groeilijn_domain::audit::entry::{Object, Outcome, decode_objects};
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;

use super::index::number;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::audit_entry;

/// How many bytes of the hash of an entry mark it.
pub const MARK_LEN: usize = 8;

const LOG: &str = "the audit log";

/// What an entry says of what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its place in the log, from 0.
    pub sequence: u64,
    /// When it was decided, in UTC.
    pub occurred_at: Timestamp,
    /// The operation or job.
    pub operation: String,
    /// What it named.
    pub objects: Vec<Object>,
    /// Whether anything was sealed for it: not for a request that came again, of which the outcome was only read.
    pub sealed: bool,
}

/// How many entries an institution's log has.
///
/// # Errors
/// When the database is busy or cannot be read.
pub fn size(connection: &mut AnyConnection, institution: InstitutionId) -> Result<u64> {
    let last: Option<i64> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .order(audit_entry::sequence.desc())
        .select(audit_entry::sequence)
        .first(connection)
        .optional()?;
    last.map_or(Ok(0), |last| u64::try_from(last + 1)).map_err(Error::internal)
}

/// What the log was like before the entry at `sequence`: one that was put back to an earlier state and went on from there
/// has another one, or none.
///
/// # Errors
/// When the database is busy or cannot be read.
pub fn mark(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    sequence: u64,
) -> Result<Option<[u8; MARK_LEN]>> {
    let Some(before) = sequence.checked_sub(1) else { return Ok(Some([0; MARK_LEN])) };
    let hash: Option<Vec<u8>> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.eq(number(before)?))
        .select(audit_entry::leaf_hash)
        .first(connection)
        .optional()?;
    Ok(hash.and_then(|hash| hash.first_chunk().copied()))
}

/// Whether the log still tells everything from the entry at `sequence` on. The oldest end first.
///
/// # Errors
/// When the database is busy or cannot be read.
pub fn tells_from(connection: &mut AnyConnection, institution: InstitutionId, sequence: u64) -> Result<bool> {
    let first: Option<Option<Timestamp>> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.eq(number(sequence)?))
        .select(audit_entry::occurred_at)
        .first(connection)
        .optional()?;
    Ok(first.is_none_or(|occurred_at| occurred_at.is_some()))
}

/// Of the entries in `range` the first `limit` of what was done by one of `operations`.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is not what an entry is.
pub fn done(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    range: Range<u64>,
    operations: &[&'static str],
    limit: i64,
) -> Result<Vec<Done>> {
    let rows: Vec<Row> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(number(range.start)?))
        .filter(audit_entry::sequence.lt(number(range.end)?))
        .filter(audit_entry::operation.eq_any(operations.iter().copied()))
        .filter(audit_entry::outcome.is(Some(Outcome::Success)))
        .order(audit_entry::sequence)
        .limit(limit)
        .select((
            audit_entry::sequence,
            audit_entry::occurred_at,
            audit_entry::operation,
            audit_entry::objects,
            audit_entry::change_digest.is_not_null(),
        ))
        .load(connection)?;
    rows.into_iter().map(|row| read(row).ok_or(Error::Unreadable(LOG))).collect()
}

type Row = (i64, Option<Timestamp>, Option<String>, Option<Vec<u8>>, bool);

fn read((sequence, occurred_at, operation, objects, sealed): Row) -> Option<Done> {
    Some(Done {
        sequence: sequence.try_into().ok()?,
        occurred_at: occurred_at?,
        operation: operation?,
        objects: decode_objects(&objects?)?,
        sealed,
    })
}

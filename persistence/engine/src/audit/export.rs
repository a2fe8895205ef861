//! Entries of a log with everything that their hashes cover: as lines that others take along
//! ([`groeilijn_domain::audit::export`]), and to be hashed anew.

use std::ops::Range;

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Outcome, decode_objects};
use groeilijn_domain::audit::export::{line_of, line_of_ended};
use groeilijn_domain::audit::merkle::Hash;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::audit::index::number;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::audit_entry;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entry)]
struct WholeRow {
    sequence: i64,
    occurred_at: Option<Timestamp>,
    actor_kind: Option<ActorKind>,
    actor_id: Option<Uuid>,
    session_id: Option<SessionId>,
    address: Option<Vec<u8>>,
    trace_id: Option<Vec<u8>>,
    span_id: Option<Vec<u8>>,
    activity: Option<String>,
    operation: Option<String>,
    objects: Option<Vec<u8>>,
    outcome: Option<Outcome>,
    change_digest: Option<Vec<u8>>,
    detail: Option<Vec<u8>>,
    leaf_hash: Vec<u8>,
}

impl WholeRow {
    fn place(&self) -> Option<(u64, Hash)> {
        Some((self.sequence.try_into().ok()?, self.leaf_hash.as_slice().try_into().ok()?))
    }

    fn line(&self, institution: InstitutionId) -> Option<String> {
        let (sequence, leaf_hash) = self.place()?;
        if self.occurred_at.is_none() {
            return line_of_ended(sequence, &leaf_hash);
        }
        self.with_entry(institution, |entry| line_of(entry, &leaf_hash))?
    }

    /// What `work` makes of the entry; `None` when the row is not one that has its body.
    fn with_entry<T>(
        &self,
        institution: InstitutionId,
        work: impl FnOnce(&AuditEntry<'_>) -> T,
    ) -> Option<T> {
        let objects = decode_objects(self.objects.as_deref()?)?;
        Some(work(&AuditEntry {
            sequence: self.sequence.try_into().ok()?,
            occurred_at: self.occurred_at?,
            institution,
            actor_kind: self.actor_kind?,
            actor: self.actor_id,
            session: self.session_id,
            address: self.address.as_deref(),
            trace_id: self.trace_id.as_deref()?.try_into().ok()?,
            span_id: self.span_id.as_deref()?.try_into().ok()?,
            activity: ProcessingActivity::from_code(self.activity.as_deref()?)?,
            operation: self.operation.as_deref()?,
            objects: &objects,
            outcome: self.outcome?,
            change_digest: self.change_digest.as_deref().map(<[u8; 32]>::try_from).transpose().ok()?,
            detail: self.detail.as_deref(),
        }))
    }
}

/// The lines of the entries with these numbers, in order, each with its line break. One that is missing is left out:
/// whoever checks finds that.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is not what an entry is.
pub fn lines(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    range: Range<u64>,
) -> Result<Vec<u8>> {
    let rows = rows(connection, institution, range)?;
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(row.line(institution).ok_or(Error::Unreadable("audit_entry"))?.into_bytes());
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The hashes of the entries with these numbers, in order, which are what the entries say now; `None` when one is missing,
/// says something else, or has no body although one before it has: bodies end in the order of the log.
///
/// # Errors
/// What the database refuses.
pub fn sound_hashes(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    range: Range<u64>,
) -> Result<Option<Vec<Hash>>> {
    let rows = rows(connection, institution, range.clone())?;
    let sound = |(expected, row): (u64, &WholeRow)| {
        let (sequence, leaf_hash) = row.place()?;
        let says = match row.occurred_at {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            Some(_) => row.with_entry(institution, |entry| entry.leaf_hash())?,
            None => leaf_hash,
        };
        (sequence == expected && says == leaf_hash).then_some(leaf_hash)
    };
    let before = rows_before(connection, institution, range.start)?;
    let has_body = before.iter().chain(&rows).map(|row| row.occurred_at.is_some());
    if !has_body.is_sorted() {
        return Ok(None);
    }
    let is_whole = u64::try_from(rows.len()).is_ok_and(|count| count == range.end - range.start);
    Ok(if is_whole { range.zip(&rows).map(sound).collect() } else { None })
}

/// The entry before this one, if it is not the first.
fn rows_before(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    sequence: u64,
) -> Result<Vec<WholeRow>> {
    rows(connection, institution, sequence.saturating_sub(1)..sequence)
}

fn rows(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    range: Range<u64>,
) -> Result<Vec<WholeRow>> {
    Ok(audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(number(range.start)?))
        .filter(audit_entry::sequence.lt(number(range.end)?))
        .order(audit_entry::sequence)
        .select(columns::<WholeRow>())
        .load(connection)?)
}

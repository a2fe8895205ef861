//! The entries of a log as lines that others take along ([`groeilijn_domain::audit::export`]), piece by piece.

use std::ops::Range;

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Outcome, decode_objects};
use groeilijn_domain::audit::export::{line_of, line_of_ended};
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
    fn line(&self, institution: InstitutionId) -> Option<String> {
        let (sequence, leaf_hash) =
            (self.sequence.try_into().ok()?, self.leaf_hash.as_slice().try_into().ok()?);
        let Some(occurred_at) = self.occurred_at else { return line_of_ended(sequence, &leaf_hash) };
        let objects = decode_objects(self.objects.as_deref()?)?;
        let entry = AuditEntry {
            sequence,
            occurred_at,
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
        };
        line_of(&entry, &leaf_hash)
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
    let rows: Vec<WholeRow> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(number(range.start)?))
        .filter(audit_entry::sequence.lt(number(range.end)?))
        .order(audit_entry::sequence)
        .select(columns::<WholeRow>())
        .load(connection)?;
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(row.line(institution).ok_or(Error::Unreadable("audit_entry"))?.into_bytes());
        lines.push(b'\n');
    }
    Ok(lines)
}

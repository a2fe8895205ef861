//! Bodies that went before their time: what an entry says is taken away after two years, so one that was signed later than
//! that has it still, unless somebody hides it.

use std::ops::Range;

use groeilijn_domain::values::ids::InstitutionId;
use jiff::{SignedDuration, Timestamp};

use crate::audit::index::number;
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::Result;
use crate::schema::{audit_checkpoint, audit_entry};

/// How long after an entry was signed its body is there for certain: two years, less a day in which it was not signed yet.
const BODY_LASTS: SignedDuration = SignedDuration::from_hours(729 * 24);

/// Whether one of the entries with these numbers has no body although it was first signed less than two years before `now`.
///
/// # Errors
/// What the database refuses.
pub fn ended_early(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    entries: Range<u64>,
    now: Timestamp,
) -> Result<bool> {
    let last: Option<i64> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(number(entries.start)?))
        .filter(audit_entry::sequence.lt(number(entries.end)?))
        .filter(audit_entry::occurred_at.is_null())
        .order(audit_entry::sequence.desc())
        .select(audit_entry::sequence)
        .first(connection)
        .optional()?;
    let Some(last) = last else { return Ok(false) };
    // The first checkpoint is also of all that was entered before anything was signed, however long before.
    let of_log = audit_checkpoint::table.filter(audit_checkpoint::institution_id.is(institution));
    let first: Option<i64> =
        of_log.order(audit_checkpoint::size).select(audit_checkpoint::size).first(connection).optional()?;
    if first.is_none_or(|first| first > last) {
        return Ok(false);
    }
    let signed_at: Option<Timestamp> = of_log
        .filter(audit_checkpoint::size.gt(last))
        .order(audit_checkpoint::size)
        .select(audit_checkpoint::signed_at)
        .first(connection)
        .optional()?;
    Ok(signed_at.is_some_and(|signed_at| now.duration_since(signed_at) < BODY_LASTS))
}

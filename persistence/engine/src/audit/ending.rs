//! The ends of bodies: of an entry whose time is over only its place in the tree and its leaf hash stay.

use groeilijn_domain::audit::entry::{ActorKind, Outcome};
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::audit::index::{BLOCK, number};
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_object};

/// How many bodies end in one transaction.
const AT_ONCE: i64 = 1_000;

/// Whether the log of an institution, which the transaction has entered, has the body of an entry from before a moment.
///
/// # Errors
/// What the database refuses.
pub fn has_body_before(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    before: Timestamp,
) -> Result<bool> {
    let Some(first) = first_with_body(connection, institution)? else { return Ok(false) };
    Ok(body_of(connection, institution, first)?.is_some_and(|occurred_at| occurred_at < before))
}

/// From when on the log of an institution, which the transaction has entered, tells what entries say; `None` when nothing
/// ended.
///
/// # Errors
/// What the database refuses.
pub fn tells_since(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Option<Timestamp>> {
    match first_with_body(connection, institution)? {
        Some(first) if first > 0 => body_of(connection, institution, first),
        _ => Ok(None),
    }
}

/// Ends the bodies of the oldest entries from before a moment, with what the index says of them, and gives how many
/// there were. There may be more.
///
/// # Errors
/// What the database refuses: it ends none that is not two years old by its own clock.
pub fn end_bodies_before(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    before: Timestamp,
) -> Result<usize> {
    let Some(first) = first_with_body(connection, institution)? else { return Ok(0) };
    let old = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(first))
        .filter(audit_entry::sequence.lt(first + AT_ONCE))
        .filter(audit_entry::occurred_at.before(Some(before)));
    let ended = diesel::update(old)
        .set((
            audit_entry::occurred_at.is(None::<Timestamp>),
            audit_entry::actor_kind.is(None::<ActorKind>),
            audit_entry::actor_id.is(None::<Uuid>),
            audit_entry::session_id.is(None::<SessionId>),
            audit_entry::address.eq(None::<Vec<u8>>),
            audit_entry::trace_id.eq(None::<Vec<u8>>),
            audit_entry::span_id.eq(None::<Vec<u8>>),
            audit_entry::activity.eq(None::<String>),
            audit_entry::operation.eq(None::<String>),
            audit_entry::objects.eq(None::<Vec<u8>>),
            audit_entry::outcome.is(None::<Outcome>),
            audit_entry::change_digest.eq(None::<Vec<u8>>),
            audit_entry::detail.eq(None::<Vec<u8>>),
        ))
        .execute(connection)?;
    let behind = first + i64::try_from(ended).map_err(Error::internal)?;
    forget_objects(connection, institution, first, behind)?;
    Ok(ended)
}

/// Takes away what the index says of the entries from `first` until before `behind`, whose bodies ended.
fn forget_objects(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    first: i64,
    behind: i64,
) -> Result<()> {
    let block = number(BLOCK)?;
    let ended = audit_object::table
        .filter(audit_object::institution_id.is(institution))
        .filter(audit_object::block.between(first / block, behind / block))
        .filter(audit_object::sequence.ge(first))
        .filter(audit_object::sequence.lt(behind));
    diesel::delete(ended).execute(connection)?;
    Ok(())
}

/// The first entry that still has its body. Bodies end in the order of the log, so it is found by halving.
fn first_with_body(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Option<i64>> {
    let last: Option<i64> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .order(audit_entry::sequence.desc())
        .select(audit_entry::sequence)
        .first(connection)
        .optional()?;
    let Some(last) = last else { return Ok(None) };
    let (mut from, mut until) = (0, last + 1);
    while from < until {
        let middle = from + (until - from) / 2;
        if body_of(connection, institution, middle)?.is_some() {
            until = middle;
        } else {
            from = middle + 1;
        }
    }
    Ok(Some(from).filter(|first| *first <= last))
}

/// When an entry was made, in UTC; `None` when its body ended.
fn body_of(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    sequence: i64,
) -> Result<Option<Timestamp>> {
    Ok(audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.eq(sequence))
        .select(audit_entry::occurred_at)
        .first(connection)?)
}

//! Looking into an institution's log: by what entries name, by who acted, and by when (C089, C090).

use std::ops::Range;

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, Object, Outcome, decode_objects};
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use groeilijn_domain::values::refusal::Refusal;
use jiff::Timestamp;
use uuid::Uuid;

use crate::audit::index::{BLOCK, number};
use crate::audit::{following, tree};
use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::load_boxed;
use crate::schema::{audit_entry, audit_object};

const LOG: &str = "the audit log";

/// How many entries one query reads.
const AT_ONCE: u64 = 500;
/// How many entries one query goes through where all are counted.
const COUNTED_AT_ONCE: u64 = 4_000;
/// How many blocks of the index one query looks into.
const BLOCKS_AT_ONCE: u64 = 1_000;
/// How many entries are looked at for one page. Whoever asks for something rare goes on from there.
const MOST_LOOKED_AT: u64 = 20_000;

/// Which entries are asked for; all of these at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// What they name, each of these. The first is found by the index.
    pub objects: Vec<Object>,
    /// Who acted.
    pub actor: Option<Uuid>,
    /// The session in which was asked.
    pub session: Option<SessionId>,
    /// Which operation.
    pub operation: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// From which moment on.
    pub from: Option<Timestamp>,
    /// Before which moment.
    pub until: Option<Timestamp>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place in the log, from 0.
    pub sequence: u64,
    /// The hash under which it is in the tree.
    pub leaf_hash: [u8; 32],
    /// What it says; `None` when its body ended.
    pub body: Option<EntryBody>,
}

/// What an entry says, but for its sealed detail. The fields are those of
/// [`AuditEntry`](groeilijn_domain::audit::entry::AuditEntry).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are described there")]
pub struct EntryBody {
    pub occurred_at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor: Option<Uuid>,
    pub session: Option<SessionId>,
    pub address: Option<Vec<u8>>,
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub activity: ProcessingActivity,
    pub operation: String,
    pub objects: Vec<Object>,
    pub outcome: Outcome,
    pub change_digest: Option<[u8; 32]>,
}

/// What was found, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundEntries {
    /// The entries.
    pub entries: Vec<StoredEntry>,
    /// Where looking ended early: the entries before this one are still to be looked at.
    pub stopped_at: Option<u64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entry)]
struct EntryRow {
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
    leaf_hash: Vec<u8>,
}

impl EntryRow {
    fn read(self) -> Option<StoredEntry> {
        let (sequence, leaf_hash) = (self.sequence.try_into().ok()?, self.leaf_hash.clone().try_into().ok()?);
        let body = match self.occurred_at {
            Some(occurred_at) => Some(self.body(occurred_at)?),
            None => None,
        };
        Some(StoredEntry { sequence, leaf_hash, body })
    }

    fn body(self, occurred_at: Timestamp) -> Option<EntryBody> {
        Some(EntryBody {
            occurred_at,
            actor_kind: self.actor_kind?,
            actor: self.actor_id,
            session: self.session_id,
            address: self.address,
            trace_id: self.trace_id?.try_into().ok()?,
            span_id: self.span_id?.try_into().ok()?,
            activity: ProcessingActivity::from_code(&self.activity?)?,
            operation: self.operation?,
            objects: decode_objects(&self.objects?)?,
            outcome: self.outcome?,
            change_digest: self.change_digest.map(<[u8; 32]>::try_from).transpose().ok()?,
        })
    }
}

impl EntryFilter {
    /// Whether an entry whose body ended is asked for too. What it is about is gone; that it is old enough is known.
    fn asks_nothing_of_bodies(&self) -> bool {
        self.objects.is_empty()
            && self.actor.is_none()
            && self.session.is_none()
            && self.operation.is_none()
            && self.outcome.is_none()
    }

    fn admits(&self, entry: &StoredEntry) -> bool {
        let Some(body) = &entry.body else { return self.asks_nothing_of_bodies() };
        self.objects.iter().all(|object| body.objects.contains(object))
            && self.actor.is_none_or(|actor| body.actor == Some(actor))
            && self.session.is_none_or(|session| body.session == Some(session))
            && self.operation.as_ref().is_none_or(|operation| body.operation == *operation)
            && self.outcome.is_none_or(|outcome| body.outcome == outcome)
    }
}

/// At most `limit` entries of an institution's log, the newest first, from the one before `before` on.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is not what an entry is.
pub fn find(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    filter: &EntryFilter,
    before: Option<u64>,
    limit: usize,
) -> Result<FoundEntries> {
    let log = Log { institution };
    let size = following::size(connection, institution)?;
    let mut left = log.range(connection, filter, before.map_or(size, |before| before.min(size)))?;
    let (mut found, mut looked_at) = (FoundEntries::default(), 0);
    while !left.is_empty() {
        if looked_at >= MOST_LOOKED_AT {
            found.stopped_at = Some(left.end);
            break;
        }
        let Looked { entries, rest, at } = log.newest(connection, filter, left.clone(), AT_ONCE)?;
        looked_at += at;
        found.entries.extend(entries.into_iter().filter(|entry| filter.admits(entry)));
        if found.entries.len() >= limit {
            found.entries.truncate(limit);
            break;
        }
        left = rest;
    }
    Ok(found)
}

/// Shows `visit` every entry that is asked for, the newest first, of the first `size` entries of an institution's log, or
/// of all that it has. Says how many entries that log has, so that the same question can be answered alike later on.
///
/// # Errors
/// [`Error::Conflict`] `too-many-entries` when more than `most` entries would have to be looked at: nothing is shown of a
/// part. [`Error::Invalid`] `too-large` for `as_of` when the log is not that long. What `visit` refuses.
pub fn visit(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    filter: &EntryFilter,
    size: Option<u64>,
    most: u64,
    mut visit: impl FnMut(&StoredEntry) -> Result<()>,
) -> Result<u64> {
    let log = Log { institution };
    let all = following::size(connection, institution)?;
    if size.is_some_and(|size| size > all) {
        let refusal = Refusal::new("too-large", "the log does not have that many entries");
        return Err(Error::invalid("as_of", refusal));
    }
    let size = size.unwrap_or(all);
    let mut left = log.range(connection, filter, size)?;
    // What has to be gone through is known before anything is read.
    if filter.objects.is_empty() && left.end - left.start > most {
        return Err(too_many());
    }
    let mut looked_at = 0;
    while !left.is_empty() {
        let Looked { entries, rest, at } = log.newest(connection, filter, left.clone(), COUNTED_AT_ONCE)?;
        looked_at += at;
        if looked_at > most {
            return Err(too_many());
        }
        entries.iter().filter(|entry| filter.admits(entry)).try_for_each(&mut visit)?;
        left = rest;
    }
    Ok(size)
}

fn too_many() -> Error {
    let detail = "that is about more entries of the log than are counted at once: ask for a shorter period";
    Error::conflict("too-many-entries", detail)
}

/// What was looked at of a range of entries.
struct Looked {
    /// The entries that may be asked for, the newest first.
    entries: Vec<StoredEntry>,
    /// How many entries that took: those that the index found, or all that were gone through.
    at: u64,
    /// The range that is left.
    rest: Range<u64>,
}

/// An institution's log.
struct Log {
    institution: InstitutionId,
}

impl Log {
    /// Of the first `size` entries those that were written in the period that is asked for. Their times never go back, so
    /// its ends are found by halving.
    fn range(&self, connection: &mut AnyConnection, filter: &EntryFilter, size: u64) -> Result<Range<u64>> {
        let mut range = 0..size;
        if let Some(until) = filter.until {
            range.end = self.first_from(connection, until, range.end)?;
        }
        if let Some(from) = filter.from {
            range.start = self.first_from(connection, from, range.end)?;
        }
        Ok(range)
    }

    /// The first of the entries before `end` that is not older than `moment`, or `end`. One whose body ended is older.
    fn first_from(&self, connection: &mut AnyConnection, moment: Timestamp, end: u64) -> Result<u64> {
        let mut range = 0..end;
        while !range.is_empty() {
            let middle = u64::midpoint(range.start, range.end);
            let at: Option<Timestamp> = audit_entry::table
                .filter(audit_entry::institution_id.is(self.institution))
                .filter(audit_entry::sequence.eq(number(middle)?))
                .select(audit_entry::occurred_at)
                .first(connection)?;
            if at.is_some_and(|at| at >= moment) {
                range.end = middle;
            } else {
                range.start = middle + 1;
            }
        }
        Ok(range.end)
    }

    /// The newest entries of a range that may be asked for.
    fn newest(
        &self,
        connection: &mut AnyConnection,
        filter: &EntryFilter,
        range: Range<u64>,
        at_once: u64,
    ) -> Result<Looked> {
        let object = filter.objects.as_slice().first();
        let indexed = match object {
            Some(_) => tree::indexed(connection, self.institution)?,
            None => 0,
        };
        if let Some(object) = object.filter(|_| range.end <= indexed) {
            return self.naming(connection, object, range);
        }
        let behind = range.start.max(indexed)..range.end;
        let (entries, rest) = self.written(connection, filter, behind, at_once)?;
        Ok(Looked { entries, at: range.end - rest.end, rest: range.start..rest.end })
    }

    /// Of the `at_once` newest entries of a range those by who is asked for, and the range that is left.
    fn written(
        &self,
        connection: &mut AnyConnection,
        filter: &EntryFilter,
        range: Range<u64>,
        at_once: u64,
    ) -> Result<(Vec<StoredEntry>, Range<u64>)> {
        let middle = range.end.saturating_sub(at_once).max(range.start);
        let (first, end) = (number(middle)?, number(range.end)?);
        let rows: Vec<EntryRow> = load_boxed!(connection, {
            let mut query = audit_entry::table
                .filter(audit_entry::institution_id.is(self.institution))
                .filter(audit_entry::sequence.ge(first))
                .filter(audit_entry::sequence.lt(end))
                .order(audit_entry::sequence.desc())
                .select(columns::<EntryRow>())
                .into_boxed();
            if let Some(actor) = filter.actor {
                query = query.filter(audit_entry::actor_id.is(Some(actor)));
            }
            if let Some(session) = filter.session {
                query = query.filter(audit_entry::session_id.is(Some(session)));
            }
            query
        })?;
        Ok((read(rows)?, range.start..middle))
    }

    /// The newest entries of a range that name an object, by the index.
    fn naming(
        &self,
        connection: &mut AnyConnection,
        (kind, id): &Object,
        range: Range<u64>,
    ) -> Result<Looked> {
        let last = range.end.saturating_sub(1) / BLOCK;
        let first = last.saturating_sub(BLOCKS_AT_ONCE - 1).max(range.start / BLOCK);
        let blocks = (first..=last).map(number).collect::<Result<Vec<_>>>()?;
        let sequences: Vec<i64> = audit_object::table
            .filter(audit_object::institution_id.is(self.institution))
            .filter(audit_object::block.eq_any(blocks))
            .filter(audit_object::kind.eq(i32::from(*kind as u8)))
            .filter(audit_object::object_id.is(*id))
            .filter(audit_object::sequence.ge(number(range.start)?))
            .filter(audit_object::sequence.lt(number(range.end)?))
            .order(audit_object::sequence.desc())
            .limit(number(AT_ONCE)?)
            .select(audit_object::sequence)
            .load(connection)?;
        let all = u64::try_from(sequences.len()).map_err(Error::internal)? < AT_ONCE;
        let middle = match sequences.last() {
            Some(oldest) if !all => u64::try_from(*oldest).map_err(Error::internal)?,
            _ => (first * BLOCK).max(range.start),
        };
        let rows: Vec<EntryRow> = audit_entry::table
            .filter(audit_entry::institution_id.is(self.institution))
            .filter(audit_entry::sequence.eq_any(sequences))
            .order(audit_entry::sequence.desc())
            .select(columns::<EntryRow>())
            .load(connection)?;
        let entries = read(rows)?;
        Ok(Looked { at: entries.len() as u64, entries, rest: range.start..middle })
    }
}

fn read(rows: Vec<EntryRow>) -> Result<Vec<StoredEntry>> {
    rows.into_iter().map(|row| row.read().ok_or(Error::Unreadable(LOG))).collect()
}

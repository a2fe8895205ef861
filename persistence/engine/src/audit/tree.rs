//! The audit log as it is kept: one append-only Merkle tree per institution (C089).
//!
//! A change and its entry are one transaction; a read is on record before its answer leaves. The tree's rules
//! are in [`groeilijn_domain::audit`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use groeilijn_domain::audit::entry::{AuditEntry, ObjectKind, Outcome, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::audit::context::AuditContext;
use crate::database::connection::AnyConnection;
use crate::database::dialect::{enter_institution, first_locked, insert_if_absent};
use crate::database::query::prelude::*;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_tree};

const LOG: &str = "the audit log";

/// An entry that has no place in the tree yet.
pub struct PendingEntry {
    /// Whose tree it goes into.
    pub institution: InstitutionId,
    /// The request that it was made in.
    pub context: Arc<AuditContext>,
    /// What was read or changed.
    pub objects: Vec<(ObjectKind, Uuid)>,
    /// What came of it.
    pub outcome: Outcome,
    /// SHA-256 over the ciphertexts that were written, if any were.
    pub change_digest: Option<[u8; 32]>,
    /// A sealed detail, if there is one.
    pub detail: Option<Vec<u8>>,
}

/// The institutions' trees, as far as the writer that appends to them has read them.
pub(crate) struct Trees {
    heads: HashMap<InstitutionId, Head>,
    /// A head is stored again after this many entries.
    lag: u64,
}

/// The head of a tree.
struct Head {
    frontier: Frontier,
    /// The size of the tree when its head was last stored.
    kept: u64,
}

impl Trees {
    /// Nothing is known yet. The only writer of a database may store a head once in `lag` entries; where there are
    /// several, each must store it with every entry.
    pub(crate) fn new(lag: u64) -> Self {
        Self { heads: HashMap::new(), lag }
    }

    /// Appends entries to their institutions' trees, in the caller's transaction. If that is not committed, or
    /// somebody else may append before the next time, the heads must be forgotten.
    pub(crate) fn append(
        &mut self,
        connection: &mut AnyConnection,
        entries: &[PendingEntry],
        environment: &Environment,
    ) -> Result<()> {
        let mut trees: BTreeMap<InstitutionId, Vec<&PendingEntry>> = BTreeMap::new();
        for entry in entries {
            trees.entry(entry.institution).or_default().push(entry);
        }
        let occurred_at = environment.now();
        for (institution, entries) in trees {
            enter_institution(connection, institution)?;
            let head = match self.heads.entry(institution) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(Head::load(connection, institution, self.lag)?),
            };
            head.append(connection, &entries, occurred_at)?;
            if head.frontier.size() - head.kept >= self.lag {
                head.keep(connection, institution)?;
            }
        }
        Ok(())
    }

    /// Forgets the heads: they are read again before the next entry.
    pub(crate) fn forget(&mut self) {
        self.heads.clear();
    }
}

impl Head {
    /// The head of a tree, locked until the commit, so that no two entries get one number.
    fn load(connection: &mut AnyConnection, institution: InstitutionId, lag: u64) -> Result<Self> {
        let mut stored = locked_frontier(connection, institution)?;
        if stored.is_none() {
            plant(connection, institution)?;
            stored = locked_frontier(connection, institution)?;
        }
        let mut frontier =
            stored.and_then(|stored| Frontier::from_bytes(&stored)).ok_or(Error::Unreadable(LOG))?;
        let kept = frontier.size();
        if lag > 1 {
            catch_up(connection, institution, &mut frontier)?;
        }
        Ok(Self { frontier, kept })
    }

    fn append(
        &mut self,
        connection: &mut AnyConnection,
        entries: &[&PendingEntry],
        occurred_at: Timestamp,
    ) -> Result<()> {
        for pending in entries {
            let entry = pending.at(self.frontier.size(), occurred_at);
            let leaf_hash = entry.leaf_hash();
            insert(connection, &entry, &leaf_hash)?;
            self.frontier.push(leaf_hash);
        }
        Ok(())
    }

    fn keep(&mut self, connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
        let size = self.frontier.size();
        diesel::update(audit_tree::table.filter(audit_tree::institution_id.is(institution)))
            .set((audit_tree::size.eq(number(size)?), audit_tree::frontier.eq(self.frontier.to_bytes())))
            .execute(connection)?;
        self.kept = size;
        Ok(())
    }
}

/// The stored head of a tree, locked until the commit.
fn locked_frontier(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Option<Vec<u8>>> {
    Ok(first_locked!(
        connection,
        audit_tree::table.filter(audit_tree::institution_id.is(institution)).select(audit_tree::frontier)
    )?)
}

/// Makes an institution's empty tree, unless another process just did.
fn plant(connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
    let tree = (
        audit_tree::institution_id.is(institution),
        audit_tree::size.eq(0),
        audit_tree::frontier.eq(Frontier::default().to_bytes()),
    );
    insert_if_absent!(connection, diesel::insert_into(audit_tree::table).values(tree))?;
    Ok(())
}

/// Adds the entries that a kept head does not know of.
///
/// # Errors
/// [`Error::Unreadable`] when one is missing.
fn catch_up(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    frontier: &mut Frontier,
) -> Result<()> {
    let entries: Vec<(i64, Vec<u8>)> = audit_entry::table
        .filter(audit_entry::institution_id.is(institution))
        .filter(audit_entry::sequence.ge(number(frontier.size())?))
        .order(audit_entry::sequence)
        .select((audit_entry::sequence, audit_entry::leaf_hash))
        .load(connection)?;
    for (sequence, leaf_hash) in entries {
        if sequence != number(frontier.size())? {
            return Err(Error::Unreadable(LOG));
        }
        frontier.push(leaf_hash.try_into().map_err(|_| Error::Unreadable(LOG))?);
    }
    Ok(())
}

fn number(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(Error::internal)
}

fn insert(connection: &mut AnyConnection, entry: &AuditEntry<'_>, leaf_hash: &[u8; 32]) -> Result<()> {
    let mut objects = Vec::new();
    encode_objects(entry.objects, &mut objects);
    diesel::insert_into(audit_entry::table)
        .values((
            audit_entry::institution_id.is(entry.institution),
            audit_entry::sequence.eq(number(entry.sequence)?),
            audit_entry::occurred_at.is(entry.occurred_at),
            audit_entry::actor_kind.is(entry.actor_kind),
            audit_entry::actor_id.is(entry.actor),
            audit_entry::session_id.is(entry.session),
            audit_entry::address.eq(entry.address),
            audit_entry::trace_id.eq(entry.trace_id.as_slice()),
            audit_entry::span_id.eq(entry.span_id.as_slice()),
            audit_entry::activity.eq(entry.activity.code()),
            audit_entry::operation.eq(entry.operation),
            audit_entry::objects.eq(objects),
            audit_entry::outcome.is(entry.outcome),
            audit_entry::change_digest.eq(entry.change_digest.as_ref().map(<[u8; 32]>::as_slice)),
            audit_entry::detail.eq(entry.detail),
            audit_entry::leaf_hash.eq(leaf_hash.as_slice()),
        ))
        .execute(connection)?;
    Ok(())
}

impl PendingEntry {
    fn at(&self, sequence: u64, occurred_at: Timestamp) -> AuditEntry<'_> {
        let context = &self.context;
        AuditEntry {
            sequence,
            occurred_at,
            institution: self.institution,
            actor_kind: context.actor.kind(),
            actor: Some(context.actor.id()).filter(|id| !id.is_nil()),
            session: context.session,
            address: &context.address,
            trace_id: context.trace.trace_id,
            span_id: context.trace.span_id,
            activity: context.activity,
            operation: context.operation,
            objects: &self.objects,
            outcome: self.outcome,
            change_digest: self.change_digest,
            detail: self.detail.as_deref(),
        }
    }
}

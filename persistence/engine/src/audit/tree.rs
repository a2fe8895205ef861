//! The audit log as it is kept: one append-only Merkle tree per institution (C089).
//!
//! A change and its entry are one transaction; a read is on record before its answer leaves. The tree's rules
//! are in [`groeilijn_domain::audit`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use groeilijn_domain::audit::entry::{AuditEntry, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;

use crate::audit::index::{self, TOGETHER, number};
use crate::audit::pending::PendingEntry;
use crate::database::connection::AnyConnection;
use crate::database::dialect::{enter_institution, first_locked, insert_if_absent};
use crate::database::query::prelude::*;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_tree};

const LOG: &str = "the audit log";

/// How many entries the index is made of with one commit.
const MOST_INDEXED: u64 = 4 * TOGETHER;

/// An institution's tree as it is now: its size, and its root.
///
/// # Errors
/// [`Error::Unreadable`] when an entry is missing.
pub fn present(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Frontier> {
    let stored: Option<Vec<u8>> = audit_tree::table
        .filter(audit_tree::institution_id.is(institution))
        .select(audit_tree::frontier)
        .first(connection)
        .optional()?;
    let frontier = stored.map(|stored| Frontier::from_bytes(&stored).ok_or(Error::Unreadable(LOG)));
    let frontier = frontier.transpose()?.unwrap_or_default();
    let size = frontier.size();
    let mut head = Head { kept: size, indexed: size, frontier, last_at: Timestamp::UNIX_EPOCH };
    head.catch_up(connection, institution)?;
    Ok(head.frontier)
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
    /// The index has what the entries before this one name.
    indexed: u64,
    /// The time of the last entry: no later one is earlier, whatever the clocks of several processes say.
    last_at: Timestamp,
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
            trees.entry(entry.institution()).or_default().push(entry);
        }
        for (institution, entries) in trees {
            enter_institution(connection, institution)?;
            let head = match self.heads.entry(institution) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(Head::load(connection, institution, self.lag)?),
            };
            head.append(connection, &entries, environment)?;
            let indexed = head.index(connection, institution)?;
            if indexed || head.frontier.size() - head.kept >= self.lag {
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
        let mut stored = locked_head(connection, institution)?;
        if stored.is_none() {
            plant(connection, institution)?;
            stored = locked_head(connection, institution)?;
        }
        let StoredHead { frontier, last_at, indexed } = stored.ok_or(Error::Unreadable(LOG))?;
        let frontier = Frontier::from_bytes(&frontier).ok_or(Error::Unreadable(LOG))?;
        let mut head = Self { kept: frontier.size(), indexed: 0, frontier, last_at };
        if lag > 1 {
            head.catch_up(connection, institution)?;
        }
        match indexed {
            Some(indexed) => head.indexed = u64::try_from(indexed).map_err(Error::internal)?,
            // An older program, which enters what an entry names together with it, wrote all that there is; or the last
            // of it a newer one, whose migration was reverted since.
            None => {
                head.indexed = head.frontier.size().saturating_sub(MOST_INDEXED);
                head.keep(connection, institution)?;
            }
        }
        Ok(head)
    }

    /// Gives entries their numbers and their time, now that the tree is locked: the later number has no earlier time.
    fn append(
        &mut self,
        connection: &mut AnyConnection,
        entries: &[&PendingEntry],
        environment: &Environment,
    ) -> Result<()> {
        self.last_at = self.last_at.max(environment.now());
        for pending in entries {
            let entry = pending.at(self.frontier.size(), self.last_at);
            let leaf_hash = entry.leaf_hash();
            insert(connection, &entry, &leaf_hash)?;
            self.frontier.push(leaf_hash);
        }
        Ok(())
    }

    /// Makes the index of what it does not have yet, once that are enough entries, and says whether it did. What is left
    /// of very many, as an older program beside this one may have written, follows with the next entries.
    fn index(&mut self, connection: &mut AnyConnection, institution: InstitutionId) -> Result<bool> {
        if self.frontier.size() - self.indexed < TOGETHER {
            return Ok(false);
        }
        let end = self.frontier.size().min(self.indexed + MOST_INDEXED);
        index::extend(connection, institution, self.indexed..end)?;
        self.indexed = end;
        Ok(true)
    }

    fn keep(&mut self, connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
        let size = self.frontier.size();
        diesel::update(audit_tree::table.filter(audit_tree::institution_id.is(institution)))
            .set((
                audit_tree::size.eq(number(size)?),
                audit_tree::frontier.eq(self.frontier.to_bytes()),
                audit_tree::last_at.is(self.last_at),
                audit_tree::indexed.eq(Some(number(self.indexed)?)),
            ))
            .execute(connection)?;
        self.kept = size;
        Ok(())
    }

    /// Adds the entries that a kept head does not know of.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when one is missing.
    fn catch_up(&mut self, connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
        let entries: Vec<(i64, Option<Timestamp>, Vec<u8>)> = audit_entry::table
            .filter(audit_entry::institution_id.is(institution))
            .filter(audit_entry::sequence.ge(number(self.frontier.size())?))
            .order(audit_entry::sequence)
            .select((audit_entry::sequence, audit_entry::occurred_at, audit_entry::leaf_hash))
            .load(connection)?;
        for (sequence, occurred_at, leaf_hash) in entries {
            if sequence != number(self.frontier.size())? {
                return Err(Error::Unreadable(LOG));
            }
            self.frontier.push(leaf_hash.try_into().map_err(|_| Error::Unreadable(LOG))?);
            self.last_at = self.last_at.max(occurred_at.unwrap_or(Timestamp::UNIX_EPOCH));
        }
        Ok(())
    }
}

/// The head of a tree as it is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_tree)]
struct StoredHead {
    frontier: Vec<u8>,
    last_at: Timestamp,
    indexed: Option<i64>,
}

/// The stored head of a tree, locked until the commit.
fn locked_head(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Option<StoredHead>> {
    Ok(first_locked!(
        connection,
        audit_tree::table.filter(audit_tree::institution_id.is(institution)).select(columns::<StoredHead>())
    )?)
}

/// How many entries from the first on the index has, of the log of an institution.
///
/// # Errors
/// When the database is busy or cannot be read.
pub(super) fn indexed(connection: &mut AnyConnection, institution: InstitutionId) -> Result<u64> {
    let stored: Option<Option<i64>> = audit_tree::table
        .filter(audit_tree::institution_id.is(institution))
        .select(audit_tree::indexed)
        .first(connection)
        .optional()?;
    match stored.flatten() {
        Some(indexed) => u64::try_from(indexed).map_err(Error::internal),
        // There are no entries, or an older program wrote them, which enters what each names together with it.
        None => Ok(u64::MAX),
    }
}

/// Makes an institution's empty tree, unless another process just did.
fn plant(connection: &mut AnyConnection, institution: InstitutionId) -> Result<()> {
    let tree = (
        audit_tree::institution_id.is(institution),
        audit_tree::size.eq(0),
        audit_tree::frontier.eq(Frontier::default().to_bytes()),
        audit_tree::last_at.is(Timestamp::UNIX_EPOCH),
        audit_tree::indexed.eq(Some(0)),
    );
    insert_if_absent!(connection, diesel::insert_into(audit_tree::table).values(tree))?;
    Ok(())
}

fn insert(connection: &mut AnyConnection, entry: &AuditEntry<'_>, leaf_hash: &[u8; 32]) -> Result<()> {
    let mut objects = Vec::new();
    encode_objects(entry.objects, &mut objects);
    diesel::insert_into(audit_entry::table)
        .values((
            audit_entry::institution_id.is(entry.institution),
            audit_entry::sequence.eq(number(entry.sequence)?),
            audit_entry::occurred_at.is(Some(entry.occurred_at)),
            audit_entry::actor_kind.is(Some(entry.actor_kind)),
            audit_entry::actor_id.is(entry.actor),
            audit_entry::session_id.is(entry.session),
            audit_entry::address.eq(entry.address),
            audit_entry::trace_id.eq(entry.trace_id.as_slice()),
            audit_entry::span_id.eq(entry.span_id.as_slice()),
            audit_entry::activity.eq(entry.activity.code()),
            audit_entry::operation.eq(entry.operation),
            audit_entry::objects.eq(objects),
            audit_entry::outcome.is(Some(entry.outcome)),
            audit_entry::change_digest.eq(entry.change_digest.as_ref().map(<[u8; 32]>::as_slice)),
            audit_entry::detail.eq(entry.detail),
            audit_entry::leaf_hash.eq(leaf_hash.as_slice()),
        ))
        .execute(connection)?;
    Ok(())
}

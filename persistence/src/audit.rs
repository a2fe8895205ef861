//! The audit log as it is kept: one append-only Merkle tree per institution (C089).
//!
//! A change and its entry are one transaction; a read is on record before its answer leaves. The tree's rules
//! are in [`groeilijn_domain::audit::entry`] and [`groeilijn_domain::audit::merkle`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use groeilijn_domain::access::Role;
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, ObjectKind, Outcome, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::{ApiTokenId, InstitutionId, SessionId, SupportSessionId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::query::prelude::*;
use crate::database::{AnyConnection, dialect};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::schema::{audit_entry, audit_tree};

const LOG: &str = "the audit log";

/// Whose tree holds what concerns no institution.
pub(crate) const PLATFORM: Uuid = Uuid::nil();

/// Somebody with an account who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account, which is also the user's id.
    pub account: UserId,
    /// What the account is.
    pub role: Role,
    /// The institution it belongs to; `None` for the processor's own staff (C002).
    pub institution: Option<InstitutionId>,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// Somebody with an account.
    Account(Actor),
    /// A program or an auditor, with an API token.
    ApiToken {
        /// The token.
        id: ApiTokenId,
        /// The institution that gave it.
        institution: InstitutionId,
    },
    /// The service by itself.
    Service {
        /// The institution that it works for; `None` for what belongs to none.
        institution: Option<InstitutionId>,
    },
}

impl Principal {
    /// The id of the account or the token; nil for the service, which is nobody.
    pub fn id(self) -> Uuid {
        match self {
            Self::Account(actor) => actor.account.as_uuid(),
            Self::ApiToken { id, .. } => id.as_uuid(),
            Self::Service { .. } => Uuid::nil(),
        }
    }

    /// The institution it belongs to; `None` for the processor's own staff (C002).
    pub fn institution(self) -> Option<InstitutionId> {
        match self {
            Self::Account(actor) => actor.institution,
            Self::ApiToken { institution, .. } => Some(institution),
            Self::Service { institution } => institution,
        }
    }

    /// On which side it stands.
    pub fn kind(self) -> ActorKind {
        match self {
            Self::Account(Actor { role: Role::Institution(_), .. }) => ActorKind::InstitutionUser,
            Self::Account(Actor { role: Role::Processor(_), .. }) => ActorKind::PlatformUser,
            Self::ApiToken { .. } => ActorKind::ApiToken,
            Self::Service { .. } => ActorKind::System,
        }
    }

    /// Somebody with an account, for what a person does.
    ///
    /// # Errors
    /// [`Error::Internal`] for any other, which has no right to anything of the kind.
    pub fn actor(self) -> Result<Actor> {
        match self {
            Self::Account(actor) => Ok(actor),
            other => Err(Error::internal(format_args!("{other:?} does what a person does"))),
        }
    }
}

impl From<Actor> for Principal {
    fn from(actor: Actor) -> Self {
        Self::Account(actor)
    }
}

/// The trace that a request is part of (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace.
    pub trace_id: [u8; 16],
    /// This request in it.
    pub span_id: [u8; 8],
}

/// The support session that a request is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportContext {
    /// Its id.
    pub session: SupportSessionId,
    /// The user who is looked along with, if there is one: as far as she reaches.
    pub user: Option<UserId>,
}

/// What an audit entry says of the request it was made in.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// Who asked.
    pub actor: Principal,
    /// In which session.
    pub session: Option<SessionId>,
    /// In which support session, if it is one.
    pub support: Option<SupportContext>,
    /// From which network address.
    pub address: String,
    /// In which trace.
    pub trace: TraceContext,
    /// Which operation, by its operationId.
    pub operation: &'static str,
    /// For which purpose (C036).
    pub activity: ProcessingActivity,
}

impl AuditContext {
    /// Whose own groups are meant where only those may be seen: the actor's, or those of the user who is looked along
    /// with. Whoever is no user has no groups.
    pub(crate) fn reach_of(&self) -> UserId {
        self.support.and_then(|support| support.user).unwrap_or_else(|| UserId::from_uuid(self.actor.id()))
    }

    /// What a request touched, after the support session that it is made in: so each entry of one names it.
    pub(crate) fn with_support(&self, mut touched: Vec<(ObjectKind, Uuid)>) -> Vec<(ObjectKind, Uuid)> {
        if let Some(support) = self.support {
            touched.insert(0, (ObjectKind::SupportSession, support.session.as_uuid()));
        }
        touched
    }
}

/// An entry that has no place in the tree yet.
pub(crate) struct PendingEntry {
    pub(crate) institution: InstitutionId,
    pub(crate) context: Arc<AuditContext>,
    pub(crate) objects: Vec<(ObjectKind, Uuid)>,
    pub(crate) outcome: Outcome,
    pub(crate) change_digest: Option<[u8; 32]>,
    pub(crate) detail: Option<Vec<u8>>,
}

/// The institutions' trees, as the one who appends to them knows them.
pub(crate) struct Trees {
    heads: HashMap<InstitutionId, Head>,
    /// After how many entries the head of a tree is kept anew.
    lag: u64,
}

/// The head of a tree.
struct Head {
    frontier: Frontier,
    /// The size of the tree whose head is kept.
    kept: u64,
}

impl Trees {
    /// Nothing is known yet. Whoever is the only one to append may keep the heads once in `lag` entries; others must
    /// do so with each.
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
            dialect::enter_institution(connection, institution)?;
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
        let mut stored = dialect::lock_audit_tree(connection, institution)?;
        if stored.is_none() {
            dialect::insert_audit_tree(connection, institution, &Frontier::default().to_bytes())?;
            stored = dialect::lock_audit_tree(connection, institution)?;
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
        diesel::update(audit_tree::table.find(institution.as_bytes().as_slice()))
            .set((audit_tree::size.eq(number(size)?), audit_tree::frontier.eq(self.frontier.to_bytes())))
            .execute(connection)?;
        self.kept = size;
        Ok(())
    }
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
        .filter(audit_entry::institution_id.eq(institution.as_bytes().as_slice()))
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
            audit_entry::institution_id.eq(entry.institution.as_bytes().as_slice()),
            audit_entry::sequence.eq(number(entry.sequence)?),
            audit_entry::occurred_at.eq(entry.occurred_at.as_microsecond()),
            audit_entry::actor_kind.eq(entry.actor_kind.code()),
            audit_entry::actor_id.eq(entry.actor.as_ref().map(|id| id.as_bytes().as_slice())),
            audit_entry::session_id.eq(entry.session.as_ref().map(|id| id.as_bytes().as_slice())),
            audit_entry::address.eq(entry.address),
            audit_entry::trace_id.eq(entry.trace_id.as_slice()),
            audit_entry::span_id.eq(entry.span_id.as_slice()),
            audit_entry::activity.eq(entry.activity.code()),
            audit_entry::operation.eq(entry.operation),
            audit_entry::objects.eq(objects),
            audit_entry::outcome.eq(entry.outcome.code()),
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

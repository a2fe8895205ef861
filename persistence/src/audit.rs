//! The audit log as it is kept: one append-only Merkle tree per institution (C089).
//!
//! A change and its entry are one transaction; a read is on record before its answer leaves. The tree's rules
//! are in [`groeilijn_domain::audit`] and [`groeilijn_domain::merkle`].

use std::{collections::BTreeMap, sync::Arc};

use diesel::prelude::*;
use groeilijn_domain::{
    access::Role,
    activity::ProcessingActivity,
    audit::{ActorKind, AuditEntry, ObjectKind, Outcome, encode_objects},
    ids::{InstitutionId, SessionId, UserId},
    merkle::Frontier,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    database::{AnyConnection, dialect},
    environment::Environment,
    error::{Error, Result},
    schema::{audit_entry, audit_tree},
};

/// Whose tree holds what concerns no institution.
pub(crate) const PLATFORM: Uuid = Uuid::nil();

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account, which is also the staff member's id.
    pub account: UserId,
    /// What the account is.
    pub role: Role,
    /// The institution it belongs to; `None` for the processor's own staff (C002).
    pub institution: Option<InstitutionId>,
}

/// The trace that a request is part of (W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace.
    pub trace_id: [u8; 16],
    /// This request in it.
    pub span_id: [u8; 8],
}

/// What an audit entry says of the request it was made in.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// Who asked.
    pub actor: Actor,
    /// In which session.
    pub session: Option<SessionId>,
    /// From which network address.
    pub address: String,
    /// In which trace.
    pub trace: TraceContext,
    /// Which operation, by its operationId.
    pub operation: &'static str,
    /// For which purpose (C036).
    pub activity: ProcessingActivity,
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

/// Appends entries to their institutions' trees, in the caller's transaction.
pub(crate) fn append(
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
        append_to_tree(connection, institution, &entries, occurred_at)?;
    }
    Ok(())
}

fn append_to_tree(
    connection: &mut AnyConnection,
    institution: InstitutionId,
    entries: &[&PendingEntry],
    occurred_at: Timestamp,
) -> Result<()> {
    dialect::enter_institution(connection, institution)?;
    let mut frontier = load_frontier(connection, institution)?;
    for pending in entries {
        let entry = pending.at(frontier.size(), occurred_at);
        let leaf_hash = entry.leaf_hash();
        insert(connection, &entry, &leaf_hash)?;
        frontier.push(leaf_hash);
    }
    let size = i64::try_from(frontier.size()).map_err(Error::internal)?;
    diesel::update(audit_tree::table.find(institution.as_bytes().as_slice()))
        .set((audit_tree::size.eq(size), audit_tree::frontier.eq(frontier.to_bytes())))
        .execute(connection)?;
    Ok(())
}

/// The head of a tree, locked until the commit, so that no two entries get one number.
fn load_frontier(connection: &mut AnyConnection, institution: InstitutionId) -> Result<Frontier> {
    let unreadable = || Error::Unreadable("the audit log");
    if let Some(frontier) = dialect::lock_audit_tree(connection, institution)? {
        return Frontier::from_bytes(&frontier).ok_or_else(unreadable);
    }
    dialect::insert_audit_tree(connection, institution, &Frontier::default().to_bytes())?;
    let frontier = dialect::lock_audit_tree(connection, institution)?.ok_or_else(unreadable)?;
    Frontier::from_bytes(&frontier).ok_or_else(unreadable)
}

fn insert(connection: &mut AnyConnection, entry: &AuditEntry<'_>, leaf_hash: &[u8; 32]) -> Result<()> {
    let mut objects = Vec::new();
    encode_objects(entry.objects, &mut objects);
    diesel::insert_into(audit_entry::table)
        .values((
            audit_entry::institution_id.eq(entry.institution.as_bytes().as_slice()),
            audit_entry::sequence.eq(i64::try_from(entry.sequence).map_err(Error::internal)?),
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
            actor_kind: match context.actor.role {
                Role::Institution(_) => ActorKind::InstitutionUser,
                Role::PlatformAdministrator => ActorKind::PlatformUser,
            },
            actor: Some(context.actor.account.as_uuid()),
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

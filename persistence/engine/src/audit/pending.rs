//! An entry on its way to the tree: complete but for its number and its time.

use std::sync::Arc;

use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Object, Outcome};
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::context::AuditContext;

/// An entry that has no place in the tree yet.
pub struct PendingEntry {
    /// Whose tree it goes into.
    institution: InstitutionId,
    /// The request that it was made in.
    context: Arc<AuditContext>,
    /// From where it was sent, sealed.
    address: Option<Vec<u8>>,
    /// What was read or changed.
    objects: Vec<Object>,
    /// What came of it.
    outcome: Outcome,
    /// SHA-256 over the ciphertexts that were written, if any were.
    pub change_digest: Option<[u8; 32]>,
    /// A sealed detail, if there is one.
    pub detail: Option<Vec<u8>>,
}

impl PendingEntry {
    /// An entry in the log of `institution` of what a request touched, from a sealed `address`. Each thing is named
    /// once, and a support session that the request was made in before them.
    pub fn new(
        institution: InstitutionId,
        address: Option<Vec<u8>>,
        context: Arc<AuditContext>,
        objects: Vec<Object>,
        outcome: Outcome,
    ) -> Self {
        Self {
            institution,
            address,
            objects: context.with_support(objects),
            context,
            outcome,
            change_digest: None,
            detail: None,
        }
    }

    /// One entry for each log of what one request did there, however many handles it used for it: what each of them touched,
    /// in the order in which it was. What the service does by itself is as many things as it has entries; two details, and
    /// two outcomes, are two entries.
    pub(crate) fn by_request(entries: Vec<Self>) -> Vec<Self> {
        let mut of_requests: Vec<Self> = Vec::with_capacity(entries.len());
        for entry in entries {
            match of_requests.iter_mut().find(|earlier| earlier.is_of_the_request_of(&entry)) {
                Some(earlier) => earlier.absorb(entry),
                None => of_requests.push(entry),
            }
        }
        of_requests
    }

    fn is_of_the_request_of(&self, other: &Self) -> bool {
        let (context, others) = (&self.context, &other.context);
        self.institution == other.institution
            && context.actor == others.actor
            && context.actor.kind() != ActorKind::System
            && context.trace.span_id == others.trace.span_id
            && context.trace.trace_id == others.trace.trace_id
            && context.operation == others.operation
            && self.outcome == other.outcome
            && (self.detail.is_none() || other.detail.is_none())
    }

    fn absorb(&mut self, other: Self) {
        for object in other.objects {
            if !self.objects.contains(&object) {
                self.objects.push(object);
            }
        }
        self.change_digest = match (self.change_digest, other.change_digest) {
            (Some(first), Some(second)) => {
                Some(Sha256::new().chain_update(first).chain_update(second).finalize().into())
            }
            (first, second) => first.or(second),
        };
        self.detail = self.detail.take().or(other.detail);
    }

    /// Whose tree it goes into.
    pub(crate) fn institution(&self) -> InstitutionId {
        self.institution
    }

    /// The entry at a place in the tree.
    pub(super) fn at(&self, sequence: u64, occurred_at: Timestamp) -> AuditEntry<'_> {
        let context = &self.context;
        AuditEntry {
            sequence,
            occurred_at,
            institution: self.institution,
            actor_kind: context.actor.kind(),
            actor: Some(context.actor.id()).filter(|id| !id.is_nil()),
            session: context.session,
            address: self.address.as_deref(),
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

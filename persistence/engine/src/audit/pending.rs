//! An entry on its way to the tree: complete but for its number and its time.

use std::sync::Arc;

use groeilijn_domain::audit::entry::{AuditEntry, Object, Outcome};
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;

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

    /// Whose tree it goes into.
    pub(super) fn institution(&self) -> InstitutionId {
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

//! The log of who saw what: a tree of entries for each institution, of which the thread that writes knows the heads.

use std::collections::HashMap;

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Object, Outcome, encode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use super::Error;

const INSERT: &str = "INSERT INTO audit_entry (institution_id, sequence, occurred_at, actor_kind, actor_id, session_id, \
    address, trace_id, span_id, activity, operation, objects, outcome, change_digest, leaf_hash) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

/// An entry that has no place in its tree yet.
pub(super) struct Entry {
    pub(super) institution: Uuid,
    pub(super) actor: Uuid,
    pub(super) session: Uuid,
    /// From where it was asked, sealed.
    pub(super) address: Vec<u8>,
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
    pub(super) operation: &'static str,
    pub(super) objects: Vec<Object>,
    pub(super) change_digest: Option<[u8; 32]>,
}

/// The heads of the trees. A run begins without entries.
#[derive(Default)]
pub(super) struct Log(HashMap<Uuid, Frontier>);

impl Log {
    /// Puts an entry at the end of its tree, in the present transaction.
    pub(super) fn append(
        &mut self,
        connection: &Connection,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<(), Error> {
        let head = self.0.entry(entry.institution).or_default();
        let placed = AuditEntry {
            sequence: head.size(),
            occurred_at: now,
            institution: InstitutionId::from_uuid(entry.institution),
            actor_kind: ActorKind::InstitutionUser,
            actor: Some(entry.actor),
            session: Some(SessionId::from_uuid(entry.session)),
            address: Some(&entry.address),
            trace_id: entry.trace_id,
            span_id: entry.span_id,
            activity: ProcessingActivity::FollowDevelopment,
            operation: entry.operation,
            objects: &entry.objects,
            outcome: Outcome::Success,
            change_digest: entry.change_digest,
            detail: None,
        };
        let leaf_hash = placed.leaf_hash();
        let mut objects = Vec::new();
        encode_objects(placed.objects, &mut objects);
        let sequence = i64::try_from(placed.sequence).map_err(|_| Error::Unreadable)?;
        connection.prepare_cached(INSERT)?.execute(rusqlite::params![
            entry.institution.as_bytes().as_slice(),
            sequence,
            now.as_microsecond(),
            placed.actor_kind.code(),
            entry.actor.as_bytes().as_slice(),
            entry.session.as_bytes().as_slice(),
            entry.address,
            entry.trace_id.as_slice(),
            entry.span_id.as_slice(),
            placed.activity.code(),
            entry.operation,
            objects,
            placed.outcome.code(),
            entry.change_digest.as_ref().map(<[u8; 32]>::as_slice),
            leaf_hash.as_slice(),
        ])?;
        head.push(leaf_hash);
        Ok(())
    }
}

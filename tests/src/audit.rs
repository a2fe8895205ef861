//! The audit log as it is really kept, read past the service.

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Object, ObjectKind, Outcome, decode_objects};
use groeilijn_domain::audit::merkle::Frontier;
use groeilijn_domain::values::ids::{InstitutionId, SessionId};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use jiff::Timestamp;
use uuid::Uuid;

/// One entry.
#[derive(QueryableByName, Debug, Clone, PartialEq, Eq)]
pub struct Row {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = BigInt)]
    occurred_at: i64,
    #[diesel(sql_type = Text)]
    actor_kind: String,
    #[diesel(sql_type = Nullable<Binary>)]
    actor_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    session_id: Option<Vec<u8>>,
    #[diesel(sql_type = Text)]
    address: String,
    #[diesel(sql_type = Binary)]
    trace_id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    span_id: Vec<u8>,
    #[diesel(sql_type = Text)]
    activity: String,
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = Binary)]
    objects: Vec<u8>,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Binary>)]
    change_digest: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    detail: Option<Vec<u8>>,
    #[diesel(sql_type = Binary)]
    leaf_hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Binary)]
    frontier: Vec<u8>,
}

/// What an entry says, as far as tests ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// On which side who acted stands.
    pub actor_kind: String,
    /// Who acted.
    pub actor: Option<String>,
    /// Which operation.
    pub operation: String,
    /// For which purpose.
    pub activity: String,
    /// How it ended.
    pub outcome: String,
    /// From which address.
    pub address: String,
    /// The kinds and ids of what was touched.
    pub objects: Vec<(ObjectKind, String)>,
    /// Whether something was changed.
    pub changed: bool,
}

impl Entry {
    /// Whether nobody asked for it.
    pub fn is_by_the_service(&self) -> bool {
        self.actor_kind == ActorKind::System.code()
    }
}

/// The log of one institution.
pub struct AuditLog {
    institution: Uuid,
    rows: Vec<Row>,
    head: Option<Head>,
}

/// The id of an institution as the API writes it.
pub fn institution_id(text: &str) -> Uuid {
    Uuid::parse_str(text).unwrap()
}

impl AuditLog {
    /// Reads it, without regard to whom it belongs.
    pub fn read(connection: &mut AnyConnection, institution: Uuid) -> Self {
        // The head first: the service may append at any moment, and a kept head may lag behind.
        let head = sql_query("SELECT size, frontier FROM audit_tree WHERE institution_id = $1")
            .bind::<Binary, _>(institution.as_bytes().as_slice())
            .get_result(connection)
            .optional()
            .unwrap();
        let rows = sql_query("SELECT * FROM audit_entry WHERE institution_id = $1 ORDER BY sequence")
            .bind::<Binary, _>(institution.as_bytes().as_slice())
            .load(connection)
            .unwrap();
        Self { institution, rows, head }
    }

    /// The entries from the first on.
    pub fn entries(&self) -> Vec<Entry> {
        self.rows.iter().map(Row::entry).collect()
    }

    /// The entries of what somebody asked that `later` has beyond this log, of which it must be a continuation. What
    /// the service does by itself, such as sending letters, comes in its own time.
    #[track_caller]
    pub fn added(&self, later: &Self) -> Vec<Entry> {
        assert!(later.rows.starts_with(&self.rows), "the log was rewritten");
        let added = later.rows.iter().skip(self.rows.len()).map(Row::entry);
        added.filter(|entry| !entry.is_by_the_service()).collect()
    }

    /// Checks that the log is whole: the entries are numbered without a gap, each hashes to its leaf, and the kept
    /// head of the tree is made of the first of these leaves.
    #[track_caller]
    pub fn check(&self) {
        let head = self.head.as_ref().unwrap();
        let size = u64::try_from(head.size).unwrap();
        let mut frontier = Frontier::default();
        let mut kept = (size == 0).then(|| frontier.to_bytes());
        for (sequence, row) in (0..).zip(&self.rows) {
            let objects = decode_objects(&row.objects).unwrap();
            let entry = row.audit_entry(self.institution, &objects);
            assert_eq!(entry.sequence, sequence);
            assert_eq!(entry.leaf_hash().as_slice(), row.leaf_hash, "entry {sequence}");
            frontier.push(entry.leaf_hash());
            if frontier.size() == size {
                kept = Some(frontier.to_bytes());
            }
        }
        assert_eq!(kept.as_ref(), Some(&head.frontier), "the kept head of {size} entries");
    }
}

impl Row {
    fn entry(&self) -> Entry {
        let objects = decode_objects(&self.objects).unwrap();
        Entry {
            actor_kind: self.actor_kind.clone(),
            actor: self.actor_id.as_deref().map(|id| Uuid::from_slice(id).unwrap().to_string()),
            operation: self.operation.clone(),
            activity: self.activity.clone(),
            outcome: self.outcome.clone(),
            address: self.address.clone(),
            objects: objects.into_iter().map(|(kind, id)| (kind, id.to_string())).collect(),
            changed: self.change_digest.is_some(),
        }
    }

    fn audit_entry<'a>(&'a self, institution: Uuid, objects: &'a [Object]) -> AuditEntry<'a> {
        AuditEntry {
            sequence: u64::try_from(self.sequence).unwrap(),
            occurred_at: Timestamp::from_microsecond(self.occurred_at).unwrap(),
            institution: InstitutionId::from_uuid(institution),
            actor_kind: ActorKind::from_code(&self.actor_kind).unwrap(),
            actor: self.actor_id.as_deref().map(|id| Uuid::from_slice(id).unwrap()),
            session: self.session_id.as_deref().map(|id| SessionId::from_slice(id).unwrap()),
            address: &self.address,
            trace_id: self.trace_id.as_slice().try_into().unwrap(),
            span_id: self.span_id.as_slice().try_into().unwrap(),
            activity: ProcessingActivity::from_code(&self.activity).unwrap(),
            operation: &self.operation,
            objects,
            outcome: Outcome::from_code(&self.outcome).unwrap(),
            change_digest: self.change_digest.as_deref().map(|digest| digest.try_into().unwrap()),
            detail: self.detail.as_deref(),
        }
    }
}

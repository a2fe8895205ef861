//! The audit log as it is really kept, read past the service.

use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use groeilijn_domain::access::principal::{Actor, Principal};
use groeilijn_domain::access::{Function, ProcessorFunction, Role};
use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, AuditEntry, Object, ObjectKind, Outcome, decode_objects};
use groeilijn_domain::audit::merkle::{Frontier, Hash};
use groeilijn_domain::values::ids::{ApiTokenId, InstitutionId, SessionId, UserId};
use groeilijn_persistence::database::connection::AnyConnection;
use groeilijn_persistence::database::query::prelude::*;
use jiff::Timestamp;
use uuid::Uuid;

/// One entry.
#[derive(QueryableByName, Debug, Clone, PartialEq, Eq)]
pub struct Row {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    occurred_at: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    actor_kind: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    actor_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    session_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    address: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    trace_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    span_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    activity: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    operation: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    objects: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
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
    /// When it was entered, in microseconds since 1970.
    pub occurred_at: i64,
    /// From which address, sealed.
    pub address: Option<Vec<u8>>,
    /// The trace that it is part of.
    pub trace_id: [u8; 16],
    /// The kinds and ids of what was touched.
    pub objects: Vec<(ObjectKind, String)>,
    /// Whether something was changed.
    pub changed: bool,
}

impl Entry {
    /// Who acted, as far as the entry says.
    pub fn principal(&self, institution: InstitutionId) -> Principal {
        let account = self.actor.as_deref().map_or(Uuid::nil(), |id| Uuid::parse_str(id).unwrap());
        let user = UserId::from_uuid(account);
        let actor = |role| Actor { account: user.into(), user, role, institution: Some(institution) };
        match ActorKind::from_code(&self.actor_kind).unwrap() {
            ActorKind::InstitutionUser => actor(Role::Institution(Function::Teacher)).into(),
            ActorKind::PlatformUser => actor(Role::Processor(ProcessorFunction::Adviser)).into(),
            ActorKind::System => Principal::Service { institution: None },
            ActorKind::ApiToken => Principal::ApiToken { id: ApiTokenId::from_uuid(account), institution },
        }
    }

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
    ///
    /// # Panics
    /// When the body of one of them ended.
    pub fn entries(&self) -> Vec<Entry> {
        self.rows.iter().map(|row| row.entry().unwrap()).collect()
    }

    /// The hash under which an entry is in the tree.
    ///
    /// # Panics
    /// When there is no such entry.
    pub fn leaf_hash(&self, sequence: u64) -> &[u8] {
        &self.rows[usize::try_from(sequence).unwrap()].leaf_hash
    }

    /// The hashes of the entries, in order.
    pub fn leaf_hashes(&self) -> Vec<Hash> {
        self.rows.iter().map(|row| row.leaf_hash.as_slice().try_into().unwrap()).collect()
    }

    /// The hashes that the entries have by what they say now, in this order.
    ///
    /// # Panics
    /// When the body of one of them ended.
    pub fn leaf_hashes_anew(&self) -> Vec<Hash> {
        let anew = self.rows.iter().map(|row| {
            let objects = decode_objects(row.objects.as_ref().unwrap()).unwrap();
            row.audit_entry(self.institution, &objects).unwrap().leaf_hash()
        });
        anew.collect()
    }

    /// The entries of what somebody asked that `later` has beyond this log, of which it must be a continuation. What
    /// the service does by itself, such as sending letters, comes in its own time.
    #[track_caller]
    pub fn added(&self, later: &Self) -> Vec<Entry> {
        assert!(later.rows.starts_with(&self.rows), "the log was rewritten");
        let added = later.rows.iter().skip(self.rows.len()).map(|row| row.entry().unwrap());
        added.filter(|entry| !entry.is_by_the_service()).collect()
    }

    /// Checks that the log is whole: the entries are numbered without a gap, none is earlier than the one before it,
    /// each that has its body hashes to its leaf, and the kept head of the tree is made of the first of these leaves.
    #[track_caller]
    pub fn check(&self) {
        let head = self.head.as_ref().unwrap();
        let size = u64::try_from(head.size).unwrap();
        let mut frontier = Frontier::default();
        let mut kept = (size == 0).then(|| frontier.to_bytes());
        let mut last_at = None;
        for (sequence, row) in (0_i64..).zip(&self.rows) {
            assert_eq!(row.sequence, sequence);
            if let Some(stored) = &row.objects {
                let objects = decode_objects(stored).unwrap();
                let entry = row.audit_entry(self.institution, &objects).unwrap();
                assert_eq!(entry.leaf_hash().as_slice(), row.leaf_hash, "entry {sequence}");
            }
            assert!(row.occurred_at.is_none() || row.occurred_at >= last_at, "entry {sequence} is too early");
            last_at = row.occurred_at.or(last_at);
            frontier.push(row.leaf_hash.as_slice().try_into().unwrap());
            if frontier.size() == size {
                kept = Some(frontier.to_bytes());
            }
        }
        assert_eq!(kept.as_ref(), Some(&head.frontier), "the kept head of {size} entries");
    }
}

impl Row {
    fn entry(&self) -> Option<Entry> {
        let objects = decode_objects(self.objects.as_ref()?).unwrap();
        Some(Entry {
            actor_kind: self.actor_kind.clone()?,
            actor: self.actor_id.as_deref().map(|id| Uuid::from_slice(id).unwrap().to_string()),
            operation: self.operation.clone()?,
            activity: self.activity.clone()?,
            outcome: self.outcome.clone()?,
            occurred_at: self.occurred_at?,
            address: self.address.clone(),
            trace_id: self.trace_id.as_deref()?.try_into().unwrap(),
            objects: objects.into_iter().map(|(kind, id)| (kind, id.to_string())).collect(),
            changed: self.change_digest.is_some(),
        })
    }

    fn audit_entry<'a>(&'a self, institution: Uuid, objects: &'a [Object]) -> Option<AuditEntry<'a>> {
        Some(AuditEntry {
            sequence: u64::try_from(self.sequence).unwrap(),
            occurred_at: Timestamp::from_microsecond(self.occurred_at?).unwrap(),
            institution: InstitutionId::from_uuid(institution),
            actor_kind: ActorKind::from_code(self.actor_kind.as_ref()?).unwrap(),
            actor: self.actor_id.as_deref().map(|id| Uuid::from_slice(id).unwrap()),
            session: self.session_id.as_deref().map(|id| SessionId::from_slice(id).unwrap()),
            address: self.address.as_deref(),
            trace_id: self.trace_id.as_deref()?.try_into().unwrap(),
            span_id: self.span_id.as_deref()?.try_into().unwrap(),
            activity: ProcessingActivity::from_code(self.activity.as_ref()?).unwrap(),
            operation: self.operation.as_ref()?,
            objects,
            outcome: Outcome::from_code(self.outcome.as_ref()?).unwrap(),
            change_digest: self.change_digest.as_deref().map(|digest| digest.try_into().unwrap()),
            detail: self.detail.as_deref(),
        })
    }
}

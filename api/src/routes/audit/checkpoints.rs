//! What is signed of the audit log of an institution, and proofs for whoever does not trust who keeps it (C090, C092).

use groeilijn_domain::audit::checkpoint::origin;
use groeilijn_domain::audit::log_key::LogKeyCause;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::audit::checkpoints::StoredCheckpoint;
use groeilijn_persistence::audit::log_keys::LogKey;
use groeilijn_persistence::{Cost, TenantReader};
use jiff::Timestamp;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::access::{Access, action, part};
use crate::http::described::{Described, at_most, counted};
use crate::http::digest::Sha256Hex;
use crate::http::failure::refused_in_query;
use crate::http::guard::activity::OperateService;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::query::FromQuery;
use crate::http::reply::{self, Listed, Shown};
use crate::{operations, query_params, reply_body};

/// The most keys that sign checkpoints.
const MOST_KEYS: usize = 1_000;
/// The most hashes in a proof: two for each level of a tree.
const MOST_HASHES: usize = 128;

operations! {
    /// The operations on checkpoints of the audit log, and on proofs.
    pub fn endpoints;

    /// Read how the audit log stands
    ///
    /// What it is called, the keys that check what is signed of it, how many entries it has and the root of their Merkle tree
    /// (RFC 6962), and the newest checkpoint. Write the keys down when you start to use the service: a key that is fetched
    /// with what it has to check proves less.
    GET "/audit-log" => read_audit_log: "The log as it is now.";

    /// List the checkpoints of the audit log
    ///
    /// A minute after something was entered at the latest, the service signs how many entries there are and the root of
    /// their tree: a C2SP checkpoint (c2sp.org/tlog-checkpoint) in a signed note with Ed25519. Keep one: with an older
    /// checkpoint you can show whether what came before was altered or left out since. The newest come first.
    GET "/audit-checkpoints" => list_audit_checkpoints: "A page of checkpoints, the newest first.";

    /// Prove that an entry is in the audit log
    ///
    /// The hashes with which the root of a tree is computed from the hash of one of its entries (RFC 6962, section 2.1.1).
    /// 409 `not-yet` before anything was signed.
    GET "/audit-log/inclusion-proof" => read_inclusion_proof: "The proof."
        .refusing(&[ProblemKind::Conflict]);

    /// Prove that the audit log is a continuation of what it was
    ///
    /// The hashes with which two roots are computed that must be those of an older and of a later checkpoint (RFC 6962,
    /// section 2.1.2). 409 `not-yet` before anything was signed.
    GET "/audit-log/consistency-proof" => read_consistency_proof: "The proof."
        .refusing(&[ProblemKind::Conflict]);
}

query_params! {
    pub struct ListAuditCheckpoints {
        /// How many checkpoints one page has at most.
        page: Page<u64>,
    }
}

query_params! {
    pub struct ReadInclusionProof {
        /// The place of the entry in the log, from 0.
        sequence: Count,
        /// Of how many entries the tree is: at most those of the newest checkpoint, which is taken when this is left out.
        size: Option<Count>,
    }
}

query_params! {
    pub struct ReadConsistencyProof {
        /// How many entries the older tree has: the size of the checkpoint that you kept.
        from: Count,
        /// How many entries the later tree has: at most those of the newest checkpoint, which is taken when this is left out.
        to: Option<Count>,
    }
}

/// A number of entries, or the place of one.
pub struct Count(u64);

impl Described for Count {
    fn schema() -> RefOr<Schema> {
        u64::schema()
    }
}

impl FromQuery for Count {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number.map(Self).ok_or_else(|| Refusal::new("not-a-number", "must be a whole number"))
    }
}

reply_body! {
    /// The audit log of the institution as it is now.
    pub struct AuditLog {
        /// What it is called in its checkpoints.
        origin: String,
        /// The keys that check its checkpoints, as C2SP verifier keys, the newest last: that one signs now.
        verifier_keys: Vec<String> = counted(0..=MOST_KEYS),
        /// From when until when each of them signed, in the same order.
        keys: Vec<AuditLogKey> = counted(0..=MOST_KEYS),
        /// How many entries it has.
        size: u64,
        /// The root of their Merkle tree, in hexadecimal.
        root: Sha256Hex,
        /// The newest checkpoint; null before the first one, in the first minute.
        checkpoint: Option<LogCheckpoint>,
    }
}

reply_body! {
    /// A key that signs checkpoints, or did.
    pub struct AuditLogKey {
        /// The key, as a C2SP verifier key.
        verifier_key: String,
        /// From when on it signs, in UTC.
        from: Timestamp,
        /// Until when it did, in UTC; null for the one that signs now.
        until: Option<Timestamp>,
        /// Why another one followed; null for the one that signs now. What a key signed that was stolen holds only if you kept
        /// it before.
        ended_by: Option<LogKeyCause>,
        /// Why, in the operator's words, when it was lost or stolen.
        ended_because: Option<String> = at_most(500),
    }
}

reply_body! {
    /// What the service signed of the audit log at one moment.
    pub struct LogCheckpoint {
        /// How many entries it had.
        size: u64,
        /// The root of their Merkle tree, in hexadecimal.
        root: Sha256Hex,
        /// When it was signed, in UTC. The signature says nothing of it.
        signed_at: Timestamp,
        /// The signed note, byte for byte: keep this.
        note: String,
    }
}

reply_body! {
    /// The proof that an entry is in the audit log.
    pub struct InclusionProof {
        /// The place of the entry in the log, from 0.
        sequence: u64,
        /// The hash of the entry in the tree, in hexadecimal.
        leaf_hash: Sha256Hex,
        /// Of how many entries the tree is.
        size: u64,
        /// The root of the tree, in hexadecimal.
        root: Sha256Hex,
        /// The hashes beside the way from the entry to the root, the lowest first, in hexadecimal.
        hashes: Vec<Sha256Hex> = counted(0..=MOST_HASHES),
        /// The checkpoint of that tree; null when none was signed when the log had this size.
        checkpoint: Option<LogCheckpoint>,
    }
}

reply_body! {
    /// The proof that the audit log is a continuation of what it was.
    pub struct ConsistencyProof {
        /// How many entries the older tree has.
        from: u64,
        /// Its root, in hexadecimal.
        from_root: Sha256Hex,
        /// How many entries the later tree has.
        to: u64,
        /// Its root, in hexadecimal.
        to_root: Sha256Hex,
        /// The hashes of the proof, in hexadecimal.
        hashes: Vec<Sha256Hex> = counted(0..=MOST_HASHES),
        /// The checkpoint of the later tree; null when none was signed when the log had this size.
        checkpoint: Option<LogCheckpoint>,
    }
}

impl From<LogKey> for AuditLogKey {
    fn from(LogKey { key, span }: LogKey) -> Self {
        Self {
            verifier_key: key.to_string(),
            from: span.from,
            until: span.until,
            ended_by: span.ended_by,
            ended_because: span.ended_because,
        }
    }
}

impl From<StoredCheckpoint> for LogCheckpoint {
    fn from(stored: StoredCheckpoint) -> Self {
        Self {
            size: stored.size,
            root: Sha256Hex(stored.root),
            signed_at: stored.signed_at,
            note: stored.note,
        }
    }
}

async fn read_audit_log(
    access: Access<part::AuditLog, action::Read, OperateService>,
) -> Result<Shown<AuditLog>, Problem> {
    let tenant = access.tenant()?;
    let keys = tenant.log_keys().await?;
    let institution = tenant.institution();
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method holds for one lifetime only")]
    let log = tenant.read_log(Cost::Rows, |reader| reader.log_state()).await?;
    reply::view(&AuditLog {
        origin: origin(institution),
        verifier_keys: keys.iter().map(|key| key.key.to_string()).collect(),
        keys: keys.into_iter().map(AuditLogKey::from).collect(),
        size: log.size,
        root: Sha256Hex(log.root),
        checkpoint: log.newest.map(LogCheckpoint::from),
    })
}

async fn list_audit_checkpoints(
    access: Access<part::AuditLog, action::Read, OperateService>,
    query: ListAuditCheckpoints,
) -> Result<Listed<LogCheckpoint>, Problem> {
    let page = query.page;
    let (before, limit) = (page.after, page.rows);
    let read = move |reader: &mut TenantReader<'_>| reader.log_checkpoints(before, limit);
    let found = access.tenant()?.read_log(Cost::Rows, read).await?;
    page.reply(found, |checkpoint| checkpoint.size, LogCheckpoint::from)
}

async fn read_inclusion_proof(
    access: Access<part::AuditLog, action::Read, OperateService>,
    query: ReadInclusionProof,
) -> Result<Shown<InclusionProof>, Problem> {
    let (sequence, size) = (query.sequence.0, query.size.map(|size| size.0));
    let read = move |reader: &mut TenantReader<'_>| reader.inclusion_proof(sequence, size);
    let proved = access.tenant()?.read_log(Cost::Rows, read).await.map_err(refused_in_query)?;
    reply::view(&InclusionProof {
        sequence,
        leaf_hash: Sha256Hex(proved.leaf_hash),
        size: proved.size,
        root: Sha256Hex(proved.root),
        hashes: proved.proof.into_iter().map(Sha256Hex).collect(),
        checkpoint: proved.checkpoint.map(LogCheckpoint::from),
    })
}

async fn read_consistency_proof(
    access: Access<part::AuditLog, action::Read, OperateService>,
    query: ReadConsistencyProof,
) -> Result<Shown<ConsistencyProof>, Problem> {
    let (from, to) = (query.from.0, query.to.map(|to| to.0));
    let read = move |reader: &mut TenantReader<'_>| reader.consistency_proof(from, to);
    let proved = access.tenant()?.read_log(Cost::Rows, read).await.map_err(refused_in_query)?;
    reply::view(&ConsistencyProof {
        from,
        from_root: Sha256Hex(proved.from_root),
        to: proved.to,
        to_root: Sha256Hex(proved.to_root),
        hashes: proved.proof.into_iter().map(Sha256Hex).collect(),
        checkpoint: proved.checkpoint.map(LogCheckpoint::from),
    })
}

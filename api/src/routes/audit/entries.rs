//! What is in the audit log of an institution (C048, C089, C090).

use groeilijn_domain::activity::ProcessingActivity;
use groeilijn_domain::audit::entry::{ActorKind, ObjectKind, Outcome};
use groeilijn_domain::values::ids::{ActorId, LoggedObjectId, PupilId, SessionId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_persistence::audit::entries::{EntryFilter, StoredEntry};
use groeilijn_persistence::{Cost, TenantReader};
use jiff::Timestamp;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::http::access::{Access, action, part};
use crate::http::described::{Described, counted};
use crate::http::digest::Sha256Hex;
use crate::http::guard::activity::OperateService;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::query::FromQuery;
use crate::http::reply::Listed;
use crate::{operations, query_params, reply_body};

/// The most things that one entry names: those of the largest page.
const MOST_OBJECTS: usize = 10_000;
/// How many letters the name of an operation has at most.
const LONGEST_NAME: usize = 64;

operations! {
    /// The operations on the audit log.
    pub fn endpoints;

    /// List the entries of the audit log
    ///
    /// Who asked for what of the institution, about whom, when, for what purpose and how it ended: also what was refused for want
    /// of a right, and what the processor's staff and the service itself did. The newest come first. All parameters together say what
    /// is asked for; with none of them it is everything. Looking is on record too.
    ///
    /// It names nobody but by id. Tokens of auditors may read it, without the network addresses.
    ///
    /// A page may have fewer entries than `limit` although more follow: what is rare is looked for piece by piece.
    GET "/audit-entries" => list_audit_entries: "A page of entries, the newest first.";
}

query_params! {
    pub struct ListAuditEntries {
        /// Only what names this child.
        pupil_id: Option<PupilId>,
        /// Only what names this user as what it is about.
        user_id: Option<UserId>,
        /// Only what this user, member of the processor's staff, or token asked.
        actor_id: Option<ActorId>,
        /// Only what was asked in this session, or support session.
        session_id: Option<SessionId>,
        /// Only this operation: an `operationId` of this document, or the name of a job.
        operation: Option<OperationName>,
        /// Only what ended like this.
        outcome: Option<Outcome>,
        /// Only what was entered at this moment or later.
        from: Option<Timestamp>,
        /// Only what was entered before this moment.
        until: Option<Timestamp>,
        /// How many entries one page has at most.
        page: Page<u64>,
    }
}

/// The name of an operation or of a job: letters only.
pub struct OperationName(String);

impl Described for OperationName {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        name.max_length(Some(LONGEST_NAME)).pattern(Some("^[A-Za-z]+$")).into()
    }
}

impl FromQuery for OperationName {
    fn from_query(text: &str) -> Result<Self, Refusal> {
        let is_name =
            (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let refusal = || Refusal::new("not-a-code", "must be an operationId or the name of a job");
        if is_name { Ok(Self(text.to_owned())) } else { Err(refusal()) }
    }
}

impl ListAuditEntries {
    fn split(self) -> (EntryFilter, Page<u64>) {
        let pupil = self.pupil_id.map(|id| (ObjectKind::Pupil, id.as_uuid()));
        let user = self.user_id.map(|id| (ObjectKind::User, id.as_uuid()));
        let filter = EntryFilter {
            objects: pupil.into_iter().chain(user).collect(),
            actor: self.actor_id.map(|id| id.as_uuid()),
            session: self.session_id,
            operation: self.operation.map(|operation| operation.0),
            outcome: self.outcome,
            from: self.from,
            until: self.until,
        };
        (filter, self.page)
    }
}

reply_body! {
    /// Something that an entry is about.
    pub struct LoggedObject {
        /// What kind of thing.
        kind: ObjectKind,
        /// Its id.
        id: LoggedObjectId,
    }
}

reply_body! {
    /// An entry of the audit log. Two years after it was written its body may be gone; then only `sequence` and `leafHash`
    /// are left, and everything else is null or empty.
    pub struct LogEntry {
        /// Its place in the log, from 0, without gaps.
        sequence: u64,
        /// When, in UTC.
        occurred_at: Option<Timestamp>,
        /// On which side who asked stands.
        actor_kind: Option<ActorKind>,
        /// Who asked: a user, a member of the processor's staff, or a token; null for the service itself, and before login.
        actor_id: Option<ActorId>,
        /// The session under which was asked.
        session_id: Option<SessionId>,
        /// From which network address; null when there was none, when its key was destroyed with the person, and for tokens.
        address: Option<String>,
        /// The `trace-id` of W3C Trace Context, in hexadecimal.
        trace_id: Option<String>,
        /// The `parent-id` of W3C Trace Context under which this request goes, in hexadecimal.
        span_id: Option<String>,
        /// For what purpose.
        activity: Option<ProcessingActivity>,
        /// The purpose in words.
        purpose: Option<String>,
        /// What was asked: an `operationId` of this document, or the name of a job.
        operation: Option<String>,
        /// How it ended.
        outcome: Option<Outcome>,
        /// What it was about, in the order in which it was met.
        objects: Vec<LoggedObject> = counted(0..=MOST_OBJECTS),
        /// SHA-256 over the ciphertexts that were written, in hexadecimal; null when nothing was.
        change_digest: Option<Sha256Hex>,
        /// The hash of the entry in the log's Merkle tree (RFC 6962), in hexadecimal.
        leaf_hash: Sha256Hex,
    }
}

fn described((entry, address): (StoredEntry, Option<String>)) -> LogEntry {
    let body = entry.body.as_ref();
    let object =
        |(kind, id): &(ObjectKind, _)| LoggedObject { kind: *kind, id: LoggedObjectId::from_uuid(*id) };
    LogEntry {
        sequence: entry.sequence,
        occurred_at: body.map(|body| body.occurred_at),
        actor_kind: body.map(|body| body.actor_kind),
        actor_id: body.and_then(|body| body.actor).map(ActorId::from_uuid),
        session_id: body.and_then(|body| body.session),
        address,
        trace_id: body.map(|body| hex::encode(body.trace_id)),
        span_id: body.map(|body| hex::encode(body.span_id)),
        activity: body.map(|body| body.activity),
        purpose: body.map(|body| body.activity.describe().to_owned()),
        operation: body.map(|body| body.operation.clone()),
        outcome: body.map(|body| body.outcome),
        objects: body.map(|body| body.objects.iter().map(object).collect()).unwrap_or_default(),
        change_digest: body.and_then(|body| body.change_digest).map(Sha256Hex),
        leaf_hash: Sha256Hex(entry.leaf_hash),
    }
}

async fn list_audit_entries(
    access: Access<part::AuditLog, action::Read, OperateService>,
    query: ListAuditEntries,
) -> Result<Listed<LogEntry>, Problem> {
    let (filter, page) = query.split();
    let (before, limit) = (page.after, page.rows);
    let read = move |reader: &mut TenantReader<'_>| {
        let found = reader.audit_entries(&filter, before, usize::try_from(limit).unwrap_or_default())?;
        let opened = found.entries.into_iter().map(|entry| {
            let address = entry.body.as_ref().map_or(Ok(None), |body| reader.audit_address(body))?;
            Ok((entry, address))
        });
        Ok((opened.collect::<groeilijn_persistence::Result<Vec<_>>>()?, found.stopped_at))
    };
    let (found, stopped_at) = access.tenant()?.read_log(Cost::Scan, read).await?;
    page.reply_or_go_on(found, |(entry, _)| entry.sequence, described, stopped_at)
}

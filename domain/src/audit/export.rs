//! The audit log of an institution as others take it along: a text in which each line is one JSON object.
//!
//! The first line says whose log it is and how many entries follow. Then comes a line for each entry, with everything that
//! its hash covers, the ciphertexts in base64; of an entry whose body ended its number and its hash alone. The last line is
//! the checkpoint of exactly these entries: a text without it broke off.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entry::{ActorKind, AuditEntry, Object, ObjectKind, Outcome};
use super::merkle::Hash;
use crate::activity::ProcessingActivity;
use crate::values::ids::{InstitutionId, SessionId};

/// Names the form of these lines; another form gets another name.
pub const FORMAT: &str = "groeilijn/audit-log/1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// Whose log it is.
    pub institution_id: Uuid,
    /// What that is called in checkpoints.
    pub origin: String,
    /// The keys that check its checkpoints. Whoever checks brings the keys along that she trusts.
    pub verifier_keys: Vec<String>,
    /// The number of the first entry: 0, the log is taken along as a whole.
    pub first_sequence: u64,
    /// How many entries there are.
    pub size: u64,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct End {
    /// How many entries there were.
    pub size: u64,
    /// When they were signed, in UTC; the signature says nothing of it.
    pub signed_at: String,
    /// The signed note.
    pub checkpoint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Whole<'a> {
    sequence: u64,
    #[serde(borrow)]
    occurred_at: Cow<'a, str>,
    #[serde(borrow)]
    actor_kind: Cow<'a, str>,
    actor_id: Option<Uuid>,
    session_id: Option<Uuid>,
    address: Option<String>,
    #[serde(borrow)]
    trace_id: Cow<'a, str>,
    #[serde(borrow)]
    span_id: Cow<'a, str>,
    #[serde(borrow)]
    activity: Cow<'a, str>,
    #[serde(borrow)]
    operation: Cow<'a, str>,
    #[serde(borrow)]
    objects: Vec<Named<'a>>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
    change_digest: Option<String>,
    detail: Option<String>,
    #[serde(borrow)]
    leaf_hash: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    id: Uuid,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ended<'a> {
    sequence: u64,
    #[serde(borrow)]
    leaf_hash: Cow<'a, str>,
}

/// The line of an entry that has its body, without the line break; `None` if it cannot be written as JSON.
pub fn line_of(entry: &AuditEntry<'_>, leaf_hash: &Hash) -> Option<String> {
    let named = |(kind, id): &Object| Named { kind: kind.code().into(), id: *id };
    line(&Whole {
        sequence: entry.sequence,
        occurred_at: entry.occurred_at.to_string().into(),
        actor_kind: entry.actor_kind.code().into(),
        actor_id: entry.actor,
        session_id: entry.session.map(|session| session.as_uuid()),
        address: entry.address.map(|bytes| STANDARD.encode(bytes)),
        trace_id: hex::encode(entry.trace_id).into(),
        span_id: hex::encode(entry.span_id).into(),
        activity: entry.activity.code().into(),
        operation: entry.operation.into(),
        objects: entry.objects.iter().map(named).collect(),
        outcome: entry.outcome.code().into(),
        change_digest: entry.change_digest.map(hex::encode),
        detail: entry.detail.map(|bytes| STANDARD.encode(bytes)),
        leaf_hash: hex::encode(leaf_hash).into(),
    })
}

/// The line of an entry whose body ended.
pub fn line_of_ended(sequence: u64, leaf_hash: &Hash) -> Option<String> {
    line(&Ended { sequence, leaf_hash: hex::encode(leaf_hash).into() })
}

/// A line as JSON, without the line break.
pub fn line(content: &impl Serialize) -> Option<String> {
    serde_json::to_string(content).ok()
}

/// What a line says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadEntry {
    /// Its number.
    pub sequence: u64,
    /// The hash under which it stands in the tree, as the line has it.
    pub leaf_hash: Hash,
    /// The hash of what it says, and when it was entered; `None` when its body ended.
    pub body: Option<(Hash, Timestamp)>,
}

/// Reads the line of an entry in the log of `institution`; `None` when it is not one.
pub fn read_entry(line: &str, institution: InstitutionId) -> Option<ReadEntry> {
    if let Ok(whole) = serde_json::from_str::<Whole<'_>>(line) {
        return whole.read(institution);
    }
    let ended: Ended<'_> = serde_json::from_str(line).ok()?;
    Some(ReadEntry { sequence: ended.sequence, leaf_hash: digits(&ended.leaf_hash)?, body: None })
}

impl Whole<'_> {
    fn read(&self, institution: InstitutionId) -> Option<ReadEntry> {
        let object = |named: &Named<'_>| Some((ObjectKind::from_code(&named.kind)?, named.id));
        let objects = self.objects.iter().map(object).collect::<Option<Vec<_>>>()?;
        let [address, detail] = [sealed(self.address.as_deref())?, sealed(self.detail.as_deref())?];
        let occurred_at = microseconds(&self.occurred_at)?;
        let entry = AuditEntry {
            sequence: self.sequence,
            occurred_at,
            institution,
            actor_kind: ActorKind::from_code(&self.actor_kind)?,
            actor: self.actor_id,
            session: self.session_id.map(SessionId::from_uuid),
            address: address.as_deref(),
            trace_id: digits(&self.trace_id)?,
            span_id: digits(&self.span_id)?,
            activity: ProcessingActivity::from_code(&self.activity)?,
            operation: &self.operation,
            objects: &objects,
            outcome: Outcome::from_code(&self.outcome)?,
            change_digest: self.change_digest.as_deref().map_or(Some(None), |text| digits(text).map(Some))?,
            detail: detail.as_deref(),
        };
        Some(ReadEntry {
            sequence: self.sequence,
            leaf_hash: digits(&self.leaf_hash)?,
            body: Some((entry.leaf_hash(), occurred_at)),
        })
    }
}

/// The bytes of an optional ciphertext; `None` when it is there and is not base64.
fn sealed(text: Option<&str>) -> Option<Option<Vec<u8>>> {
    text.map_or(Some(None), |text| STANDARD.decode(text).ok().map(Some))
}

/// A moment in the one form that an export has, to the microsecond: what a hash does not cover is not said.
fn microseconds(text: &str) -> Option<Timestamp> {
    let read: Timestamp = text.parse().ok()?;
    let moment = Timestamp::from_microsecond(read.as_microsecond()).ok()?;
    (moment.to_string() == text).then_some(moment)
}

fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECTS: [Object; 1] = [(ObjectKind::Pupil, Uuid::from_u128(6))];

    fn entry() -> AuditEntry<'static> {
        AuditEntry {
            sequence: 7,
            occurred_at: "2026-11-21T10:15:30.123456Z".parse().unwrap(),
            institution: InstitutionId::from_uuid(Uuid::from_u128(1)),
            actor_kind: ActorKind::InstitutionUser,
            actor: Some(Uuid::from_u128(2)),
            session: Some(SessionId::from_uuid(Uuid::from_u128(3))),
            address: Some(b"sealed address"),
            trace_id: [3; 16],
            span_id: [4; 8],
            activity: ProcessingActivity::FollowDevelopment,
            operation: "createNote",
            objects: &OBJECTS,
            outcome: Outcome::Success,
            change_digest: Some([8; 32]),
            detail: Some(b"sealed"),
        }
    }

    #[test]
    fn c090_the_hash_of_an_entry_follows_from_its_line() {
        let bare = AuditEntry {
            actor: None,
            session: None,
            address: None,
            objects: &[],
            change_digest: None,
            detail: None,
            ..entry()
        };
        for entry in [entry(), bare] {
            let line = line_of(&entry, &entry.leaf_hash()).unwrap();
            let read = read_entry(&line, entry.institution).unwrap();
            let body = Some((entry.leaf_hash(), entry.occurred_at));
            assert_eq!(read, ReadEntry { sequence: 7, leaf_hash: entry.leaf_hash(), body });
            let elsewhere = read_entry(&line, InstitutionId::from_uuid(Uuid::from_u128(9))).unwrap();
            assert_ne!(elsewhere.body, read.body, "an entry says whose it is");
        }
        let ended = line_of_ended(7, &[9; 32]).unwrap();
        let read = read_entry(&ended, entry().institution);
        assert_eq!(read, Some(ReadEntry { sequence: 7, leaf_hash: [9; 32], body: None }));
    }

    /// If this fails, exports that were made before are not read any more.
    #[test]
    fn c090_the_line_of_an_entry_never_changes() {
        assert_eq!(
            line_of(&entry(), &[9; 32]).unwrap(),
            "{\"sequence\":7,\"occurredAt\":\"2026-11-21T10:15:30.123456Z\",\"actorKind\":\"institution-user\",\
             \"actorId\":\"00000000-0000-0000-0000-000000000002\",\
             \"sessionId\":\"00000000-0000-0000-0000-000000000003\",\"address\":\"c2VhbGVkIGFkZHJlc3M=\",\
             \"traceId\":\"03030303030303030303030303030303\",\"spanId\":\"0404040404040404\",\
             \"activity\":\"follow-development\",\"operation\":\"createNote\",\
             \"objects\":[{\"kind\":\"pupil\",\"id\":\"00000000-0000-0000-0000-000000000006\"}],\
             \"outcome\":\"success\",\
             \"changeDigest\":\"0808080808080808080808080808080808080808080808080808080808080808\",\
             \"detail\":\"c2VhbGVk\",\
             \"leafHash\":\"0909090909090909090909090909090909090909090909090909090909090909\"}"
        );
    }

    #[test]
    fn what_is_no_entry_is_not_read() {
        let line = line_of(&entry(), &[9; 32]).unwrap();
        for (from, to) in [
            ("\"sequence\":7", "\"sequence\":-7"),
            ("createNote\"", "createNote\",\"more\":1"),
            ("pupil", "elephant"),
            ("success", "perhaps"),
            ("0404040404040404", "04"),
            ("c2VhbGVk\"", "c2V\""),
            ("2026-11-21T", ""),
        ] {
            assert!(line.contains(from));
            assert_eq!(read_entry(&line.replace(from, to), entry().institution), None, "{to}");
        }
    }
}

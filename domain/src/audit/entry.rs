//! The entries of an institution's audit log: who did what with whose data, when, for what purpose and how it
//! ended (C036, C048).
//!
//! An entry is a leaf of the institution's Merkle tree ([`crate::audit::merkle`]), by its [canonical
//! form](AuditEntry::canonical).

use jiff::Timestamp;
use uuid::Uuid;

use crate::activity::ProcessingActivity;
use crate::audit::merkle::{self, Hash};
use crate::values::ids::{InstitutionId, SessionId};
use crate::values::text::code_list;

/// Names the canonical form; another form gets another name.
const FORMAT: &[u8] = b"groeilijn/audit/2";

/// What a canonical form without objects, address and detail takes, and some room for those.
const USUAL_LEN: usize = 384;

code_list! {
    /// How a request ended.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was refused: not allowed, or not possible as asked.
        Denied = "denied",
        /// It broke off by a fault of the service.
        Failed = "failed",
    }
}

code_list! {
    /// On which side the actor stands.
    pub enum ActorKind {
        /// A user of the institution, or a visitor who has yet to show to be one.
        InstitutionUser = "institution-user",
        /// A user of the processor.
        PlatformUser = "platform-user",
        /// The service by itself, such as a periodic job.
        System = "system",
        /// A program or an auditor with a token of the institution.
        ApiToken = "api-token",
    }
}

code_list! {
    /// What kind of thing a request touched. The order is part of the stored form: new kinds go at the end.
    pub enum ObjectKind {
        /// An institution.
        Institution = "institution",
        /// The licence of an institution.
        Licence = "licence",
        /// A user.
        User = "user",
        /// A group of children.
        Group = "group",
        /// A child.
        Pupil = "pupil",
        /// A child's stay in a group.
        Placement = "placement",
        /// A note about a child.
        Note = "note",
        /// A registration of a child's development.
        Registration = "registration",
        /// An overview of a child or group; its id is that of the child or group.
        Overview = "overview",
        /// An import of a school file.
        Import = "import",
        /// An observation framework.
        Framework = "framework",
        /// A login.
        Session = "session",
        /// An invitation to become a user.
        Invitation = "invitation",
        /// Something that may be an attack.
        SecurityEvent = "security-event",
        /// A token with which a program or an auditor asks.
        ApiToken = "api-token",
        /// What a user allows the processor's staff.
        SupportConsent = "support-consent",
        /// A look of the processor's staff into the institution.
        SupportSession = "support-session",
        /// An adviser's work for the institution.
        Coupling = "coupling",
        /// Staff of the processor.
        ProcessorStaff = "processor-staff",
        /// What the institution asks an adviser.
        SupportRequest = "support-request",
        /// A board of several institutions.
        Organisation = "organisation",
        /// The person with whom the licence was agreed.
        LicenceHolder = "licence-holder",
        /// Where the institution is.
        Location = "location",
        /// A version of a document that contracts are made of.
        ContractDocument = "contract-document",
        /// What the institution was asked to agree upon.
        Agreement = "agreement",
        /// A destruction of what was kept long enough.
        Destruction = "destruction",
        /// What keeps something from being destroyed for now.
        Hold = "hold",
        /// That the institution gets an administrator who can log in.
        AdministratorRecovery = "administrator-recovery",
        /// Whom the processor lets process data.
        Subprocessor = "subprocessor",
        /// Who speaks for the institution, or for the processor.
        ContactPerson = "contact-person",
        /// An instruction of the institution.
        Instruction = "instruction",
        /// A security incident, which may be a datalek.
        Incident = "incident",
        /// What was released to a third party.
        Disclosure = "disclosure",
        /// A look through the log, on record.
        LogReview = "log-review",
        /// A program of the institution that is told of events.
        WebhookEndpoint = "webhook-endpoint",
        /// A record of evidence that is kept outside the software.
        EvidenceRecord = "evidence-record",
        /// An audit of the processor that the institution asked for.
        Audit = "audit",
        /// What a group works towards.
        Goal = "goal",
        /// A child's stay in a group beside its main one.
        AdditionalGroup = "additional-group",
        /// What is planned for a line of a registration that needs attention.
        FollowUp = "follow-up",
    }
}

/// A thing that a request touched.
pub type Object = (ObjectKind, Uuid);

/// One entry. It borrows, so that an entry can be hashed from a request or from a row without copying either.
///
/// The fields are those of the Dutch standard Logboek Dataverwerkingen, and some that it leaves to
/// extensions:
///
/// | Logboek Dataverwerkingen | here |
/// |---|---|
/// | `trace_id`, `span_id` | `trace_id`, `span_id` |
/// | `name` | `operation` |
/// | `start_time`, `end_time` | `occurred_at`, for both |
/// | `status` | `outcome`: success is `Ok`, denied is `Unset`, failed is `Error` |
/// | `attributes`: `dpl.core.processing_activity_id` | `activity` |
/// | `attributes`: `dpl.core.data_subject_id`, `…_type` | the pupils and users among `objects`, by a pseudonymous id |
/// | extensions | the other fields |
///
/// It names nobody in the clear: what does is in `detail`, under the subject's own key, and in `address`, under the
/// actor's. The hash covers the ciphertexts, so an entry verifies whether or not the keys are there. Of an entry whose
/// body ended only institution, sequence and leaf hash are left: those are what the tree is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry<'a> {
    /// The place in the institution's log, from 0, without gaps: the index of the leaf.
    pub sequence: u64,
    /// The moment of decision in UTC, cut to microseconds.
    pub occurred_at: Timestamp,
    /// The institution whose data it is, and whose log.
    pub institution: InstitutionId,
    /// On which side the actor stands.
    pub actor_kind: ActorKind,
    /// The user who asked, or the token; `None` for the service itself and before login.
    pub actor: Option<Uuid>,
    /// The login under which was asked.
    pub session: Option<SessionId>,
    /// The client's network address, sealed; `None` for the service itself.
    pub address: Option<&'a [u8]>,
    /// W3C Trace Context: the chain of requests this one is part of.
    pub trace_id: [u8; 16],
    /// W3C Trace Context: this request.
    pub span_id: [u8; 8],
    /// For what purpose.
    pub activity: ProcessingActivity,
    /// The `operationId` in the OpenAPI document, or a job's name.
    pub operation: &'a str,
    /// What was touched, in the order in which it was.
    pub objects: &'a [Object],
    /// How it ended.
    pub outcome: Outcome,
    /// SHA-256 of the ciphertexts that were written; `None` if nothing was.
    pub change_digest: Option<[u8; 32]>,
    /// More about it, sealed.
    pub detail: Option<&'a [u8]>,
}

impl AuditEntry<'_> {
    /// Appends the canonical form to `out`: the bytes that the leaf hash covers, different for every two
    /// entries that differ.
    ///
    /// In order: the format's name, then the fields in their order of declaration. Numbers are 8 bytes, big
    /// endian; the time counts microseconds since 1970-01-01T00:00:00Z, in two's complement. Ids are their 16
    /// bytes. Members of a list are written as their code. Texts and bytes, and `objects` as
    /// [`encode_objects`] writes them, are preceded by their length in bytes as a number. An optional field is
    /// preceded by one byte, 1 if it is there and 0 if it is not.
    pub fn canonical(&self, out: &mut Vec<u8>) {
        put_bytes(out, FORMAT);
        put_number(out, self.sequence);
        out.extend_from_slice(&self.occurred_at.as_microsecond().to_be_bytes());
        out.extend_from_slice(self.institution.as_bytes());
        put_bytes(out, self.actor_kind.code().as_bytes());
        put_optional(out, self.actor, |out, actor| out.extend_from_slice(actor.as_bytes()));
        put_optional(out, self.session, |out, session| out.extend_from_slice(session.as_bytes()));
        put_optional(out, self.address, put_bytes);
        out.extend_from_slice(&self.trace_id);
        out.extend_from_slice(&self.span_id);
        put_bytes(out, self.activity.code().as_bytes());
        put_bytes(out, self.operation.as_bytes());
        put_number(out, (self.objects.len() * OBJECT_LEN) as u64);
        encode_objects(self.objects, out);
        put_bytes(out, self.outcome.code().as_bytes());
        put_optional(out, self.change_digest, |out, digest| out.extend_from_slice(&digest));
        put_optional(out, self.detail, put_bytes);
    }

    /// The hash under which the entry stands in the Merkle tree.
    pub fn leaf_hash(&self) -> Hash {
        let mut form = Vec::with_capacity(USUAL_LEN);
        self.canonical(&mut form);
        merkle::leaf_hash(&form)
    }
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_optional<T>(out: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

/// The stored length of one object in bytes.
const OBJECT_LEN: usize = 17;

/// Appends the stored form of objects to `out`: for each its kind, as its number from 0 in [`ObjectKind`], in
/// one byte, and the 16 bytes of its id.
pub fn encode_objects(objects: &[Object], out: &mut Vec<u8>) {
    out.reserve(objects.len() * OBJECT_LEN);
    for (kind, id) in objects {
        out.push(*kind as u8);
        out.extend_from_slice(id.as_bytes());
    }
}

/// Reads the stored form of objects; `None` if the bytes are not one.
pub fn decode_objects(stored: &[u8]) -> Option<Vec<Object>> {
    let (objects, []) = stored.as_chunks::<OBJECT_LEN>() else { return None };
    objects
        .iter()
        .map(|[kind, id @ ..]| {
            let kind = ObjectKind::ALL.get(usize::from(*kind))?;
            Some((*kind, Uuid::from_bytes(*id)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::ops::RangeFrom;

    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const OBJECTS: [Object; 2] =
        [(ObjectKind::Note, Uuid::from_u128(5)), (ObjectKind::Pupil, Uuid::from_u128(6))];

    fn entry() -> AuditEntry<'static> {
        AuditEntry {
            sequence: 7,
            occurred_at: "2026-11-21T10:15:30.123456Z".parse().unwrap(),
            institution: InstitutionId::from_uuid(Uuid::from_u128(1)),
            actor_kind: ActorKind::InstitutionUser,
            actor: Some(Uuid::from_u128(2)),
            session: None,
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

    fn canonical(entry: &AuditEntry<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        entry.canonical(&mut out);
        out
    }

    /// If this fails, every log ever written fails to verify.
    #[test]
    fn the_canonical_form_never_changes() {
        assert_eq!(
            hex::encode(entry().leaf_hash()),
            "c080ddba6059cdc589c68e5a1805034f8991276af0158ff9b1758ddbbd64bdd3"
        );
    }

    #[test]
    fn the_numbers_of_kinds_never_change() {
        let numbered: Vec<_> = ObjectKind::ALL.iter().map(|kind| (*kind as u8, kind.code())).collect();
        let expected = [
            "institution",
            "licence",
            "user",
            "group",
            "pupil",
            "placement",
            "note",
            "registration",
            "overview",
            "import",
            "framework",
            "session",
            "invitation",
            "security-event",
            "api-token",
            "support-consent",
            "support-session",
            "coupling",
            "processor-staff",
            "support-request",
            "organisation",
            "licence-holder",
            "location",
            "contract-document",
            "agreement",
            "destruction",
            "hold",
            "administrator-recovery",
            "subprocessor",
            "contact-person",
            "instruction",
            "incident",
            "disclosure",
            "log-review",
            "webhook-endpoint",
            "evidence-record",
            "audit",
            "goal",
            "additional-group",
            "follow-up",
        ];
        assert_eq!(numbered, (0..).zip(expected).collect::<Vec<_>>());
    }

    #[test]
    fn every_field_is_in_the_canonical_form() {
        let others = [
            AuditEntry { sequence: 8, ..entry() },
            AuditEntry { occurred_at: "2026-11-21T10:15:30.123457Z".parse().unwrap(), ..entry() },
            AuditEntry { institution: InstitutionId::from_uuid(Uuid::from_u128(2)), ..entry() },
            AuditEntry { actor_kind: ActorKind::PlatformUser, ..entry() },
            AuditEntry { actor_kind: ActorKind::ApiToken, ..entry() },
            AuditEntry { actor: None, ..entry() },
            AuditEntry { session: Some(SessionId::from_uuid(Uuid::from_u128(2))), ..entry() },
            AuditEntry { actor: None, session: Some(SessionId::from_uuid(Uuid::from_u128(2))), ..entry() },
            AuditEntry { address: Some(b"another"), ..entry() },
            AuditEntry { address: Some(b""), ..entry() },
            AuditEntry { address: None, ..entry() },
            AuditEntry { trace_id: [4; 16], ..entry() },
            AuditEntry { span_id: [3; 8], ..entry() },
            AuditEntry { activity: ProcessingActivity::OperateService, ..entry() },
            AuditEntry { operation: "changeNote", ..entry() },
            AuditEntry { objects: &[], ..entry() },
            AuditEntry { outcome: Outcome::Denied, ..entry() },
            AuditEntry { change_digest: None, ..entry() },
            AuditEntry { detail: Some(b""), ..entry() },
            AuditEntry { detail: None, ..entry() },
            entry(),
        ];
        let mut forms: Vec<_> = others.iter().map(canonical).collect();
        forms.sort();
        forms.dedup();
        assert_eq!(forms.len(), others.len());
    }

    /// The parts of an entry whose length varies, from so few values that two draws are often equal.
    type Varying =
        (Option<u128>, Option<u128>, Option<Vec<u8>>, String, Vec<Object>, Option<[u8; 32]>, Option<Vec<u8>>);

    fn varying() -> impl Strategy<Value = Varying> {
        let object = (select(&ObjectKind::ALL[..2]), (0_u128..2).prop_map(Uuid::from_u128));
        (
            option::of(0_u128..2),
            option::of(0_u128..2),
            option::of(prop::collection::vec(0_u8..2, 0..2)),
            "[ab]{0,2}",
            prop::collection::vec(object, 0..2),
            option::of(Just([1; 32])),
            option::of(prop::collection::vec(0_u8..2, 0..2)),
        )
    }

    fn entry_of(
        (actor, session, address, operation, objects, change_digest, detail): &Varying,
    ) -> AuditEntry<'_> {
        AuditEntry {
            actor: actor.map(Uuid::from_u128),
            session: session.map(|id| SessionId::from_uuid(Uuid::from_u128(id))),
            address: address.as_deref(),
            operation,
            objects,
            change_digest: *change_digest,
            detail: detail.as_deref(),
            ..entry()
        }
    }

    /// The numbers that no kind has.
    const NO_KIND: RangeFrom<u8> = (ObjectKind::ALL.len() as u8)..;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn forms_are_equal_only_of_equal_entries(one in varying(), keep: [bool; 7], other in varying()) {
            let mut near = one.clone();
            if !keep[0] { near.0 = other.0 }
            if !keep[1] { near.1 = other.1 }
            if !keep[2] { near.2 = other.2 }
            if !keep[3] { near.3 = other.3 }
            if !keep[4] { near.4 = other.4 }
            if !keep[5] { near.5 = other.5 }
            if !keep[6] { near.6 = other.6 }
            let (one, near) = (entry_of(&one), entry_of(&near));
            prop_assert_eq!(one == near, canonical(&one) == canonical(&near));
        }

        #[test]
        fn objects_come_back(
            objects in prop::collection::vec((select(&ObjectKind::ALL[..]), any::<u128>()), 0..20),
        ) {
            let objects: Vec<_> = objects.into_iter().map(|(kind, id)| (kind, Uuid::from_u128(id))).collect();
            let mut stored = Vec::new();
            encode_objects(&objects, &mut stored);
            prop_assert_eq!(decode_objects(&stored), Some(objects));
        }

        #[test]
        fn bytes_that_are_no_objects_are_refused(number in NO_KIND, rest in 1_usize..17) {
            let mut stored = Vec::new();
            encode_objects(&[(ObjectKind::Pupil, Uuid::nil())], &mut stored);
            prop_assert_eq!(decode_objects(&stored[..rest]), None);
            stored[0] = number;
            prop_assert_eq!(decode_objects(&stored), None);
        }
    }
}

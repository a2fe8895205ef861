//! How long everything is kept, what holds that up, and what was destroyed.

use groeilijn_domain::retention::destruction::DestructionState;
use groeilijn_domain::retention::plan::{Rule, SubjectKind};
use groeilijn_domain::retention::term::{StatutoryKind, TermBasis};
use groeilijn_domain::values::ids::PupilId;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::keys::KeyOwner;

use super::super::documents::AS_KEPT;
use super::super::form::{Form, any, code, text};
use super::super::resource::{INSTITUTION_ID, Member, Resource};
use super::super::rules;
use crate::children::key_owner;

pub(super) static RETENTION_POLICY: Resource = Resource::new(
    "retention-policy",
    "retention_policy",
    "The institution's own term for what it has about children, in calendar months; none for the contract's.",
    &[
        Member::plain("months", "months", Form::Number).optional(),
        Member::plain("revision", "revision", Form::Number),
        Member::plain("changedAt", "changed_at", Form::Moment),
    ],
)
.known_by(&["institution_id"])
.held_to(rules::own_term)
.without(&[INSTITUTION_ID, ("looked_on", "the other installation looks for itself what has to go")]);

pub(super) static STATUTORY_TERMS: Resource = Resource::new(
    "statutory-terms",
    "statutory_term",
    "A term by law that the institution registered.",
    &[
        Member::plain("position", "position", Form::Number),
        Member::plain("kind", "kind", code!(StatutoryKind)),
        Member::plain("months", "months", Form::Number),
        Member::plain("provision", "provision", text!(ShortText)),
    ],
)
.known_by(&["position"])
.held_to(rules::statutory_term)
.without(&[INSTITUTION_ID]);

pub(super) static HOLDS: Resource = Resource::new(
    "holds",
    "retention_hold",
    "That a child, or everything of the institution, must not be destroyed, and why.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("subject", "subject_kind", code!(SubjectKind)),
        Member::plain("subjectId", "subject_id", Form::Id),
        Member::sealed("reason", "reason", text!(ShortText)),
        Member::reference("madeBy", "author_id", "users"),
        Member::plain("madeAt", "made_at", Form::Moment),
        Member::plain("reviewDay", "review_on", Form::Day),
        Member::plain("liftedAt", "lifted_at", Form::Moment).optional(),
        Member::reference("liftedBy", "lifted_by", "users").optional(),
    ],
)
.filtered(
    "t.institution_id = $1 AND (t.subject_kind <> 'pupil' OR EXISTS (SELECT 1 FROM pupil AS there \
     WHERE there.institution_id = $1 AND there.id = t.subject_id AND there.destroying_at IS NULL))",
)
.owned(|cells, institution| match cells.text("subject_kind").and_then(SubjectKind::from_code)? {
    SubjectKind::Pupil => cells.id("subject_id").map(|id| key_owner::pupil(PupilId::from_uuid(id))),
    SubjectKind::Institution => Some(KeyOwner::shared(institution)),
})
.held_to(rules::hold)
.without(&[INSTITUTION_ID]);

/// Destroyed things are named by id alone, so it is no secret that they were.
pub(super) static DESTRUCTIONS: Resource = Resource::new(
    "destructions",
    "destruction",
    "A destruction, with its certificate: evidence that the processor who destroyed signed.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("state", "state", code!(DestructionState)),
        Member::plain("requestedBy", "requested_by", Form::Actor).optional(),
        Member::maybe_sealed("reason", "reason", text!(ShortText)),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("beginsAt", "begins_at", Form::Moment).optional(),
        Member::plain("approvedBy", "approved_by", Form::Actor).optional(),
        Member::plain("stoppedBy", "stopped_by", Form::Actor).optional(),
        Member::maybe_sealed("stopReason", "stop_reason", text!(ShortText)),
        Member::plain("begunAt", "begun_at", Form::Moment).optional(),
        Member::plain("auditSizeBefore", "before_size", Form::Number).optional(),
        Member::plain("auditRootBefore", "before_root", Form::Digest).optional(),
        Member::plain("destroyedAt", "destroyed_at", Form::Moment).optional(),
        Member::plain("completeOn", "complete_on", Form::Day).optional(),
        Member::plain("certificate", "certificate", Form::Text(10_000_000, any)).optional(),
        Member::plain("completion", "completion", Form::Text(10_000_000, any)).optional(),
    ],
)
.stays(
    "who destroyed signed for it, and goes on to answer for the backups; what was asked for and did not begin is asked \
     for anew",
)
.without(&[
    INSTITUTION_ID,
    ("lease_until", "it is about a process of one installation"),
    ("revision", "nothing can be changed of it any more"),
]);

pub(super) static DESTRUCTION_SUBJECTS: Resource = Resource::new(
    "destruction-subjects",
    "destruction_item",
    "What a destruction was of, by id, and by which rule.",
    &[
        Member::reference("destructionId", "destruction_id", "destructions"),
        Member::plain("subjectId", "subject_id", Form::Id),
        Member::plain("kind", "kind", code!(SubjectKind)),
        Member::plain("rule", "rule", code!(Rule)),
        Member::plain("months", "months", Form::Number).optional(),
        Member::plain("basis", "basis", code!(TermBasis)).optional(),
        Member::plain("dueOn", "due_on", Form::Day),
        Member::plain("outcome", "outcome", Form::Json(&AS_KEPT)).optional(),
    ],
)
.known_by(&["destruction_id", "subject_id"])
.stays("as of destructions")
.without(&[INSTITUTION_ID]);

//! What happened: the audit log, and what may have been attacks.

use groeilijn_domain::audit::disclosure::DisclosureGround;
use groeilijn_domain::audit::entry::{ActorKind, Outcome};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::values::text::FreeText;

use super::super::documents::AS_KEPT;
use super::super::form::{Form, any, code, text};
use super::super::resource::{INSTITUTION_ID, Member, Resource};

pub(super) static AUDIT_ENTRIES: Resource = Resource::new(
    "audit-entries",
    "audit_entry",
    "An entry of the audit log: who did what, when, for which purpose. After two years its hash alone is left.",
    &[
        Member::plain("sequence", "sequence", Form::Number),
        Member::plain("occurredAt", "occurred_at", Form::Moment).optional(),
        Member::plain("actorKind", "actor_kind", code!(ActorKind)).optional(),
        Member::plain("actorId", "actor_id", Form::Id).optional(),
        Member::plain("sessionId", "session_id", Form::Id).optional(),
        Member::plain("traceId", "trace_id", Form::Digest).optional(),
        Member::plain("spanId", "span_id", Form::Digest).optional(),
        Member::plain("activity", "activity", Form::Text(100, any)).optional(),
        Member::plain("operation", "operation", Form::Text(100, any)).optional(),
        Member::plain("objects", "objects", Form::Objects).optional(),
        Member::plain("outcome", "outcome", code!(Outcome)).optional(),
        Member::plain("changeDigest", "change_digest", Form::Digest).optional(),
        Member::plain("leafHash", "leaf_hash", Form::Digest),
    ],
)
.known_by(&["sequence"])
.stays(
    "a log proves what one installation did: the other one begins its own, whose first entry names the digest of this \
     export",
)
.without(&[
    INSTITUTION_ID,
    ("address", "it is sealed under the key of whoever acted, and was kept for the security of the installation"),
    ("detail", "it is sealed under the key of what was changed; what it says is in the data themselves"),
]);

pub(super) static SECURITY_EVENTS: Resource = Resource::new(
    "security-events",
    "security_event",
    "What may have been an attack on a user of the institution.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("occurredAt", "occurred_at", Form::Moment),
        Member::plain("kind", "kind", code!(SecurityEventKind)),
        Member::plain("userId", "user_id", Form::Id).optional(),
    ],
)
.stays("it happened to the installation that is left")
.without(&[INSTITUTION_ID, ("address", "it was kept for the security of the installation")]);

pub(super) static LOG_REVIEWS: Resource = Resource::new(
    "log-reviews",
    "log_review",
    "That somebody of the institution looked through its audit log, and what she found.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("reviewedUntil", "reviewed_until", Form::Moment),
        Member::sealed("findings", "findings", text!(FreeText)),
        Member::plain("nextDueOn", "next_due_on", Form::Day),
        Member::plain("reviewedBy", "reviewed_by", Form::Actor),
        Member::plain("reviewedAt", "reviewed_at", Form::Moment),
    ],
)
.stays("it was the log that stays which was looked through")
.without(&[INSTITUTION_ID]);

pub(super) static DISCLOSURES: Resource = Resource::new(
    "disclosures",
    "disclosure",
    "What was released to a third party: to whom, about whom, when and on which ground.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("ground", "ground", code!(DisclosureGround)),
        Member::plain("disclosedAt", "disclosed_at", Form::Moment),
        Member::sealed("content", "content", Form::Json(&AS_KEPT)),
        Member::plain("recordedBy", "recorded_by", Form::Actor).optional(),
        Member::plain("recordedAt", "recorded_at", Form::Moment),
    ],
)
.stays("the installation that released it keeps that register")
.without(&[INSTITUTION_ID]);

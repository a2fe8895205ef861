//! What the processor's staff was let see, and subprocessors. All of it stays in the export: staff and subprocessors are
//! those of the installation that is left.

use groeilijn_domain::access::Part;
use groeilijn_domain::platform::transfer::Safeguard;
use groeilijn_domain::support::{ConsentKind, CouplingReport, RequestChannel, SupportKind};
use groeilijn_domain::values::ids::SupportRequestId;
use groeilijn_domain::values::text::{FreeText, ShortText};

use super::super::documents::AS_KEPT;
use super::super::form::{Form, any, code, codes, text};
use super::super::resource::{INSTITUTION_ID, Member, Resource};
use crate::support::key_owner;

const STAFF: &str = "it was given to staff of the installation that is left";

pub(super) static SUPPORT_CONSENTS: Resource = Resource::new(
    "support-consents",
    "support_consent",
    "That a user allowed the processor's staff to see something.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("userId", "user_id", "users"),
        Member::plain("kind", "kind", code!(ConsentKind)),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("endsAt", "ends_at", Form::Moment),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
        Member::plain("staffId", "staff_id", Form::Id).optional(),
    ],
)
.stays(STAFF)
.without(&[INSTITUTION_ID, ("code", "whoever has it may look along")]);

pub(super) static COUPLINGS: Resource = Resource::new(
    "couplings",
    "coupling",
    "That an adviser worked for the institution.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("adviserId", "adviser_id", Form::Id),
        Member::plain("startsOn", "starts_on", Form::Day),
        Member::plain("endsOn", "ends_on", Form::Day),
        Member::plain("report", "report", code!(CouplingReport)),
        Member::sealed("agreement", "agreement", text!(ShortText)),
        Member::plain("createdBy", "created_by", Form::Actor),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::plain("approvedBy", "approved_by", Form::Actor).optional(),
        Member::plain("approvedAt", "approved_at", Form::Moment).optional(),
        Member::plain("decoupledBy", "decoupled_by", Form::Actor).optional(),
        Member::plain("decoupledAt", "decoupled_at", Form::Moment).optional(),
    ],
)
.stays(STAFF)
.without(&[INSTITUTION_ID]);

pub(super) static SUPPORT_REQUESTS: Resource = Resource::new(
    "support-requests",
    "support_request",
    "What the institution asked an adviser.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("madeBy", "made_by", Form::Actor),
        Member::plain("createdAt", "created_at", Form::Moment),
        Member::sealed("question", "question", text!(FreeText)),
        Member::sealed("askedBy", "asked_by", text!(ShortText)).optional(),
        Member::plain("channel", "channel", code!(RequestChannel)).optional(),
        Member::plain("receivedOn", "received_on", Form::Day).optional(),
        Member::plain("groupId", "group_id", Form::Id).optional(),
        Member::plain("parts", "parts", codes!(Part)),
        Member::plain("approvedBy", "approved_by", Form::Actor).optional(),
        Member::plain("approvedAt", "approved_at", Form::Moment).optional(),
        Member::plain("closedBy", "closed_by", Form::Actor).optional(),
        Member::plain("closedAt", "closed_at", Form::Moment).optional(),
    ],
)
.owned(|cells, _| cells.id("id").map(|id| key_owner::support_request(SupportRequestId::from_uuid(id))))
.stays("it was asked of staff of the installation that is left")
.without(&[INSTITUTION_ID]);

pub(super) static SUPPORT_REQUEST_PUPILS: Resource = Resource::new(
    "support-request-pupils",
    "support_request_pupil",
    "A child that a request of the institution names.",
    &[
        Member::reference("requestId", "request_id", "support-requests"),
        Member::reference("pupilId", "pupil_id", "pupils"),
    ],
)
.filtered(
    "t.institution_id = $1 AND EXISTS (SELECT 1 FROM pupil AS there WHERE there.institution_id = $1 \
     AND there.id = t.pupil_id AND there.destroying_at IS NULL)",
)
.known_by(&["request_id", "pupil_id"])
.stays("as of support-requests")
.without(&[INSTITUTION_ID]);

pub(super) static SUPPORT_SESSIONS: Resource = Resource::new(
    "support-sessions",
    "support_session",
    "A look of the processor's staff into the institution: why, and what it might see.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("staffId", "staff_id", Form::Id),
        Member::plain("kind", "kind", code!(SupportKind)),
        Member::plain("userId", "user_id", Form::Id).optional(),
        Member::plain("caseId", "case_id", Form::Text(64, any)).optional(),
        Member::plain("consentId", "consent_id", Form::Id).optional(),
        Member::plain("couplingId", "coupling_id", Form::Id).optional(),
        Member::plain("requestId", "request_id", Form::Id).optional(),
        Member::sealed("reason", "reason", text!(ShortText)),
        Member::plain("freeText", "free_text", Form::Flag),
        Member::sealed("freeTextReason", "free_text_reason", text!(ShortText)).optional(),
        Member::plain("parts", "parts", codes!(Part)),
        Member::plain("startsAt", "starts_at", Form::Moment),
        Member::plain("endsAt", "ends_at", Form::Moment),
    ],
)
.stays("staff of the installation that is left looked")
.without(&[INSTITUTION_ID, ("proof", "it proves that this installation wrote the row")]);

pub(super) static SUBPROCESSORS: Resource = Resource::new(
    "subprocessors",
    "subprocessor",
    "Whom the processor lets process data, or did.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::plain("replacesId", "replaces_id", Form::Id).optional(),
        Member::plain("name", "name", Form::Text(1_000, any)),
        Member::plain("place", "place", Form::Text(1_000, any)),
        Member::plain("country", "country", Form::Text(2, any)),
        Member::plain("task", "task", Form::Text(10_000, any)),
        Member::plain("access", "access", Form::Text(10_000, any)),
        Member::plain("safeguard", "safeguard", code!(Safeguard)).optional(),
        Member::plain("passages", "passages", Form::Json(&AS_KEPT)),
        Member::plain("announcedAt", "announced_at", Form::Moment),
        Member::plain("endedAt", "ended_at", Form::Moment).optional(),
    ],
)
.filtered("$1 = $1")
.stays("another processor announces whom it lets process data, and the institution may object")
.without(&[
    ("announced_by", "it is about the processor's staff, and of no use to the institution"),
    ("ended_by", "it is about the processor's staff, and of no use to the institution"),
]);

pub(super) static SUBPROCESSOR_OBJECTIONS: Resource = Resource::new(
    "subprocessor-objections",
    "subprocessor_objection",
    "That the institution objected to a subprocessor.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("subprocessorId", "subprocessor_id", "subprocessors"),
        Member::sealed("reason", "reason", text!(ShortText)),
        Member::plain("madeBy", "made_by", Form::Actor),
        Member::plain("madeAt", "made_at", Form::Moment),
        Member::plain("withdrawnBy", "withdrawn_by", Form::Actor).optional(),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
    ],
)
.stays("as of subprocessors")
.without(&[INSTITUTION_ID]);

pub(super) static TRANSFER_CONSENTS: Resource = Resource::new(
    "transfer-consents",
    "transfer_consent",
    "That the institution consented to a country outside the European Economic Area.",
    &[
        Member::plain("id", "id", Form::Id),
        Member::reference("subprocessorId", "subprocessor_id", "subprocessors"),
        Member::plain("country", "country", Form::Text(2, any)),
        Member::plain("safeguard", "safeguard", code!(Safeguard)),
        Member::plain("givenBy", "given_by", Form::Actor),
        Member::plain("givenAt", "given_at", Form::Moment),
        Member::plain("withdrawnBy", "withdrawn_by", Form::Actor).optional(),
        Member::plain("withdrawnAt", "withdrawn_at", Form::Moment).optional(),
    ],
)
.stays("as of subprocessors: a consent is for one of them, and is never carried over")
.without(&[INSTITUTION_ID]);

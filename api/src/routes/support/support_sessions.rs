//! Support sessions: how the processor's staff looks into an institution, for a while and for a reason, and how the
//! institution sees who did (C010–C013, C048).

use std::collections::BTreeSet;

use groeilijn_domain::access::session::SessionEnd;
use groeilijn_domain::access::{Part, ProcessorFunction, Role, Scope};
use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_domain::support::{CaseId, ConsentCode, Naming, SupportKind, SupportRefusal, requested_parts};
use groeilijn_domain::values::ids::{InstitutionId, SupportRequestId, SupportSessionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::support::support_session::{NewSupportSession, StoredSupportSession};
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::guard::activity::AdministerAccess;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, Listed, NoContent};
use crate::routes::access::sessions::tokens;
use crate::secret::Secret;
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on support sessions.
    pub fn endpoints;

    /// List the support sessions
    ///
    /// The newest first: for an administrator all looks into the institution, with their reasons; for a member of the
    /// processor's staff their own.
    GET "/support-sessions" => list_support_sessions: "A page of support sessions.";

    /// Begin a support session
    ///
    /// The helpdesk looks along with a user who allows it and read out her code (C012); an adviser answers a request of the
    /// institution (C010), and sees the children alone whom that names or who are in its group, or works for an institution to which she is coupled (C100); the platform administrator mends an emergency, of which the
    /// institution has a security event (C013). Of each its administrators have a letter at once. The tokens in the reply
    /// are for this institution and these parts, to look and nothing else. Each request in it stands in the institution's
    /// audit log. None begins, and none goes on, without a licence that is in force and accepted terms (C004).
    ///
    /// With 403: `not-of-this-function`; for looking along `no-consent` and `sees-no-registrations`; for a coupling
    /// `not-coupled`; for a case `no-request`. When what allowed it ends, each later request gets `no-consent`,
    /// `not-coupled` or `no-request` as well.
    POST "/support-sessions" => begin_support_session: "The support session has begun."
        .refusing(&[ProblemKind::NotFound]);

    /// End a support session
    ///
    /// At once: for the member of staff whose it is, and for an administrator of the institution.
    DELETE "/support-sessions/{supportSessionId}" => end_support_session: "The support session has ended.";
}

request_body! {
    /// A look into an institution: what for, and until when.
    pub struct SupportSessionRequest {
        /// The institution that is looked into.
        institution_id: InstitutionId,
        /// What kind of look. Each is for one function of the processor's staff.
        kind: SupportKind,
        /// The user of the institution whom it is about. Looking along needs her consent, and reaches as far as she
        /// does (C012).
        user_id: Option<UserId>,
        /// To look along: the code of the user's consent, which she reads to whoever looks. Only who uses it first can
        /// use it.
        consent_code: Option<ConsentCode>,
        /// For a case: the request of the institution that it answers (C010). It shows what that is about, and nothing
        /// else.
        request_id: Option<SupportRequestId>,
        /// The case that it is about, as the processor's own administration numbers it; never anything that names a
        /// person.
        case_id: Option<CaseId>,
        /// The parts that are needed; all that the kind shows when absent. For a case, of these the ones that the request
        /// is about.
        parts: Option<Vec<Part>>,
        /// Why. The institution reads it.
        reason: ShortText,
        /// For a case or an emergency: why the purpose needs the texts that professionals wrote. Without it the text of
        /// notes, particulars and the reasons of corrections are masked (C050). The institution reads it too.
        free_text_reason: Option<ShortText>,
        /// When it ends: for looking along and in an emergency within 60 minutes, for a case within 4 hours, for a
        /// coupling within 8; never after what allows it.
        ends_at: Timestamp,
    }

    example {
        "institutionId": "01999999-0000-7000-8000-000000000001",
        "kind": "look-along",
        "userId": "01999999-0000-7000-8000-000000000001",
        "consentCode": "WDJB-MJHT",
        "reason": "Scherm blijft leeg na het opslaan.",
        "endsAt": "2026-11-21T09:30:00Z",
    }
}

reply_body! {
    /// A look of the processor's staff into an institution. Nothing is changed in it.
    pub struct SupportSession {
        /// The support session's id.
        id: SupportSessionId,
        /// The institution that is looked into.
        institution_id: InstitutionId,
        /// The member of the processor's staff who looks.
        staff_id: UserId,
        /// What they do at the processor.
        staff_function: ProcessorFunction,
        /// What kind of look.
        kind: SupportKind,
        /// The user of the institution whom it is about.
        user_id: Option<UserId>,
        /// The case that it is about.
        case_id: Option<CaseId>,
        /// The request of the institution that it answers.
        request_id: Option<SupportRequestId>,
        /// The parts that it shows.
        parts: Vec<Part>,
        /// Why.
        reason: ShortText,
        /// Why the texts that professionals wrote are shown; null when they are masked (C050).
        free_text_reason: Option<ShortText>,
        /// When it began, in UTC.
        starts_at: Timestamp,
        /// When it ends by itself, in UTC; before that when what allows it ends.
        ends_at: Timestamp,
        /// When somebody ended it before that, in UTC; null if nobody did.
        ended_at: Option<Timestamp>,
        /// Why it was ended before that.
        end: Option<SessionEnd>,
    }
}

reply_body! {
    /// A support session that has begun, and the tokens for it. They open this institution and these parts alone.
    pub struct BegunSupportSession {
        /// The support session.
        support_session: SupportSession,
        /// Goes with every request, in `Authorization: Bearer …`.
        access_token: String,
        /// When the access token ends, in UTC.
        access_token_expires_at: Timestamp,
        /// Gets the next access token, once. It is as secret as a password.
        refresh_token: String,
    }
}

impl From<StoredSupportSession> for SupportSession {
    fn from(stored: StoredSupportSession) -> Self {
        Self {
            id: stored.id,
            institution_id: stored.institution,
            staff_id: stored.staff,
            staff_function: stored.kind.opened_by(),
            kind: stored.kind,
            user_id: stored.user,
            case_id: stored.case,
            parts: stored.parts.into_iter().collect(),
            request_id: stored.request,
            reason: stored.reason,
            free_text_reason: stored.free_text_reason,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            ended_at: stored.ended_at,
            end: stored.end,
        }
    }
}

query_params! {
    pub struct ListSupportSessions {
        /// How many support sessions one page has.
        page: Page<SupportSessionId>,
    }
}

async fn list_support_sessions(
    access: Access<part::SupportSessions, action::Read, AdministerAccess>,
    query: ListSupportSessions,
) -> Result<Listed<SupportSession>, Problem> {
    let ListSupportSessions { page } = query;
    let (before, rows) = (page.after, page.rows);
    let found = match access.scope() {
        Scope::Platform => {
            let staff = access.actor()?.user;
            let platform = access.platform();
            platform.read(Cost::Rows, move |reader| reader.support_sessions_of(staff, before, rows)).await?
        }
        Scope::OwnGroups | Scope::OwnLocations | Scope::Institution => {
            access.tenant()?.read(Cost::Rows, move |reader| reader.support_sessions(before, rows)).await?
        }
    };
    page.reply(found, |session| session.id, SupportSession::from)
}

async fn begin_support_session(
    access: Access<part::SupportSessions, action::Create, AdministerAccess>,
    JsonBody(body, _): JsonBody<SupportSessionRequest>,
) -> Result<Created<BegunSupportSession>, Problem> {
    let parts = checked_parts(access.actor()?.role, &body)?;
    access.require_admitted(body.institution_id, body.kind.rests_on().service()).await?;
    let state = access.state();
    let environment = state.environment();
    let new = NewSupportSession {
        id: SupportSessionId::from_uuid(environment.uuid()),
        institution: body.institution_id,
        kind: body.kind,
        parts,
        user: body.user_id,
        consent_code: body.consent_code,
        case: body.case_id,
        request: body.request_id,
        reason: body.reason,
        free_text_reason: body.free_text_reason,
        ends_at: body.ends_at,
    };
    let is_emergency = new.kind == SupportKind::Emergency;
    let refresh = Secret::new(environment);
    let hash = refresh.hash();
    let (begun, session) =
        access.platform().write(move |writer| writer.begin_support_session(&new, &hash)).await?;
    if is_emergency {
        state.metrics.security_event(SecurityEventKind::EmergencyAccess);
    }
    let tokens = tokens(state, &session, &refresh)?;
    let body = BegunSupportSession {
        support_session: SupportSession::from(begun),
        access_token: tokens.access_token,
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token: tokens.refresh_token,
    };
    reply::created("/v1/sessions/current", &body, 1)
}

/// The parts that the support session shows, if it may be begun like this.
fn checked_parts(role: Role, body: &SupportSessionRequest) -> Result<BTreeSet<Part>, Problem> {
    let Role::Processor(function) = role else { return Err(Problem::of(ProblemKind::Forbidden)) };
    let named = [
        body.user_id.as_ref().map(|_| Naming::User),
        body.consent_code.as_ref().map(|_| Naming::ConsentCode),
        body.case_id.as_ref().map(|_| Naming::Case),
        body.request_id.map(|_| Naming::Request),
        body.free_text_reason.as_ref().map(|_| Naming::FreeText),
    ];
    let named: Vec<_> = named.into_iter().flatten().collect();
    let parts = requested_parts(body.kind, function, &named, body.parts.as_deref());
    Ok(parts.map_err(|refusal| match refusal {
        SupportRefusal::Forbidden(refusal) => Error::Forbidden(refusal),
        SupportRefusal::Invalid(refusals) => refusals.into(),
    })?)
}

async fn end_support_session(
    access: Access<part::SupportSessions, action::Delete, AdministerAccess>,
    PathId(id): PathId<SupportSessionId>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.end_support_session(id)).await?;
    Ok(NoContent)
}

//! Requests of institutions: what they ask an adviser, and what that is about (C010, C146). Without one an adviser begins
//! no support session for a case.

use actix_web::HttpRequest;
use groeilijn_domain::access::{Part, Scope};
use groeilijn_domain::institutions::service::Service;
use groeilijn_domain::support::{RequestChannel, RequestSubject, check_reach, check_received_on};
use groeilijn_domain::values::ids::{GroupId, InstitutionId, PupilId, SupportRequestId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_persistence::support::key_owner;
use groeilijn_persistence::support::support_request::{
    NewSupportRequest, ReceivedRequest, RecordedRequest, RequestFacts, StoredSupportRequest,
};
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create, create_on_platform};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, NoContent, Shown};
use crate::{operations, query_params, reply_body, request_body};

operations! {
    /// The operations on support requests.
    pub fn endpoints;

    /// List the requests to advisers
    ///
    /// In the order in which they were made: one's own, or all of the institution for whoever reaches the whole of it. For
    /// an adviser those of all institutions that were not closed, without what is asked and which children they name.
    GET "/support-requests" => list_support_requests: "A page of requests.";

    /// Ask an adviser
    ///
    /// About these children, about this group, or about neither: then no child is shown. Everybody asks about what she sees
    /// herself. An adviser can then begin a support session of the kind `case` that shows this and nothing else, until the
    /// request is closed or is thirty days old (C010).
    ///
    /// With 403 `sees-no-registrations` for whoever does not see children and their registrations herself.
    POST "/support-requests" => make_support_request: "The request was made.";

    /// Read a request to an adviser
    ///
    /// What is asked and what it is about. An adviser reads one as long as it was not closed; the institution has that in
    /// its own audit log.
    GET "/support-requests/{supportRequestId}" => read_support_request: "The request.";

    /// Approve a request that the processor recorded
    ///
    /// For an administrator of the institution, who says what it is about. Until then nothing rests on it (C146).
    ///
    /// With 409 `already-approved` or `request-closed`.
    POST "/support-requests/{supportRequestId}/_approve" => approve_support_request: "The request as it is now.";

    /// Close a request
    ///
    /// For who made it, and for whoever reaches the whole institution. Support sessions that rest on it end at once.
    DELETE "/support-requests/{supportRequestId}" => close_support_request: "The request is closed.";

    /// Record a request of an institution
    ///
    /// That it asked something by letter or in a call: who asked, and when. It shows nothing before an administrator of the
    /// institution approved it and said what it is about; they are sent a letter (C146).
    POST "/institutions/{institutionId}/support-requests" => record_support_request: "The request is on record.";
}

request_body! {
    /// A request to an adviser.
    pub struct SupportRequestCreation {
        /// What is asked. Who it is about is said by id, not here.
        question: FreeText,
        /// The children it is about: at most 35, and none beside a group.
        pupil_ids: Option<Vec<PupilId>>,
        /// The group it is about: the children who are in it.
        group_id: Option<GroupId>,
        /// The parts that are needed to answer; all that an adviser can be shown when absent.
        parts: Option<Vec<Part>>,
    }

    example {
        "question": "Hoe gaan we verder met tellen?",
        "groupId": "01999999-0000-7000-8000-000000000001",
        "parts": ["pupils", "registrations"],
    }
}

request_body! {
    /// What a request is about that the processor recorded.
    pub struct SupportRequestSubject {
        /// The children it is about: at most 35, and none beside a group.
        pupil_ids: Option<Vec<PupilId>>,
        /// The group it is about: the children who are in it.
        group_id: Option<GroupId>,
        /// The parts that are needed to answer; all that an adviser can be shown when absent.
        parts: Option<Vec<Part>>,
    }

    example { "groupId": "01999999-0000-7000-8000-000000000001", "parts": ["pupils", "registrations"] }
}

request_body! {
    /// A request that reached the processor by letter or call.
    pub struct ReceivedSupportRequest {
        /// What is asked, without the names of children.
        question: FreeText,
        /// Who asked.
        asked_by: ShortText,
        /// By letter or in a call.
        channel: RequestChannel,
        /// On which day, in Amsterdam.
        received_on: Date,
    }

    example {
        "question": "Hoe gaan we verder met tellen?",
        "askedBy": "De intern begeleider",
        "channel": "call",
        "receivedOn": "2026-11-20",
    }
}

reply_body! {
    /// A request to an adviser.
    pub struct SupportRequest {
        /// The request's id.
        id: SupportRequestId,
        /// The institution that asks.
        institution_id: InstitutionId,
        /// What is asked; null in the list of an adviser.
        question: Option<FreeText>,
        /// The user who made it, or the member of the processor's staff who recorded it.
        made_by: UserId,
        /// Who asked, if it reached the processor by letter or call.
        asked_by: Option<ShortText>,
        /// How it reached the processor, if no user made it.
        channel: Option<RequestChannel>,
        /// When it reached the processor, if no user made it.
        received_on: Option<Date>,
        /// The children it is about.
        pupil_ids: Vec<PupilId>,
        /// The group it is about.
        group_id: Option<GroupId>,
        /// The parts that are needed; none before it was approved.
        parts: Vec<Part>,
        /// When it was made, in UTC.
        created_at: Timestamp,
        /// The user of the institution who stands for it; null as long as nobody approved it.
        approved_by: Option<UserId>,
        /// Since when, in UTC.
        approved_at: Option<Timestamp>,
        /// Until when support sessions can rest on it, in UTC.
        ends_at: Option<Timestamp>,
        /// Who closed it; null if nobody did.
        closed_by: Option<UserId>,
        /// When it was closed, in UTC.
        closed_at: Option<Timestamp>,
    }
}

impl From<RequestFacts> for SupportRequest {
    fn from(facts: RequestFacts) -> Self {
        let ends_at = facts.standing().ends_at();
        Self {
            id: facts.id,
            institution_id: facts.institution,
            question: None,
            made_by: facts.made_by,
            asked_by: None,
            channel: None,
            received_on: None,
            pupil_ids: facts.subject.pupils,
            group_id: facts.subject.group,
            parts: facts.subject.parts.into_iter().collect(),
            created_at: facts.created_at,
            approved_by: facts.approved.map(|(by, _)| by),
            approved_at: facts.approved.map(|(_, at)| at),
            ends_at,
            closed_by: facts.closed.map(|(by, _)| by),
            closed_at: facts.closed.map(|(_, at)| at),
        }
    }
}

impl From<StoredSupportRequest> for SupportRequest {
    fn from(stored: StoredSupportRequest) -> Self {
        let received = stored
            .received
            .map(|ReceivedRequest { asked_by, channel, received_on }| (asked_by, channel, received_on));
        let (channel, received_on) = received.as_ref().map(|received| (received.1, received.2)).unzip();
        Self {
            question: Some(stored.question),
            asked_by: received.map(|received| received.0),
            channel,
            received_on,
            ..Self::from(stored.facts)
        }
    }
}

query_params! {
    pub struct ListSupportRequests {
        /// How many requests one page has.
        page: Page<SupportRequestId>,
    }
}

async fn list_support_requests(
    access: Access<part::SupportRequests, action::Read, AdministerAccess>,
    query: ListSupportRequests,
) -> Result<Listed<SupportRequest>, Problem> {
    let ListSupportRequests { page } = query;
    let (after, rows) = (page.after, page.rows);
    let found: Vec<SupportRequest> = if access.scope() == Scope::Platform {
        let platform = access.platform();
        let open = platform.read(Cost::Scan, move |reader| reader.open_support_requests(after, rows)).await?;
        open.into_iter().map(SupportRequest::from).collect()
    } else {
        let tenant = access.tenant()?;
        let found = tenant.read(Cost::Scan, move |reader| reader.support_requests(after, rows)).await?;
        found.into_iter().map(SupportRequest::from).collect()
    };
    page.reply(found, |request| request.id, |request| request)
}

async fn make_support_request(
    access: Access<part::SupportRequests, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SupportRequestCreation>,
) -> Result<Created<SupportRequest>, Problem> {
    check_reach(access.rights()).map_err(Error::Forbidden)?;
    let subject = subject(body.pupil_ids, body.group_id, body.parts.as_deref())?;
    let tenant = access.tenant()?;
    let id = SupportRequestId::from_uuid(tenant.environment().uuid());
    let new = NewSupportRequest { id, question: body.question, subject };
    let tenant = tenant.entering(vec![key_owner::support_request(id)]);
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let made = writer.make_support_request(&new)?;
            let location = format!("/v1/support-requests/{id}");
            Ok(New { location, ids: id, view: View::unrevised(made) })
        },
        |writer, id| writer.support_request(id).map(View::unrevised),
    )
    .await
}

async fn read_support_request(
    access: Access<part::SupportRequests, action::Read, AdministerAccess>,
    PathId(id): PathId<SupportRequestId>,
) -> Result<Shown<SupportRequest>, Problem> {
    let found = if access.scope() == Scope::Platform {
        access.platform().write(move |writer| writer.read_open_support_request(id)).await?
    } else {
        access.tenant()?.read(Cost::Rows, move |reader| reader.support_request(id)).await?
    };
    reply::view(&SupportRequest::from(found))
}

async fn approve_support_request(
    access: Access<part::SupportRequests, action::Change, AdministerAccess>,
    PathId(id): PathId<SupportRequestId>,
    JsonBody(body, _): JsonBody<SupportRequestSubject>,
) -> Result<Shown<SupportRequest>, Problem> {
    let subject = subject(body.pupil_ids, body.group_id, body.parts.as_deref())?;
    let approved = access.tenant()?.write(move |writer| writer.approve_support_request(id, &subject)).await?;
    reply::view(&SupportRequest::from(approved))
}

async fn close_support_request(
    access: Access<part::SupportRequests, action::Delete, AdministerAccess>,
    PathId(id): PathId<SupportRequestId>,
) -> Result<NoContent, Problem> {
    access.tenant()?.write(move |writer| writer.close_support_request(id)).await?;
    Ok(NoContent)
}

async fn record_support_request(
    access: Access<part::SupportSessions, action::Create, AdministerAccess>,
    request: HttpRequest,
    PathId(institution): PathId<InstitutionId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ReceivedSupportRequest>,
) -> Result<Created<SupportRequest>, Problem> {
    let platform = access.platform();
    let environment = platform.environment();
    check_received_on(body.received_on, environment.now()).map_err(invalid_field("received_on"))?;
    let id = SupportRequestId::from_uuid(environment.uuid());
    platform.read(Cost::Rows, move |reader| reader.institution(institution)).await?;
    access.require_admitted(institution, Some(Service::Advice)).await?;
    let platform = platform.entering(institution, vec![key_owner::support_request(id)]);
    let received =
        ReceivedRequest { asked_by: body.asked_by, channel: body.channel, received_on: body.received_on };
    let new = RecordedRequest { id, institution, question: body.question, received };
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let recorded = writer.record_support_request(&new)?;
            let location = format!("/v1/support-requests/{id}");
            Ok(New { location, ids: id, view: View::unrevised(recorded) })
        },
        |writer, id| writer.read_open_support_request(id).map(View::unrevised),
    )
    .await
}

fn subject(
    pupils: Option<Vec<PupilId>>,
    group: Option<GroupId>,
    parts: Option<&[Part]>,
) -> Result<RequestSubject, Error> {
    Ok(RequestSubject::new(pupils.unwrap_or_default(), group, parts)?)
}

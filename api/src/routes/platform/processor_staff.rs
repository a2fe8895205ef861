//! The processor's own staff: who they are, what they do, and the confidentiality statements they signed.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::confidentiality_statement::ConfidentialityStatement;
use groeilijn_domain::platform::processor_staff::ProcessorStaffFields;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::{Infix, NamePart};
use groeilijn_persistence::platform::processor_staff::StoredProcessorStaff;
use groeilijn_persistence::{Cost, Error};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{Created, IdempotentCreation, create_on_platform};
use crate::http::cursor::{After, Page};
use crate::http::digest::Sha256Hex;
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::routes::access::invitations::{Invitation, invitation};
use crate::{query_params, reply_body, request_body};

/// The operations on the processor's staff.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listProcessorStaff", "/processor-staff", list_processor_staff),
        post("createProcessorStaff", "/processor-staff", create_processor_staff),
        get("readProcessorStaff", "/processor-staff/{userId}", read_processor_staff),
        patch("changeProcessorStaff", "/processor-staff/{userId}", change_processor_staff),
        post("recordConfidentialityStatement", "/processor-staff/{userId}/statements", record_statement),
        post("inviteProcessorStaff", "/processor-staff/{userId}/invitations", invite_processor_staff),
    ]
}

/// The operations on the processor's staff as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    list_processor_staff,
    create_processor_staff,
    read_processor_staff,
    change_processor_staff,
    record_statement,
    invite_processor_staff,
))]
pub struct Documented;

request_body! {
    /// A member of the processor's staff to be entered.
    pub struct NewProcessorStaff {
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// The address to log in with: personal, never shared (C069).
        email: EmailAddress,
        /// What they do; it decides what they see (C008–C013).
        function: ProcessorFunction,
    }
}

request_body! {
    /// What changes about a member of the processor's staff; what is absent stays.
    pub struct ProcessorStaffPatch {
        /// What they do.
        function: Change<ProcessorFunction>,
        /// Whether they are let in: active or blocked. Who is unblocked chooses a new password first.
        state: Change<AccountState>,
    }
}

request_body! {
    /// A confidentiality statement that was signed (C045). The document itself is kept elsewhere.
    pub struct NewStatement {
        /// The day on which it was signed.
        signed_on: Date,
        /// SHA-256 of the signed document, in hexadecimal.
        document_sha256: Sha256Hex,
    }
}

reply_body! {
    /// A member of the processor's staff: a member of no institution (C002).
    pub struct ProcessorStaff {
        /// The id.
        id: UserId,
        /// First name.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der".
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel.
        last_name: NamePart,
        /// The address to log in with.
        email: EmailAddress,
        /// What they do.
        function: ProcessorFunction,
        /// Whether a password has been set, and they are let in.
        state: AccountState,
        /// The latest confidentiality statement; without one the account cannot be activated (C045).
        confidentiality_statement: Option<Statement>,
        /// When they were entered, in UTC.
        created_at: Timestamp,
    }
}

reply_body! {
    /// A confidentiality statement that was signed.
    pub struct Statement {
        /// The day on which it was signed.
        signed_on: Date,
        /// SHA-256 of the signed document, in hexadecimal.
        document_sha256: Sha256Hex,
    }
}

reply_body! {
    /// A new member of the processor's staff and the invitation to set a password.
    pub struct InvitedProcessorStaff {
        /// The member of staff.
        staff: ProcessorStaff,
        /// The invitation, on its way.
        invitation: Invitation,
    }
}

impl From<StoredProcessorStaff> for ProcessorStaff {
    fn from(stored: StoredProcessorStaff) -> Self {
        let fields = stored.fields;
        Self {
            id: stored.id,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            email: fields.email,
            function: fields.function,
            state: stored.state,
            confidentiality_statement: stored.statement.map(|statement| Statement {
                signed_on: statement.signed_on,
                document_sha256: Sha256Hex(statement.document_sha256),
            }),
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListProcessorStaff {
        /// How many members of staff one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<UserId>>,
    }
}

/// List the processor's staff
///
/// In the order in which they were entered.
#[utoipa::path(get, path = "/processor-staff", tag = "processor-staff", operation_id = "listProcessorStaff",
    responses((status = 200, description = "A page of staff.", body = inline(Page<ProcessorStaff>))))]
async fn list_processor_staff(
    access: Access<part::ProcessorStaff, action::Read, AdministerAccess>,
    request: HttpRequest,
    query: ListProcessorStaff,
) -> Result<HttpResponse, Problem> {
    let ListProcessorStaff { limit, cursor } = query;
    let after = cursor.map(|After(id)| id);
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.processor_staff(after, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |staff| staff.id.as_uuid(), ProcessorStaff::from)
}

/// Enter a member of the processor's staff
///
/// The account can be activated when a signed confidentiality statement is on record (C045).
#[utoipa::path(post, path = "/processor-staff", tag = "processor-staff", operation_id = "createProcessorStaff",
    request_body = NewProcessorStaff,
    responses((status = 201, description = "The member of staff was entered.", body = InvitedProcessorStaff)))]
async fn create_processor_staff(
    access: Access<part::ProcessorStaff, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewProcessorStaff>,
) -> Result<HttpResponse, Problem> {
    let state = access.state();
    let id = UserId::from_uuid(state.environment().uuid());
    let invitation = invitation(state.environment())?;
    let shown = Invitation::of(&invitation);
    let fields = ProcessorStaffFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        email: body.email,
        function: body.function,
    };
    state.store.create_processor_key(id).await?;
    let platform = access.platform();
    create_on_platform(IdempotentCreation::new(&request, key, &digest), &platform, move |writer| {
        let staff = writer.create_processor_staff(id, &fields, &invitation)?;
        let revision = staff.revision;
        let body = InvitedProcessorStaff { staff: staff.into(), invitation: shown };
        Ok(Created { location: format!("/v1/processor-staff/{id}"), revision, body })
    })
    .await
}

/// Read a member of the processor's staff
///
/// Who they are, what they do, and which statement they signed.
#[utoipa::path(get, path = "/processor-staff/{userId}", tag = "processor-staff", operation_id = "readProcessorStaff",
    responses((status = 200, description = "The member of staff.", body = ProcessorStaff)))]
async fn read_processor_staff(
    access: Access<part::ProcessorStaff, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let staff = access.platform().read(Cost::Rows, move |reader| reader.processor_staff_member(id)).await?;
    let revision = staff.revision;
    reply::ok_if_changed(&known, &ProcessorStaff::from(staff), revision)
}

/// Change a member of the processor's staff
///
/// A merge patch (RFC 7396). It holds from the next request on: all sessions of the account end. The last platform
/// administrator who can log in stays one. Who is unblocked is sent a link to choose a new password.
#[utoipa::path(patch, path = "/processor-staff/{userId}", tag = "processor-staff",
    operation_id = "changeProcessorStaff",
    request_body(content = ProcessorStaffPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The member of staff now.", body = ProcessorStaff)))]
async fn change_processor_staff(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<ProcessorStaffPatch>,
) -> Result<HttpResponse, Problem> {
    let invitation = invitation(access.state().environment())?;
    let staff = access
        .platform()
        .write(move |writer| {
            let stored = writer.reader().processor_staff_member(id)?;
            known.require(stored.revision)?;
            let (mut function, mut state) = (stored.fields.function, stored.state);
            patch.function.apply(&mut function);
            if let Change::Set(wanted) = patch.state {
                state = state.change_to(wanted).map_err(|refusal| Error::invalid("/state", refusal))?;
            }
            if (function, state) == (stored.fields.function, stored.state) {
                return Ok(stored);
            }
            let changed = writer.change_processor_staff(&stored, function, state)?;
            if stored.state == AccountState::Blocked && state == AccountState::Invited {
                writer.invite_processor_staff(id, &invitation)?;
            }
            Ok(changed)
        })
        .await?;
    let revision = staff.revision;
    reply::ok(&ProcessorStaff::from(staff), revision)
}

/// Record a confidentiality statement
///
/// That somebody signed one, and the digest of the document, which is kept elsewhere (C045).
#[utoipa::path(post, path = "/processor-staff/{userId}/statements", tag = "processor-staff",
    operation_id = "recordConfidentialityStatement", request_body = NewStatement,
    responses((status = 201, description = "The statement is on record.", body = ProcessorStaff)))]
async fn record_statement(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    JsonBody(body, _): JsonBody<NewStatement>,
) -> Result<HttpResponse, Problem> {
    let today = amsterdam_date(access.state().environment().now());
    if body.signed_on > today {
        let refusal = Refusal::new("in-the-future", "must not be after today");
        return Err(Error::invalid("/signedOn", refusal).into());
    }
    let statement =
        ConfidentialityStatement { signed_on: body.signed_on, document_sha256: body.document_sha256.0 };
    let staff = access.platform().write(move |writer| writer.record_statement(id, &statement)).await?;
    let revision = staff.revision;
    reply::created(&format!("/v1/processor-staff/{id}"), &ProcessorStaff::from(staff), revision)
}

/// Invite a member of the processor's staff again
///
/// A new invitation for who let the first one lapse, or has to choose a new password.
#[utoipa::path(post, path = "/processor-staff/{userId}/invitations", tag = "processor-staff",
    operation_id = "inviteProcessorStaff",
    responses((status = 201, description = "The invitation, on its way.", body = Invitation)))]
async fn invite_processor_staff(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, Problem> {
    let invitation = invitation(access.state().environment())?;
    let shown = Invitation::of(&invitation);
    access.platform().write(move |writer| writer.invite_processor_staff(id, &invitation)).await?;
    reply::created(&format!("/v1/processor-staff/{id}"), &shown, 1)
}

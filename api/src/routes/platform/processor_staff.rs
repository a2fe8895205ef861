//! The processor's own staff: who they are, what they do, and the confidentiality statements they signed.

use actix_web::HttpRequest;
use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::platform::confidentiality_statement::{ConfidentialityStatement, check_signed_on};
use groeilijn_domain::platform::processor_staff::ProcessorStaffFields;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_domain::values::text::{Infix, NamePart, ShortText};
use groeilijn_persistence::Cost;
use groeilijn_persistence::platform::key_owner;
use groeilijn_persistence::platform::processor_staff::StoredProcessorStaff;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{IdempotentCreation, New, View, create_on_platform};
use crate::http::digest::Sha256Hex;
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerAccess;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change_on_platform;
use crate::routes::access::invitations::{Invitation, invitation};
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on the processor's staff.
    pub fn endpoints;

    /// List the processor's staff
    ///
    /// In the order in which they were entered.
    GET "/processor-staff" => list_processor_staff: "A page of staff.";

    /// Enter a member of the processor's staff
    ///
    /// The account can be activated when a signed confidentiality statement is on record (C045).
    POST "/processor-staff" => create_processor_staff: "The member of staff was entered.";

    /// Read a member of the processor's staff
    ///
    /// Who they are, what they do, and which statement they signed.
    GET "/processor-staff/{userId}" => read_processor_staff: "The member of staff.";

    /// Change a member of the processor's staff
    ///
    /// A merge patch (RFC 7396). It holds from the next request on: all sessions of the account end. The last platform
    /// administrator who can log in stays one. Who is unblocked is sent a link to choose a new password.
    PATCH "/processor-staff/{userId}" => change_processor_staff: "The member of staff now.";

    /// Record a confidentiality statement
    ///
    /// That somebody signed one, and the digest of the document, which is kept elsewhere (C045).
    POST "/processor-staff/{userId}/statements" => record_confidentiality_statement: "The statement is on record.";

    /// Invite a member of the processor's staff again
    ///
    /// A new invitation for who let the first one lapse, or has to choose a new password.
    POST "/processor-staff/{userId}/invitations" => invite_processor_staff: "The invitation, on its way.";
}

request_body! {
    /// A member of the processor's staff to be entered.
    pub struct ProcessorStaffCreation {
        /// First name. For telling institutions who looked at what; never for anything else.
        first_name: NamePart,
        /// Tussenvoegsel, such as "van der". For writing a name rightly; never for anything else.
        infix: Option<Infix>,
        /// Last name without the tussenvoegsel. For telling institutions who looked at what; never for anything else.
        last_name: NamePart,
        /// The address to log in with. For that, and for letters about the account: personal, never shared (C069).
        email: EmailAddress,
        /// What they do; it decides what they see (C008–C013).
        function: ProcessorFunction,
        /// Why they are given these rights. It stands in the register of rights (C067).
        reason: ShortText,
    }

    example {
        "firstName": "Noor",
        "infix": "van der",
        "lastName": "Verzonnen",
        "email": "noor.verzonnen@groeilijn.example",
        "function": "helpdesk",
        "reason": "Nieuw bij de helpdesk.",
    }
}

request_body! {
    /// What changes about a member of the processor's staff; what is absent stays.
    pub struct ProcessorStaffPatch {
        /// What they do.
        function: Change<ProcessorFunction>,
        /// Whether they are let in: active or blocked. Who is unblocked chooses a new password first.
        state: Change<AccountState>,
        /// Why. It stands in the register of rights (C067).
        reason: ShortText,
    }

    example { "function": "adviser", "reason": "Ander werk." }
}

request_body! {
    /// A confidentiality statement that was signed (C045). The document itself is kept elsewhere.
    pub struct StatementCreation {
        /// The day on which it was signed.
        signed_on: Date,
        /// SHA-256 of the signed document, in hexadecimal.
        document_sha256: Sha256Hex,
        /// Why it is recorded, as in whoever received it and how. It stands in the register of rights (C067).
        reason: ShortText,
    }

    example {
        "signedOn": "2026-11-20",
        "documentSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "reason": "Getekend bij indiensttreding.",
    }
}

reply_body! {
    /// A member of the processor's staff: a member of no institution (C002).
    pub struct ProcessorStaff {
        /// The id.
        id: UserId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
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
        /// The invitation, on its way. In the reply to a repeated request null when it was used, has ended or another took
        /// its place.
        invitation: Option<Invitation>,
    }
}

revised! { StoredProcessorStaff: revision; }

impl From<ConfidentialityStatement> for Statement {
    fn from(statement: ConfidentialityStatement) -> Self {
        Self { signed_on: statement.signed_on, document_sha256: Sha256Hex(statement.document_sha256) }
    }
}

impl From<StoredProcessorStaff> for ProcessorStaff {
    fn from(stored: StoredProcessorStaff) -> Self {
        let (etag, fields) = (stored.etag(), stored.fields);
        Self {
            id: stored.id,
            etag,
            first_name: fields.name.first,
            infix: fields.name.infix,
            last_name: fields.name.last,
            email: fields.email,
            function: fields.function,
            state: stored.state,
            confidentiality_statement: stored.statement.map(Statement::from),
            created_at: stored.created_at,
        }
    }
}

query_params! {
    pub struct ListProcessorStaff {
        /// How many members of staff one page has.
        page: Page<UserId>,
    }
}

async fn list_processor_staff(
    access: Access<part::ProcessorStaff, action::Read, AdministerAccess>,
    query: ListProcessorStaff,
) -> Result<Listed<ProcessorStaff>, Problem> {
    let ListProcessorStaff { page } = query;
    let found = access
        .platform()
        .read(Cost::Scan, move |reader| reader.processor_staff(page.after, page.rows))
        .await?;
    page.reply(found, |staff| staff.id, ProcessorStaff::from)
}

async fn create_processor_staff(
    access: Access<part::ProcessorStaff, action::Create, AdministerAccess>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<ProcessorStaffCreation>,
) -> Result<Created<InvitedProcessorStaff>, Problem> {
    let state = access.state();
    let id = UserId::from_uuid(state.environment().uuid());
    let invitation = invitation(state.environment())?;
    let fields = ProcessorStaffFields {
        name: PersonName { first: body.first_name, infix: body.infix, last: body.last_name },
        email: body.email,
        function: body.function,
    };
    let platform = access.platform().entering(InstitutionId::PLATFORM, vec![key_owner::staff(id)]);
    create_on_platform(
        IdempotentCreation::new(&request, key, &digest),
        &platform,
        move |writer| {
            let staff = writer.create_processor_staff(id, &fields, &body.reason, &invitation)?;
            let ids = (id, invitation.id);
            let sent = Some(Invitation::of(&invitation));
            let view =
                View::with(staff, |staff| InvitedProcessorStaff { staff: staff.into(), invitation: sent });
            Ok(New { location: format!("/v1/processor-staff/{id}"), ids, view })
        },
        |writer, (id, invitation)| {
            let staff = writer.reader().processor_staff_member(id)?;
            let sent = Invitation::sent_before(invitation, writer.reader().open_invitation(invitation)?);
            Ok(View::with(staff, |staff| InvitedProcessorStaff { staff: staff.into(), invitation: sent }))
        },
    )
    .await
}

async fn read_processor_staff(
    access: Access<part::ProcessorStaff, action::Read, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfNoneMatch,
) -> Result<Shown<ProcessorStaff>, Problem> {
    let staff = access.platform().read(Cost::Rows, move |reader| reader.processor_staff_member(id)).await?;
    reply::stored_if_changed(&known, staff)
}

async fn change_processor_staff(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<ProcessorStaffPatch>,
) -> Result<Shown<ProcessorStaff>, Problem> {
    let invitation = invitation(access.state().environment())?;
    change_on_platform(
        &access.platform(),
        known,
        move |writer| writer.reader().processor_staff_member(id),
        move |writer, stored| {
            let (mut function, mut state) = (stored.fields.function, stored.state);
            patch.function.apply(&mut function);
            if let Change::Set(wanted) = patch.state {
                state = state.change_to(wanted).map_err(invalid_field("state"))?;
            }
            if (function, state) == (stored.fields.function, stored.state) {
                return Ok(stored);
            }
            let changed = writer.change_processor_staff(&stored, function, state, &patch.reason)?;
            if stored.state.is_invited_by(state) {
                writer.invite_processor_staff(id, &invitation)?;
            }
            Ok(changed)
        },
    )
    .await
}

async fn record_confidentiality_statement(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
    JsonBody(body, _): JsonBody<StatementCreation>,
) -> Result<Created<ProcessorStaff>, Problem> {
    let today = amsterdam_date(access.state().environment().now());
    check_signed_on(body.signed_on, today).map_err(invalid_field("signed_on"))?;
    let statement =
        ConfidentialityStatement { signed_on: body.signed_on, document_sha256: body.document_sha256.0 };
    let staff =
        access.platform().write(move |writer| writer.record_statement(id, &statement, &body.reason)).await?;
    let revision = staff.revision;
    reply::created(&format!("/v1/processor-staff/{id}"), &ProcessorStaff::from(staff), revision)
}

async fn invite_processor_staff(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<Created<Invitation>, Problem> {
    let invitation = invitation(access.state().environment())?;
    let shown = Invitation::of(&invitation);
    let staff = access.platform().write(move |writer| writer.invite_processor_staff(id, &invitation)).await?;
    reply::created(&format!("/v1/processor-staff/{id}"), &shown, staff.revision)
}

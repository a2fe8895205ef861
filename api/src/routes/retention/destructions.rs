//! Destructions: what goes by a rule, and what administrators ask for (C105–C111).

use actix_web::HttpRequest;
use groeilijn_domain::retention::destruction::{DestructionState, MOST_PUPILS, check_pupils};
use groeilijn_domain::retention::plan::{Rule, SubjectKind};
use groeilijn_domain::retention::term::TermBasis;
use groeilijn_domain::values::ids::{DestructionId, PupilId, SubjectId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::retention::destruction::{NewDestruction, StoredDestruction, StoredSubject};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::counted;
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised as _};
use crate::http::failure::invalid_field;
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::{operations, query_params, reply_body, request_body, revised};

/// The most subjects that one destruction has.
const MOST_SUBJECTS: usize = 500;

operations! {
    /// The operations on destructions.
    pub fn endpoints;

    /// List the destructions
    ///
    /// In the order in which they were made. Everybody at the institution sees them, since everybody may stop one that was
    /// asked for.
    GET "/destructions" => list_destructions: "A page of destructions.";

    /// Ask for the destruction of children
    ///
    /// Another administrator has to approve it. Who is alone says so with `alone`: it then waits for seven days, in which
    /// anybody at the institution can stop it. Nothing brings back what was destroyed.
    ///
    /// A child that is held (`/pupils/{pupilId}/holds`) is refused with `held`.
    POST "/destructions" => ask_for_destruction: "The destruction was asked for.";

    /// Read a destruction
    ///
    /// How far it is, and what it is about. What was destroyed is named by its id alone.
    GET "/destructions/{destructionId}" => read_destruction: "The destruction.";

    /// Approve a destruction
    ///
    /// By another administrator than the one who asked for it (409 `second-person`). It begins at once: the children are
    /// nowhere from the moment of the reply on.
    POST "/destructions/{destructionId}/_approve" => approve_destruction: "The destruction, which has begun.";

    /// Stop a destruction
    ///
    /// As long as it has not begun: with 409 `begun` after that. Anybody at the institution may, with a reason.
    POST "/destructions/{destructionId}/_stop" => stop_destruction: "The destruction, which was stopped.";
}

request_body! {
    /// A destruction that an administrator asks for.
    pub struct DestructionCreation {
        /// The children: at least one, at most 100.
        pupil_ids: Vec<PupilId> = counted(1..=MOST_PUPILS),
        /// Why, for who approves it and for who may stop it. Without a name.
        reason: ShortText,
        /// Whether no other administrator approves it, so that it waits for seven days.
        alone: Option<bool>,
    }

    example {
        "pupilIds": ["01999999-0000-7000-8000-000000000001"],
        "reason": "Dubbel ingevoerd, op verzoek van de ouders.",
    }
}

request_body! {
    /// Why a destruction is stopped.
    pub struct DestructionStop {
        /// Why.
        reason: ShortText,
    }

    example { "reason": "Het dossier is nog nodig voor de overdracht." }
}

reply_body! {
    /// Something that a destruction is about.
    pub struct DestructionSubject {
        /// What kind of thing.
        kind: SubjectKind,
        /// Which one: the id of the child, or of the institution.
        id: SubjectId,
        /// By which rule it goes.
        rule: Rule,
        /// What the term rests on; null for what was asked for.
        basis: Option<TermBasis>,
        /// The day on which it was to go, in Amsterdam.
        due_on: Date,
        /// Whether it is destroyed.
        destroyed: bool,
    }
}

impl From<StoredSubject> for DestructionSubject {
    fn from(stored: StoredSubject) -> Self {
        Self {
            kind: stored.kind,
            id: stored.id,
            rule: stored.rule,
            basis: stored.term.map(|term| term.basis),
            due_on: stored.due_on,
            destroyed: stored.is_destroyed,
        }
    }
}

reply_body! {
    /// A destruction.
    pub struct Destruction {
        /// The destruction's id.
        id: DestructionId,
        /// Its `ETag`, which an approval sends as `If-Match`.
        etag: ETag,
        /// How far it is.
        state: DestructionState,
        /// The administrator who asked for it; null when a rule did.
        requested_by: Option<UserId>,
        /// Why it was asked for.
        reason: Option<ShortText>,
        /// When it was asked for, or planned, in UTC.
        created_at: Timestamp,
        /// When it begins unless somebody stops it, in UTC; null when another administrator has to approve it.
        begins_at: Option<Timestamp>,
        /// The other administrator who approved it.
        approved_by: Option<UserId>,
        /// Who stopped it.
        stopped_by: Option<UserId>,
        /// Why it was stopped.
        stop_reason: Option<ShortText>,
        /// When it began, in UTC.
        begun_at: Option<Timestamp>,
        /// When everything was destroyed in the databases, in UTC.
        destroyed_at: Option<Timestamp>,
        /// The day, in Amsterdam, on which the last backup of the keys is gone too.
        complete_on: Option<Date>,
        /// What it is about.
        subjects: Vec<DestructionSubject> = counted(1..=MOST_SUBJECTS),
    }
}

revised! { StoredDestruction: revision; }

impl From<StoredDestruction> for Destruction {
    fn from(stored: StoredDestruction) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            state: stored.state,
            requested_by: stored.requested_by,
            reason: stored.reason,
            created_at: stored.created_at,
            begins_at: stored.begins_at,
            approved_by: stored.approved_by,
            stopped_by: stored.stopped_by,
            stop_reason: stored.stop_reason,
            begun_at: stored.begun_at,
            destroyed_at: stored.destroyed_at,
            complete_on: stored.complete_on,
            subjects: stored.subjects.into_iter().map(DestructionSubject::from).collect(),
        }
    }
}

query_params! {
    pub struct ListDestructions {
        /// How many destructions one page has.
        page: Page<DestructionId>,
    }
}

async fn list_destructions(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    query: ListDestructions,
) -> Result<Listed<Destruction>, Problem> {
    let ListDestructions { page } = query;
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.destructions(page.after, page.rows)).await?;
    page.reply(found, |destruction| destruction.id, Destruction::from)
}

async fn ask_for_destruction(
    access: Access<part::Destructions, action::Create, AdministerPupils>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<DestructionCreation>,
) -> Result<Created<Destruction>, Problem> {
    check_pupils(&body.pupil_ids).map_err(invalid_field("pupil_ids"))?;
    let tenant = access.tenant()?;
    let id = DestructionId::from_uuid(tenant.environment().uuid());
    let (pupils, reason, alone) = (body.pupil_ids, body.reason, body.alone.unwrap_or_default());
    let new = NewDestruction { id, pupils, reason, alone };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let asked = writer.ask_for_destruction(&new)?;
            Ok(New::at(format!("/v1/destructions/{id}"), id, asked))
        },
        |writer, id| writer.destruction(id).map(View::of),
    )
    .await
}

async fn read_destruction(
    access: Access<part::Destructions, action::Read, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
    known: IfNoneMatch,
) -> Result<Shown<Destruction>, Problem> {
    let found = access.tenant()?.read(Cost::Rows, move |reader| reader.destruction(id)).await?;
    reply::stored_if_changed(&known, found)
}

async fn approve_destruction(
    access: Access<part::Destructions, action::Create, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
    known: IfMatch,
) -> Result<Shown<Destruction>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.destruction(id),
        move |writer, _| writer.approve_destruction(id),
    )
    .await
}

async fn stop_destruction(
    access: Access<part::Destructions, action::Change, AdministerPupils>,
    PathId(id): PathId<DestructionId>,
    JsonBody(body, _): JsonBody<DestructionStop>,
) -> Result<Shown<Destruction>, Problem> {
    let stopped = access.tenant()?.write(move |writer| writer.stop_destruction(id, &body.reason)).await?;
    reply::stored(stopped)
}

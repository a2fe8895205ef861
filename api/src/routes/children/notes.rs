//! Notes: what professionals saw of a child, in their own words.

use actix_web::{HttpRequest, HttpResponse};
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::note::NewNote;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{FrameworkId, NoteId, PupilId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::FreeText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::note::{EarlierNote, NoteChange, NoteFilter, StoredNote};
use jiff::Timestamp;
use jiff::civil::Date;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{Created, IdempotentCreation, create};
use crate::http::cursor::{After, Cursor, Page, not_a_cursor};
use crate::http::described::Described;
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::{IfMatch, IfNoneMatch};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::http::text_value::ParseText;
use crate::{query_params, reply_body, request_body};

/// The operations on notes.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listNotes", "/pupils/{pupilId}/notes", list_notes),
        post("createNote", "/pupils/{pupilId}/notes", create_note),
        get("readNote", "/notes/{noteId}", read_note),
        patch("changeNote", "/notes/{noteId}", change_note),
        get("listNoteRevisions", "/notes/{noteId}/revisions", list_note_revisions),
    ]
}

/// The operations on notes as the OpenAPI document has them.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(list_notes, create_note, read_note, change_note, list_note_revisions),
    components(schemas(NoteRevision))
)]
pub struct Documented;

request_body! {
    /// What was seen of a child on one day (C027).
    pub struct NewNoteBody {
        /// The note's id, made by the client for what it wrote offline; a UUIDv7. Made here when absent.
        id: Option<NoteId>,
        /// What was seen. For following the child's development; never for anything else.
        text: FreeText,
        /// The day it was seen; today in Amsterdam when absent.
        observed_on: Option<Date>,
        /// The development lines it is about: at most 20. For finding the note back beside a line.
        lines: Option<Vec<LineCode>>,
        /// The published framework that the lines are of; when absent, the newest one.
        framework_id: Option<FrameworkId>,
    }
}

request_body! {
    /// What changes about a note; what is absent stays.
    pub struct NotePatch {
        /// What was seen.
        text: Change<FreeText>,
        /// The day it was seen.
        observed_on: Change<Date>,
        /// All development lines it is about: at most 20.
        lines: Change<Vec<LineCode>>,
        /// The published framework that the lines in this change are of; when absent, the newest one.
        framework_id: Change<FrameworkId>,
    }
}

reply_body! {
    /// What was seen of a child on one day.
    pub struct Note {
        /// The note's id.
        id: NoteId,
        /// The child it is about.
        pupil_id: PupilId,
        /// The user who wrote it, and who alone may change it.
        author_id: UserId,
        /// The day it was seen.
        observed_on: Date,
        /// What was seen. For following the child's development; never for anything else.
        text: FreeText,
        /// The development lines it is about.
        lines: Vec<LineCode>,
        /// When it was entered, in UTC.
        created_at: Timestamp,
        /// When it was last changed, in UTC.
        changed_at: Timestamp,
    }
}

reply_body! {
    /// How a note read before it was changed (C071).
    pub struct NoteRevision {
        /// Which revision of the note it was, from 1.
        revision: i32,
        /// The day it was seen.
        observed_on: Date,
        /// What was seen, as it read then.
        text: FreeText,
        /// The development lines it was about.
        lines: Vec<LineCode>,
        /// When it was written, in UTC.
        written_at: Timestamp,
    }
}

impl From<StoredNote> for Note {
    fn from(stored: StoredNote) -> Self {
        Self {
            id: stored.id,
            pupil_id: stored.pupil,
            author_id: stored.author,
            observed_on: stored.observed_on,
            text: stored.text,
            lines: stored.lines,
            created_at: stored.created_at,
            changed_at: stored.changed_at,
        }
    }
}

impl From<EarlierNote> for NoteRevision {
    fn from(earlier: EarlierNote) -> Self {
        let EarlierNote { revision, observed_on, text, lines, written_at } = earlier;
        Self { revision, observed_on, text, lines, written_at }
    }
}

query_params! {
    pub struct ListNotes {
        /// Only notes of this day of observation or later.
        from: Option<Date>,
        /// Only notes of this day of observation or earlier.
        until: Option<Date>,
        /// How many notes one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<After<NoteId>>,
    }
}

query_params! {
    pub struct ListNoteRevisions {
        /// How many revisions one page has.
        limit: Limit,
        /// Where the page starts: from the `Link` of the page before.
        cursor: Option<BeforeRevision>,
    }
}

/// Where a page of revisions starts: before this one.
pub struct BeforeRevision(i32);

impl ParseText for BeforeRevision {
    fn parse_text(text: &str) -> Result<Self, Refusal> {
        let cursor = Cursor::parse_text(text)?;
        cursor.position().try_into().map(|bytes| Self(i32::from_be_bytes(bytes))).map_err(|_| not_a_cursor())
    }
}

impl Described for BeforeRevision {
    fn schema() -> RefOr<Schema> {
        Cursor::schema()
    }
}

/// List the notes about a pupil
///
/// The notes about a child within the caller's reach, the last one made first.
#[utoipa::path(get, path = "/pupils/{pupilId}/notes", tag = "notes", operation_id = "listNotes",
    responses((status = 200, description = "A page of notes.", body = inline(Page<Note>))))]
async fn list_notes(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    query: ListNotes,
) -> Result<HttpResponse, Problem> {
    let ListNotes { from, until, limit, cursor } = query;
    let (filter, before) = (NoteFilter { from, until }, cursor.map(|After(id)| id));
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.notes(pupil, filter, before, limit.with_one_more()))
        .await?;
    reply::page_by_id(&request, found, limit, |note| note.id.as_uuid(), Note::from)
}

/// Write a note
///
/// Writes down what was seen of a child within the caller's reach; every day, if need be (C027).
#[utoipa::path(post, path = "/pupils/{pupilId}/notes", tag = "notes", operation_id = "createNote",
    request_body = NewNoteBody,
    responses((status = 201, description = "The note was written.", body = Note)))]
async fn create_note(
    access: Access<part::Notes, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NewNoteBody>,
) -> Result<HttpResponse, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let id = body.id.unwrap_or_else(|| NoteId::from_uuid(environment.uuid()));
    let written = NewNote {
        text: body.text,
        observed_on: body.observed_on.unwrap_or_else(|| amsterdam_date(environment.now())),
        lines: body.lines.unwrap_or_default(),
    };
    create(IdempotentCreation::new(&request, key, &digest), &tenant, move |writer| {
        let note = writer.create_note(id, pupil, written, body.framework_id)?;
        Ok(Created { location: format!("/v1/notes/{id}"), revision: note.revision, body: Note::from(note) })
    })
    .await
}

/// Read a note
///
/// One note about a child within the caller's reach.
#[utoipa::path(get, path = "/notes/{noteId}", tag = "notes", operation_id = "readNote",
    responses((status = 200, description = "The note.", body = Note)))]
async fn read_note(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let note = access.tenant()?.read(Cost::Rows, move |reader| reader.note(id)).await?;
    let revision = note.revision;
    reply::ok_if_changed(&known, &Note::from(note), revision)
}

/// Change a note
///
/// A merge patch (RFC 7396) by the author: what is absent stays. How the note read before is kept (C071).
#[utoipa::path(patch, path = "/notes/{noteId}", tag = "notes", operation_id = "changeNote",
    request_body(content = NotePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The note as it is now.", body = Note)))]
async fn change_note(
    access: Access<part::Notes, action::Change, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<NotePatch>,
) -> Result<HttpResponse, Problem> {
    let framework = patch.framework_id.into_option();
    let change = NoteChange {
        text: patch.text.into_option(),
        observed_on: patch.observed_on.into_option(),
        lines: patch.lines.into_option(),
    };
    let note = access
        .tenant()?
        .write(move |writer| {
            let stored = writer.note(id)?;
            known.require(stored.revision)?;
            writer.change_note(stored, change, framework)
        })
        .await?;
    let revision = note.revision;
    reply::ok(&Note::from(note), revision)
}

/// List the earlier texts of a note
///
/// How a note read before each of its changes, the last one first (C071). The present text is the note itself.
#[utoipa::path(get, path = "/notes/{noteId}/revisions", tag = "notes", operation_id = "listNoteRevisions",
    responses((status = 200, description = "A page of earlier texts.", body = inline(Page<NoteRevision>))))]
async fn list_note_revisions(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    request: HttpRequest,
    PathId(id): PathId<NoteId>,
    query: ListNoteRevisions,
) -> Result<HttpResponse, Problem> {
    let ListNoteRevisions { limit, cursor } = query;
    let before = cursor.map(|BeforeRevision(revision)| revision);
    let mut found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.earlier_notes(id, before, limit.with_one_more()))
        .await?;
    let more = found.len() > limit.get();
    found.truncate(limit.get());
    let next = found.last().filter(|_| more).map(|last| Cursor::after(last.revision.to_be_bytes()));
    reply::page(&request, found.into_iter().map(NoteRevision::from).collect(), next.as_ref())
}

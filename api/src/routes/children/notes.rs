//! Notes: what professionals saw of a child, in their own words.

use actix_web::HttpRequest;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::note::{NewNote, NoteChange, NoteText};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{FrameworkId, NoteId, PupilId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::note::{EarlierNote, NoteFilter, StoredNote};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::http::access::{Access, action, part};
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::entity_tag::ETag;
use crate::http::etag::{IfMatch, IfNoneMatch, Revised};
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::http::revision::change;
use crate::routes::access::authors::Author;
use crate::routes::children::withdrawals::{Withdrawal, WithdrawalCreation};
use crate::{operations, query_params, reply_body, request_body, revised};

operations! {
    /// The operations on notes.
    pub fn endpoints;

    /// List the notes about a pupil
    ///
    /// The notes about a child within the caller's reach, the last one made first.
    GET "/pupils/{pupilId}/notes" => list_notes: "A page of notes.";

    /// Write a note
    ///
    /// Writes down what was seen of a child within the caller's reach; every day, if need be (C027).
    POST "/pupils/{pupilId}/notes" => create_note: "The note was written.";

    /// Read a note
    ///
    /// One note about a child within the caller's reach.
    GET "/notes/{noteId}" => read_note: "The note.";

    /// Change a note
    ///
    /// A merge patch (RFC 7396) by the author: what is absent stays. How the note read before is kept (C071).
    PATCH "/notes/{noteId}" => change_note: "The note as it is now.";

    /// Withdraw a note
    ///
    /// By its author, or by an intern begeleider once the author has left. It stays readable with its earlier texts, marked,
    /// counts nowhere from now on, and is never changed again (C070).
    POST "/notes/{noteId}/_withdraw" => withdraw_note: "The note, which is withdrawn now.";

    /// Move a note to the right child
    ///
    /// For one about the wrong child: a note with the same words, day, lines and author is made about the right child, and this
    /// one is withdrawn; both name each other. By its author, or by an intern begeleider once the author has left. Both
    /// children are within the caller's reach.
    POST "/notes/{noteId}/_move" => move_note: "The note about the wrong child, which is withdrawn now; `movedTo` is the other one.";

    /// List the earlier texts of a note
    ///
    /// How a note read before each of its changes, the last one first (C071). The present text is the note itself.
    GET "/notes/{noteId}/revisions" => list_note_revisions: "A page of earlier texts.";
}

request_body! {
    /// What was seen of a child on one day (C027).
    pub struct NoteCreation {
        /// The note's id, made by the client for what it wrote offline; a UUIDv7. Made here when absent.
        id: Option<NoteId>,
        /// What was seen. For following the child's development; never for anything else.
        text: NoteText,
        /// The day it was seen; today in Amsterdam when absent.
        observed_on: Option<Date>,
        /// The development lines it is about: at most 20. For finding the note back beside a line.
        lines: Option<Vec<LineCode>>,
        /// The published framework that the lines are of; when absent, the one that is chosen for the child's age
        /// (`/framework-choices`), or else the newest one.
        framework_id: Option<FrameworkId>,
    }

    example {
        "text": "Bouwt een toren van acht blokken en telt ze hardop.",
        "observedOn": "2026-11-20",
        "lines": ["play"],
    }
}

request_body! {
    /// What changes about a note; what is absent stays.
    pub struct NotePatch {
        /// What was seen.
        text: Change<NoteText>,
        /// The day it was seen.
        observed_on: Change<Date>,
        /// All development lines it is about: at most 20.
        lines: Change<Vec<LineCode>>,
        /// The published framework that the lines in this change are of; when absent, as for a new note.
        framework_id: Change<FrameworkId>,
    }

    example { "text": "Bouwt een toren van tien blokken en telt ze hardop." }
}

request_body! {
    /// A note that is about another child.
    pub struct NoteMove {
        /// The child that it is about.
        pupil_id: PupilId,
        /// Why it is moved. For whoever reads it later; never for judging a colleague.
        reason: ShortText,
    }

    example { "pupilId": "01999999-0000-7000-8000-000000000001", "reason": "Gaat over haar broer." }
}

reply_body! {
    /// What was seen of a child on one day.
    pub struct Note {
        /// The note's id.
        id: NoteId,
        /// Its `ETag`, which a change sends as `If-Match`.
        etag: ETag,
        /// The child it is about.
        pupil_id: PupilId,
        /// The user who wrote it, and who alone may change it.
        author_id: UserId,
        /// The same with her name. For asking what was meant; never for judging a colleague.
        author: Author,
        /// The day it was seen.
        observed_on: Date,
        /// What was seen. For following the child's development; never for anything else.
        text: Option<NoteText>,
        /// Whether free text is masked: `text` is null then, as it is to the processor's staff unless the purpose of their
        /// support session needs it (C050).
        masked: bool,
        /// The development lines it is about.
        lines: Vec<LineCode>,
        /// When it was entered, in UTC.
        created_at: Timestamp,
        /// When it was last changed, in UTC.
        changed_at: Timestamp,
        /// That it was withdrawn: it counts nowhere, and is never changed again.
        withdrawal: Option<Withdrawal>,
        /// The note about the right child that was made of it, if it was moved.
        moved_to: Option<NoteId>,
        /// The note about the wrong child that it was made of, if it was moved here.
        moved_from: Option<NoteId>,
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
        text: Option<NoteText>,
        /// Whether free text is masked: `text` is null then, as it is to the processor's staff unless the purpose of their
        /// support session needs it (C050).
        masked: bool,
        /// The development lines it was about.
        lines: Vec<LineCode>,
        /// When it was written, in UTC.
        written_at: Timestamp,
    }
}

revised! { StoredNote: revision; }

impl From<StoredNote> for Note {
    fn from(stored: StoredNote) -> Self {
        Self {
            id: stored.id,
            etag: stored.etag(),
            pupil_id: stored.pupil,
            author_id: stored.author.id,
            author: stored.author.into(),
            observed_on: stored.observed_on,
            text: (!stored.masked).then_some(stored.text),
            masked: stored.masked,
            lines: stored.lines,
            created_at: stored.created_at,
            changed_at: stored.changed_at,
            withdrawal: stored.withdrawal.map(Withdrawal::from),
            moved_to: stored.moved_to,
            moved_from: stored.moved_from,
        }
    }
}

impl From<EarlierNote> for NoteRevision {
    fn from(earlier: EarlierNote) -> Self {
        let EarlierNote { revision, observed_on, text, masked, lines, written_at } = earlier;
        let text = (!masked).then_some(text);
        Self { revision, observed_on, text, masked, lines, written_at }
    }
}

query_params! {
    pub struct ListNotes {
        /// Only notes of this day of observation or later.
        from: Option<Date>,
        /// Only notes of this day of observation or earlier.
        until: Option<Date>,
        /// How many notes one page has.
        page: Page<NoteId>,
    }
}

query_params! {
    pub struct ListNoteRevisions {
        /// How many revisions one page has.
        page: Page<i32>,
    }
}

async fn list_notes(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    PathId(pupil): PathId<PupilId>,
    query: ListNotes,
) -> Result<Listed<Note>, Problem> {
    let ListNotes { from, until, page } = query;
    let filter = NoteFilter { from, until };
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.notes(pupil, filter, page.after, page.rows))
        .await?;
    page.reply(found, |note| note.id, Note::from)
}

async fn create_note(
    access: Access<part::Notes, action::Create, FollowDevelopment>,
    request: HttpRequest,
    PathId(pupil): PathId<PupilId>,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<NoteCreation>,
) -> Result<Created<Note>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let (id, may_be_repeated) = (new_id(body.id, environment)?, body.id.is_some());
    let names_day = body.observed_on.is_some();
    let written = NewNote {
        text: body.text,
        observed_on: body.observed_on.unwrap_or_else(|| amsterdam_date(environment.now())),
        lines: body.lines.unwrap_or_default(),
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let location = format!("/v1/notes/{id}");
            if may_be_repeated
                && let Some(note) = writer.note_written_before(id, pupil, &written, names_day)?
            {
                return Ok(New::at(location, id, note));
            }
            let note = writer.create_note(id, pupil, written, body.framework_id)?;
            Ok(New::at(location, id, note))
        },
        |writer, id| writer.note(id).map(View::of),
    )
    .await
}

async fn read_note(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfNoneMatch,
) -> Result<Shown<Note>, Problem> {
    let note = access.tenant()?.read(Cost::Rows, move |reader| reader.note(id)).await?;
    reply::stored_if_changed(&known, note)
}

async fn change_note(
    access: Access<part::Notes, action::Change, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfMatch,
    MergePatch(patch): MergePatch<NotePatch>,
) -> Result<Shown<Note>, Problem> {
    let framework = patch.framework_id.into_option();
    let fields = NoteChange {
        text: patch.text.into_option(),
        observed_on: patch.observed_on.into_option(),
        lines: patch.lines.into_option(),
    };
    change(
        &access.tenant()?,
        known,
        move |writer| writer.note(id),
        move |writer, stored| writer.change_note(stored, fields, framework),
    )
    .await
}

async fn withdraw_note(
    access: Access<part::Notes, action::Change, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<WithdrawalCreation>,
) -> Result<Shown<Note>, Problem> {
    change(
        &access.tenant()?,
        known,
        move |writer| writer.note(id),
        move |writer, stored| writer.withdraw_note(stored, body.reason),
    )
    .await
}

async fn move_note(
    access: Access<part::Notes, action::Change, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    known: IfMatch,
    JsonBody(body, _): JsonBody<NoteMove>,
) -> Result<Shown<Note>, Problem> {
    let tenant = access.tenant()?;
    let made = new_id(None, tenant.environment())?;
    change(
        &tenant,
        known,
        move |writer| writer.note(id),
        move |writer, stored| writer.move_note(stored, made, body.pupil_id, body.reason),
    )
    .await
}

async fn list_note_revisions(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    PathId(id): PathId<NoteId>,
    query: ListNoteRevisions,
) -> Result<Listed<NoteRevision>, Problem> {
    let ListNoteRevisions { page } = query;
    let found = access
        .tenant()?
        .read(Cost::Scan, move |reader| reader.earlier_notes(id, page.after, page.rows))
        .await?;
    page.reply(found, |earlier| earlier.revision, NoteRevision::from)
}

//! Notes about several children: all those within the caller's reach, and one that is written about some of them at once.

use actix_web::HttpRequest;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::note::{NewNote, NoteText};
use groeilijn_domain::children::shared_note::MOST_PUPILS;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, NoteId, PupilId, UserId};
use groeilijn_persistence::Cost;
use groeilijn_persistence::children::note::{NoteFilter, NoteSearch, StoredNote};
use jiff::civil::Date;

use super::notes::Note;
use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::create::{IdempotentCreation, New, View, create};
use crate::http::described::counted;
use crate::http::guard::activity::FollowDevelopment;
use crate::http::idempotency::IdempotencyKey;
use crate::http::new_id::new_id;
use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::reply::{Created, Listed};
use crate::{operations, query_params, reply_body, request_body};

/// Where notes about all children are: a note about several has no place of its own.
const NOTES: &str = "/v1/notes";

operations! {
    /// The operations on notes about several children.
    pub fn endpoints;

    /// Search the notes about all children
    ///
    /// The notes about the children within the caller's reach, the last one made first, with those that were withdrawn, as in
    /// the list of one child. Of children in the archive only when `pupilId` names the child. There is no search in texts:
    /// nobody but a reader opens them. The lines are sealed too, so a search on a `line` looks at some 2,000 notes at a time: a
    /// page may hold fewer notes than `limit`, or none, while `nextCursor` goes on.
    GET "/notes" => search_notes: "A page of notes.";

    /// Write a note about several children
    ///
    /// What children within the caller's reach did together, written down once (C027): a note about each of them, or, when
    /// anything is wrong, about none. From then on each is a note like any other: changed, withdrawn and destroyed by itself,
    /// with an id of its own. None of them tells that there are others or about whom, so that each can be shown to the parents
    /// of its child (C116); for that the text must name none of the children by the first name. There is nothing that holds
    /// them together, so `Location` is the list of notes. A request that is repeated shows those that are still there and
    /// within reach.
    POST "/notes" => create_shared_note: "A note was written about each of the children.";
}

request_body! {
    /// What was seen of several children together on one day (C027).
    pub(super) struct SharedNoteCreation {
        /// The children that it is about: 1 to 30, each named once. For writing a note about each of them; never for telling
        /// one's parents who the others are.
        pupil_ids: Vec<PupilId> = counted(1..=MOST_PUPILS),
        /// What was seen, in words that name none of them. For following the development of each child; never for anything
        /// else.
        text: NoteText,
        /// The day it was seen; today in Amsterdam when absent.
        observed_on: Option<Date>,
        /// The development lines it is about: at most 20. For finding the notes back beside a line.
        lines: Option<Vec<LineCode>>,
        /// The published framework that the lines are of; when absent, for each child the one that is chosen for its age
        /// (`/framework-choices`), or else the newest one.
        framework_id: Option<FrameworkId>,
    }

    example {
        "pupilIds": ["01999999-0000-7000-8000-000000000001"],
        "text": "Bouwden samen een toren van twintig blokken en bedachten wie er wonen.",
        "observedOn": "2026-11-20",
        "lines": ["play"],
    }
}

reply_body! {
    /// The notes that were written at once.
    pub struct SharedNote {
        /// One about each child, in the order in which the children were named.
        notes: Vec<Note> = counted(0..=MOST_PUPILS),
    }
}

impl From<Vec<StoredNote>> for SharedNote {
    fn from(notes: Vec<StoredNote>) -> Self {
        Self { notes: notes.into_iter().map(Note::from).collect() }
    }
}

query_params! {
    pub struct SearchNotes {
        /// Only notes about this child.
        pupil_id: Option<PupilId>,
        /// Only notes about the children who are in this group today, whichever group they were in when it was seen.
        group_id: Option<GroupId>,
        /// Only notes about this development line.
        line: Option<LineCode>,
        /// Only notes that this user wrote.
        author_id: Option<UserId>,
        /// Only notes of this day of observation or later.
        from: Option<Date>,
        /// Only notes of this day of observation or earlier.
        until: Option<Date>,
        /// How many notes one page has at most.
        page: Page<NoteId>,
    }
}

async fn search_notes(
    access: Access<part::Notes, action::Read, FollowDevelopment>,
    query: SearchNotes,
) -> Result<Listed<Note>, Problem> {
    let SearchNotes { pupil_id, group_id, line, author_id, from, until, page } = query;
    let search = NoteSearch {
        pupil: pupil_id,
        group: group_id,
        line,
        author: author_id,
        days: NoteFilter { from, until },
    };
    let (before, limit) = (page.after, usize::try_from(page.rows).map_err(Problem::internal)?);
    let found =
        access.tenant()?.read(Cost::Scan, move |reader| reader.search_notes(&search, before, limit)).await?;
    page.reply_or_go_on(found.notes, |note| note.id, Note::from, found.stopped_at)
}

async fn create_shared_note(
    access: Access<part::Notes, action::Create, FollowDevelopment>,
    request: HttpRequest,
    key: IdempotencyKey,
    JsonBody(body, digest): JsonBody<SharedNoteCreation>,
) -> Result<Created<SharedNote>, Problem> {
    let tenant = access.tenant()?;
    let environment = tenant.environment();
    let copies = body.pupil_ids.into_iter().map(|pupil| Ok((new_id(None, environment)?, pupil)));
    let copies: Vec<_> = copies.collect::<Result<_, Problem>>()?;
    let written = NewNote {
        text: body.text,
        observed_on: body.observed_on.unwrap_or_else(|| amsterdam_date(environment.now())),
        lines: body.lines.unwrap_or_default(),
    };
    create(
        IdempotentCreation::new(&request, key, &digest),
        &tenant,
        move |writer| {
            let made = writer.create_shared_note(&copies, &written, body.framework_id)?;
            let ids: Vec<_> = made.iter().map(|note| note.id).collect();
            Ok(New { location: NOTES.to_owned(), ids, view: View::unrevised(made) })
        },
        |writer, ids| writer.notes_in_reach(&ids).map(View::unrevised),
    )
    .await
}

//! A new note.

use actix_web::{HttpResponse, web};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Error;
use super::token::Caller;
use super::worker::Worker;
use super::writer::{SealedNote, Written};
use crate::outside;

/// What a client sends.
#[derive(Deserialize)]
pub(super) struct NewNote {
    text: String,
    lines: Vec<String>,
}

/// A note, as ours replies it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    pub(super) id: Uuid,
    pupil_id: Uuid,
    author_id: Uuid,
    observed_on: Date,
    text: String,
    lines: Vec<String>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

/// Whether a child is one whom the caller may write about.
const IN_REACH: &str = "SELECT 1 FROM pupil WHERE institution_id = ?1 AND id = ?2 AND EXISTS (SELECT 1 FROM user_group \
    WHERE user_group.institution_id = ?1 AND user_id = ?3 AND user_group.group_id = pupil.group_id)";

/// `POST /v1/pupils/{id}/notes`: durable before the reply.
pub(super) async fn write(
    worker: web::Data<Worker>,
    caller: Caller,
    pupil: web::Path<Uuid>,
    body: web::Json<NewNote>,
) -> Result<HttpResponse, Error> {
    let (note, written) = note(&worker, &caller, *pupil, body.into_inner())?;
    worker.writer.write(vec![written]).await?;
    let body = serde_json::to_vec(&note).map_err(|_| Error::Unreadable)?;
    Ok(HttpResponse::Created().content_type("application/json").body(body))
}

/// A note that somebody writes, and what is written of it.
pub(super) fn note(
    worker: &Worker,
    caller: &Caller,
    pupil: Uuid,
    NewNote { text, lines }: NewNote,
) -> Result<(Note, Written), Error> {
    if worker.duties.is_some() && !is_in_reach(worker, caller, pupil)? {
        return Err(Error::NotFound);
    }
    let now = outside::now();
    let note = Note {
        id: outside::uuid(now),
        pupil_id: pupil,
        author_id: caller.user,
        observed_on: amsterdam_date(now),
        text,
        lines,
        created_at: now,
        changed_at: now,
    };
    let sealed = seal(worker, caller.institution, &note)?;
    let digest = Sha256::new().chain_update(&sealed.text).chain_update(&sealed.lines).finalize();
    let touched = vec![(ObjectKind::Pupil, note.pupil_id), (ObjectKind::Note, note.id)];
    let entry = worker.entry(caller, "createNote", touched, Some(digest.into()))?;
    Ok((note, (Some(sealed), entry)))
}

/// Whether a child is within the reach of somebody who has duties.
pub(super) fn is_in_reach(worker: &Worker, caller: &Caller, pupil: Uuid) -> Result<bool, Error> {
    let [institution, user] = [caller.institution, caller.user];
    let ids = (institution.as_bytes().as_slice(), pupil.as_bytes().as_slice(), user.as_bytes().as_slice());
    Ok(worker.connection.prepare_cached(IN_REACH)?.exists(ids)?)
}

fn seal(worker: &Worker, institution: Uuid, note: &Note) -> Result<SealedNote, Error> {
    let lines = serde_json::to_vec(&note.lines).map_err(|_| Error::Unreadable)?;
    let mut row = worker.row(institution, "note", note.id, note.pupil_id);
    Ok(SealedNote {
        institution,
        id: note.id,
        pupil: note.pupil_id,
        author: note.author_id,
        observed_on: note.observed_on.to_string(),
        text: row.seal("text", note.text.as_bytes())?,
        lines: row.seal("lines", &lines)?,
        written_at: note.created_at.as_microsecond(),
    })
}

//! A new note.

use actix_web::{HttpResponse, web};
use groeilijn_domain::values::calendar::amsterdam_date;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::token::Caller;
use super::worker::Worker;
use super::writer::SealedNote;
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
struct Note {
    id: Uuid,
    pupil_id: Uuid,
    author_id: Uuid,
    observed_on: Date,
    text: String,
    lines: Vec<String>,
    created_at: Timestamp,
    changed_at: Timestamp,
}

/// `POST /v1/pupils/{id}/notes`: durable before the reply.
pub(super) async fn write(
    worker: web::Data<Worker>,
    caller: Caller,
    pupil: web::Path<Uuid>,
    body: web::Json<NewNote>,
) -> Result<HttpResponse, Error> {
    let NewNote { text, lines } = body.into_inner();
    let now = outside::now();
    let note = Note {
        id: outside::uuid(now),
        pupil_id: *pupil,
        author_id: caller.sub,
        observed_on: amsterdam_date(now),
        text,
        lines,
        created_at: now,
        changed_at: now,
    };
    worker.writer.write(seal(&worker, caller.institution, &note)?).await?;
    let body = serde_json::to_vec(&note).map_err(|_| Error::Unreadable)?;
    Ok(HttpResponse::Created().content_type("application/json").body(body))
}

fn seal(worker: &Worker, institution: Uuid, note: &Note) -> Result<SealedNote, Error> {
    let lines = serde_json::to_vec(&note.lines).map_err(|_| Error::Unreadable)?;
    Ok(SealedNote {
        institution,
        id: note.id,
        pupil: note.pupil_id,
        author: note.author_id,
        observed_on: note.observed_on.to_string(),
        text: worker.cipher.seal(note.text.as_bytes())?,
        lines: worker.cipher.seal(&lines)?,
        written_at: note.created_at.as_microsecond(),
    })
}

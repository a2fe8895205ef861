//! Many new notes in one request.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::note::{NewNote, Note, note};
use super::token::Caller;
use super::worker::{Worker, json};

/// What a client sends.
#[derive(Deserialize)]
pub(super) struct Batch {
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    path: String,
    body: NewNote,
}

/// The results, as ours replies them.
#[derive(Serialize)]
struct Results {
    results: Vec<Done>,
}

#[derive(Serialize)]
struct Done {
    status: u16,
    location: String,
    body: Note,
}

/// `POST /v1/batches`: durable before the reply, each note with an entry of its own.
pub(super) async fn write(
    worker: web::Data<Worker>,
    caller: Caller,
    body: web::Json<Batch>,
) -> Result<HttpResponse, Error> {
    let (mut results, mut written) = (Vec::new(), Vec::new());
    for Operation { path, body } in body.into_inner().operations {
        let (note, one) = note(&worker, &caller, pupil(&path)?, body)?;
        results.push(Done { status: 201, location: format!("/v1/notes/{}", note.id), body: note });
        written.push(one);
    }
    worker.writer.write(written).await?;
    json(&Results { results })
}

/// Whose notes a path is of.
fn pupil(path: &str) -> Result<Uuid, Error> {
    let id = path.strip_prefix("/v1/pupils/").and_then(|rest| rest.strip_suffix("/notes"));
    id.and_then(|id| id.parse().ok()).ok_or(Error::NotFound)
}

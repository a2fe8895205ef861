//! What was written since: of the log with duties, and else of the notes themselves.

use actix_web::{HttpResponse, web};
use groeilijn_domain::audit::entry::{ObjectKind, decode_objects};
use jiff::Timestamp;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::note::is_in_reach;
use super::token::Caller;
use super::worker::{Worker, id, json};

const NOTES: &str = "SELECT id, pupil_id, created_at, rowid FROM note WHERE institution_id = ?1 AND rowid > ?2 ORDER BY id LIMIT ?3";

const ENTRIES: &str = "SELECT objects, occurred_at, sequence FROM audit_entry \
    WHERE institution_id = ?1 AND sequence >= ?2 AND operation = 'createNote' ORDER BY sequence LIMIT ?3";

/// Which page.
#[derive(Deserialize)]
pub(super) struct Following {
    limit: u32,
    after: i64,
}

/// A page, as ours replies it.
#[derive(Serialize)]
struct Changes {
    changes: Vec<Change>,
    cursor: String,
    more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    kind: &'static str,
    id: Uuid,
    pupil_id: Uuid,
    change: &'static str,
    at: Timestamp,
}

/// `GET /v1/changes?limit=&after=`.
pub(super) async fn read(
    worker: web::Data<Worker>,
    caller: Caller,
    query: web::Query<Following>,
) -> Result<HttpResponse, Error> {
    let Following { limit, after } = query.into_inner();
    let changes = changes(&worker, &caller, after, limit)?;
    let told = changes.iter().map(|change| (ObjectKind::Pupil, change.pupil_id)).collect();
    worker.record(&caller, "followChanges", told).await?;
    json(&Changes { changes, cursor: after.to_string(), more: false })
}

fn changes(worker: &Worker, caller: &Caller, after: i64, limit: u32) -> Result<Vec<Change>, Error> {
    let mut statement = worker.statement([NOTES, ENTRIES])?;
    let mut rows = statement.query((caller.institution.as_bytes().as_slice(), after, limit))?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let change = if worker.duties.is_none() { of_note(row) } else { of_entry(row) }?;
        if worker.duties.is_none() || is_in_reach(worker, caller, change.pupil_id)? {
            changes.push(change);
        }
    }
    Ok(changes)
}

fn of_note(row: &Row<'_>) -> Result<Change, Error> {
    created(id(row, 0)?, id(row, 1)?, row.get(2)?)
}

fn of_entry(row: &Row<'_>) -> Result<Change, Error> {
    let objects = decode_objects(&row.get::<_, Vec<u8>>(0)?).ok_or(Error::Unreadable)?;
    let of =
        |wanted| objects.iter().find(|(kind, _)| *kind == wanted).map(|(_, id)| *id).ok_or(Error::Unreadable);
    created(of(ObjectKind::Note)?, of(ObjectKind::Pupil)?, row.get(1)?)
}

fn created(id: Uuid, pupil_id: Uuid, at: i64) -> Result<Change, Error> {
    let at = Timestamp::from_microsecond(at).map_err(|_| Error::Unreadable)?;
    Ok(Change { kind: "note", id, pupil_id, change: "created", at })
}

//! One pupil, and a page of them.

use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::token::Caller;
use super::worker::{Worker, id, json};

const PUPIL: &str = "SELECT id, name, gender, home_language, birth_date, vve, \
    day_parts_per_week, particulars, eck_id, group_id, placed_on, created_at \
    FROM pupil WHERE institution_id = ?1 AND id = ?2";

const PAGE: &str = "SELECT id, name, gender, birth_date, group_id, placed_on \
    FROM pupil WHERE institution_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

/// A pupil, as ours replies it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pupil {
    id: Uuid,
    first_name: String,
    infix: Option<String>,
    last_name: String,
    gender: String,
    home_language: Option<String>,
    birth_date: String,
    vve: Option<bool>,
    day_parts_per_week: Option<u8>,
    particulars: Option<String>,
    eck_id: Option<String>,
    group_id: Uuid,
    placed_on: String,
    created_at: Timestamp,
}

/// A pupil on a page, as ours replies it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RosterEntry {
    id: Uuid,
    first_name: String,
    infix: Option<String>,
    last_name: String,
    gender: String,
    birth_date: String,
    group_id: Uuid,
    placed_on: String,
}

#[derive(Serialize)]
struct Page {
    items: Vec<RosterEntry>,
}

/// Which page.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    limit: u32,
    after: Option<Uuid>,
}

/// `GET /v1/pupils/{id}`.
pub(super) async fn read(
    worker: web::Data<Worker>,
    caller: Caller,
    pupil: web::Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let mut statement = worker.connection.prepare_cached(PUPIL)?;
    let mut rows =
        statement.query((caller.institution.as_bytes().as_slice(), pupil.as_bytes().as_slice()))?;
    json(&open_pupil(&worker, rows.next()?.ok_or(Error::NotFound)?)?)
}

/// `GET /v1/pupils?limit=&after=`.
pub(super) async fn page(
    worker: web::Data<Worker>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Error> {
    let PageQuery { limit, after } = query.into_inner();
    let after = after.unwrap_or_default();
    let mut statement = worker.connection.prepare_cached(PAGE)?;
    let mut rows =
        statement.query((caller.institution.as_bytes().as_slice(), after.as_bytes().as_slice(), limit))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(open_roster_entry(&worker, row)?);
    }
    json(&Page { items })
}

fn open_pupil(worker: &Worker, row: &Row<'_>) -> Result<Pupil, Error> {
    let unreadable = |_| Error::Unreadable;
    let name = worker.open_name(row, 1)?;
    Ok(Pupil {
        id: id(row, 0)?,
        first_name: name.first,
        infix: name.infix,
        last_name: name.last,
        gender: worker.open_required(row, 2)?,
        home_language: worker.open_text(row, 3)?,
        birth_date: worker.open_required(row, 4)?,
        vve: worker.open_text(row, 5)?.map(|text| text.parse()).transpose().map_err(|_| Error::Unreadable)?,
        day_parts_per_week: worker
            .open_text(row, 6)?
            .map(|text| text.parse())
            .transpose()
            .map_err(unreadable)?,
        particulars: worker.open_text(row, 7)?,
        eck_id: worker.open_text(row, 8)?,
        group_id: id(row, 9)?,
        placed_on: row.get(10)?,
        created_at: Timestamp::from_microsecond(row.get(11)?).map_err(|_| Error::Unreadable)?,
    })
}

fn open_roster_entry(worker: &Worker, row: &Row<'_>) -> Result<RosterEntry, Error> {
    let name = worker.open_name(row, 1)?;
    Ok(RosterEntry {
        id: id(row, 0)?,
        first_name: name.first,
        infix: name.infix,
        last_name: name.last,
        gender: worker.open_required(row, 2)?,
        birth_date: worker.open_required(row, 3)?,
        group_id: id(row, 4)?,
        placed_on: row.get(5)?,
    })
}

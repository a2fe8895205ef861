//! One pupil, and a page of them.

use actix_web::{HttpResponse, web};
use groeilijn_domain::audit::entry::ObjectKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::token::Caller;
use super::worker::{Opener, Worker, id, json};

const PUPIL: &str = "SELECT id, name, gender, home_language, birth_date, vve, \
    day_parts_per_week, particulars, eck_id, group_id, placed_on, created_at \
    FROM pupil WHERE institution_id = ?1 AND id = ?2";

/// The same, for those whom the caller may ask about.
const PUPIL_IN_REACH: &str = "SELECT id, name, gender, home_language, birth_date, vve, \
    day_parts_per_week, particulars, eck_id, group_id, placed_on, created_at \
    FROM pupil WHERE institution_id = ?1 AND id = ?2 AND EXISTS (SELECT 1 FROM user_group \
        WHERE user_group.institution_id = ?1 AND user_id = ?3 AND user_group.group_id = pupil.group_id)";

const PAGE: &str = "SELECT id, name, gender, birth_date, group_id, placed_on \
    FROM pupil WHERE institution_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

/// The same, for those whom the caller may ask about.
const PAGE_IN_REACH: &str = "SELECT id, name, gender, birth_date, group_id, placed_on \
    FROM pupil WHERE institution_id = ?1 AND id > ?2 AND EXISTS (SELECT 1 FROM user_group \
        WHERE user_group.institution_id = ?1 AND user_id = ?4 AND user_group.group_id = pupil.group_id) \
    ORDER BY id LIMIT ?3";

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
    let found = one(&worker, &caller, *pupil)?;
    worker.record(&caller, "readPupil", vec![(ObjectKind::Pupil, *pupil)]).await?;
    json(&found)
}

/// `GET /v1/pupils?limit=&after=`.
pub(super) async fn page(
    worker: web::Data<Worker>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Error> {
    let PageQuery { limit, after } = query.into_inner();
    let after = after.unwrap_or_default();
    let items = some(&worker, &caller, after, limit)?;
    let seen = items.iter().map(|item| (ObjectKind::Pupil, item.id)).collect();
    worker.record(&caller, "listPupils", seen).await?;
    json(&Page { items })
}

fn one(worker: &Worker, caller: &Caller, pupil: Uuid) -> Result<Pupil, Error> {
    let mut statement = worker.statement([PUPIL, PUPIL_IN_REACH])?;
    statement.raw_bind_parameter(1, caller.institution.as_bytes().as_slice())?;
    statement.raw_bind_parameter(2, pupil.as_bytes().as_slice())?;
    if worker.duties.is_some() {
        statement.raw_bind_parameter(3, caller.user.as_bytes().as_slice())?;
    }
    let mut rows = statement.raw_query();
    let columns = rows.next()?.ok_or(Error::NotFound)?;
    open_pupil(Opener { columns, row: worker.row(caller.institution, "pupil", pupil, pupil) })
}

fn some(worker: &Worker, caller: &Caller, after: Uuid, limit: u32) -> Result<Vec<RosterEntry>, Error> {
    let mut statement = worker.statement([PAGE, PAGE_IN_REACH])?;
    statement.raw_bind_parameter(1, caller.institution.as_bytes().as_slice())?;
    statement.raw_bind_parameter(2, after.as_bytes().as_slice())?;
    statement.raw_bind_parameter(3, limit)?;
    if worker.duties.is_some() {
        statement.raw_bind_parameter(4, caller.user.as_bytes().as_slice())?;
    }
    let mut rows = statement.raw_query();
    let mut items = Vec::new();
    while let Some(columns) = rows.next()? {
        let pupil = id(columns, 0)?;
        let opener = Opener { columns, row: worker.row(caller.institution, "pupil", pupil, pupil) };
        items.push(open_roster_entry(pupil, opener)?);
    }
    Ok(items)
}

fn open_pupil(mut row: Opener<'_, '_>) -> Result<Pupil, Error> {
    let unreadable = |_| Error::Unreadable;
    let name = row.name(1)?;
    Ok(Pupil {
        id: id(row.columns, 0)?,
        first_name: name.first,
        infix: name.infix,
        last_name: name.last,
        gender: row.required(2, "gender")?,
        home_language: row.text(3, "home_language")?,
        birth_date: row.required(4, "birth_date")?,
        vve: row.text(5, "vve")?.map(|text| text.parse()).transpose().map_err(|_| Error::Unreadable)?,
        day_parts_per_week: row
            .text(6, "day_parts_per_week")?
            .map(|text| text.parse())
            .transpose()
            .map_err(unreadable)?,
        particulars: row.text(7, "particulars")?,
        eck_id: row.text(8, "eck_id")?,
        group_id: id(row.columns, 9)?,
        placed_on: row.columns.get(10)?,
        created_at: Timestamp::from_microsecond(row.columns.get(11)?).map_err(|_| Error::Unreadable)?,
    })
}

fn open_roster_entry(pupil: Uuid, mut row: Opener<'_, '_>) -> Result<RosterEntry, Error> {
    let name = row.name(1)?;
    Ok(RosterEntry {
        id: pupil,
        first_name: name.first,
        infix: name.infix,
        last_name: name.last,
        gender: row.required(2, "gender")?,
        birth_date: row.required(3, "birth_date")?,
        group_id: id(row.columns, 4)?,
        placed_on: row.columns.get(5)?,
    })
}

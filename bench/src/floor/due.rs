//! Who is still to be registered in a half-year.

use actix_web::{HttpResponse, web};
use groeilijn_domain::audit::entry::ObjectKind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::token::Caller;
use super::worker::{Opener, Worker, id, json};

const DUE: &str = "SELECT id, name, birth_date, group_id FROM pupil WHERE institution_id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM registration WHERE registration.institution_id = ?1 \
        AND registration.pupil_id = pupil.id AND half_year = ?2) \
    ORDER BY id LIMIT ?3";

/// The same, for those whom the caller may ask about.
const DUE_IN_REACH: &str = "SELECT id, name, birth_date, group_id FROM pupil WHERE institution_id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM registration WHERE registration.institution_id = ?1 \
        AND registration.pupil_id = pupil.id AND half_year = ?2) \
    AND EXISTS (SELECT 1 FROM user_group \
        WHERE user_group.institution_id = ?1 AND user_id = ?4 AND user_group.group_id = pupil.group_id) \
    ORDER BY id LIMIT ?3";

/// Of which half-year, and how many.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    half_year: String,
    limit: u32,
}

#[derive(Serialize)]
struct Page {
    items: Vec<Due>,
}

/// A child, as ours replies it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Due {
    pupil_id: Uuid,
    first_name: String,
    infix: Option<String>,
    last_name: String,
    birth_date: String,
    group_id: Uuid,
    drafts: [(); 0],
}

/// `GET /v1/due-registrations?halfYear=&limit=`.
pub(super) async fn read(
    worker: web::Data<Worker>,
    caller: Caller,
    query: web::Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let items = due(&worker, &caller, &query)?;
    let seen = items.iter().map(|due| (ObjectKind::Pupil, due.pupil_id)).collect();
    worker.record(&caller, "listDueRegistrations", seen).await?;
    json(&Page { items })
}

fn due(worker: &Worker, caller: &Caller, wanted: &Wanted) -> Result<Vec<Due>, Error> {
    let mut statement = worker.statement([DUE, DUE_IN_REACH])?;
    statement.raw_bind_parameter(1, caller.institution.as_bytes().as_slice())?;
    statement.raw_bind_parameter(2, &wanted.half_year)?;
    statement.raw_bind_parameter(3, wanted.limit)?;
    if worker.duties.is_some() {
        statement.raw_bind_parameter(4, caller.user.as_bytes().as_slice())?;
    }
    let mut rows = statement.raw_query();
    let mut items = Vec::new();
    while let Some(columns) = rows.next()? {
        let pupil_id = id(columns, 0)?;
        let mut row = Opener { columns, row: worker.row(caller.institution, "pupil", pupil_id, pupil_id) };
        let name = row.name(1)?;
        items.push(Due {
            pupil_id,
            first_name: name.first,
            infix: name.infix,
            last_name: name.last,
            birth_date: row.required(2, "birth_date")?,
            group_id: id(columns, 3)?,
            drafts: [],
        });
    }
    Ok(items)
}

//! The forms in which a group is shown.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::overview::find;
use super::token::Caller;
use super::worker::{Worker, json};
use super::{Error, paper, picture};

/// What is wanted of a report.
#[derive(Deserialize)]
pub(super) struct Wanted {
    password: String,
}

/// `GET /v1/groups/{id}/overview`, as JSON or as a picture.
pub(super) async fn read(
    worker: web::Data<Worker>,
    caller: Caller,
    group: web::Path<Uuid>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let found = find(&worker, &caller, *group, "readGroupOverview").await?;
    if request.headers().get(header::ACCEPT).is_some_and(|accept| accept == picture::SVG) {
        let drawn = found.shown(&worker, picture::draw)?;
        return Ok(HttpResponse::Ok().content_type(picture::SVG).body(drawn));
    }
    found.shown(&worker, |overview| json(overview))?
}

/// `POST /v1/groups/{id}/_report`: a PDF that opens with a password.
pub(super) async fn report(
    worker: web::Data<Worker>,
    caller: Caller,
    group: web::Path<Uuid>,
    wanted: web::Json<Wanted>,
) -> Result<HttpResponse, Error> {
    let found = find(&worker, &caller, *group, "reportGroup").await?;
    let page = found.shown(&worker, paper::draw)?;
    let file = web::block(move || paper::locked(&page, &wanted.password)).await;
    let file = file.map_err(|_| Error::Stopped)??;
    Ok(HttpResponse::Ok().content_type("application/pdf").body(file))
}

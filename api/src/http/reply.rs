//! Replies that succeed.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use uuid::Uuid;

use super::cursor::{Cursor, Page, next_link};
use super::etag::{ETag, IfNoneMatch};
use super::problem::Problem;
use super::query::Limit;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// 200 with one resource and the `ETag` of its revision.
///
/// # Errors
/// 500 when the body cannot be written as JSON; likewise for the other replies.
pub fn ok(body: &impl Serialize, revision: i32) -> Result<HttpResponse, Problem> {
    json(HttpResponse::Ok().insert_header((header::ETAG, ETag(revision))), body)
}

/// 200 with something that has no revision of its own, such as an overview.
///
/// # Errors
/// 500.
pub fn view(body: &impl Serialize) -> Result<HttpResponse, Problem> {
    json(&mut HttpResponse::Ok(), body)
}

/// 304 when the client has this revision already, otherwise 200 as in [`ok`].
///
/// # Errors
/// 500.
pub fn ok_if_changed(
    known: &IfNoneMatch,
    body: &impl Serialize,
    revision: i32,
) -> Result<HttpResponse, Problem> {
    if known.has(revision) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, ETag(revision))).finish());
    }
    ok(body, revision)
}

/// 201 with the new resource, its `Location` (a path from the root, such as `/v1/pupils/…`) and its `ETag`.
///
/// # Errors
/// 500.
pub fn created(location: &str, body: &impl Serialize, revision: i32) -> Result<HttpResponse, Problem> {
    let mut reply = HttpResponse::Created();
    reply.insert_header((header::LOCATION, location)).insert_header((header::ETAG, ETag(revision)));
    json(&mut reply, body)
}

/// 202: the work goes on; `location` is the resource that tells how far it is.
///
/// # Errors
/// 500.
pub fn accepted(location: &str, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    json(HttpResponse::Accepted().insert_header((header::LOCATION, location)), body)
}

/// 202: the work goes on, and nothing tells how far it is.
pub fn accepted_without_location() -> HttpResponse {
    HttpResponse::new(StatusCode::ACCEPTED)
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

/// 200 with a page, and a `Link` to the next one unless this is the last.
///
/// # Errors
/// 500.
pub fn page<T: Serialize>(
    request: &HttpRequest,
    items: Vec<T>,
    next: Option<&Cursor>,
) -> Result<HttpResponse, Problem> {
    let mut reply = HttpResponse::Ok();
    if let Some(next) = next {
        reply.insert_header((header::LINK, next_link(request, next)));
    }
    json(&mut reply, &Page { items })
}

/// A page of a list that is ordered by id, as [`page_by`].
///
/// # Errors
/// 500.
pub fn page_by_id<S, T: Serialize>(
    request: &HttpRequest,
    found: Vec<S>,
    limit: Limit,
    id: impl Fn(&S) -> Uuid,
    body: impl Fn(S) -> T,
) -> Result<HttpResponse, Problem> {
    page_by(request, found, limit, |last| Cursor::after(*id(last).as_bytes()), body)
}

/// A page of a list: `found` holds one item more than the page when there is a next one (see
/// [`Limit::with_one_more`]). `position` says where the page after an item starts.
///
/// # Errors
/// 500.
pub fn page_by<S, T: Serialize>(
    request: &HttpRequest,
    mut found: Vec<S>,
    limit: Limit,
    position: impl Fn(&S) -> Cursor,
    body: impl Fn(S) -> T,
) -> Result<HttpResponse, Problem> {
    let more = found.len() > limit.get();
    found.truncate(limit.get());
    let next = found.last().filter(|_| more).map(position);
    page(request, found.into_iter().map(body).collect(), next.as_ref())
}

fn json(reply: &mut HttpResponseBuilder, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    Ok(reply.insert_header((header::CONTENT_TYPE, JSON)).body(body))
}

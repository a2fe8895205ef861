//! Replies that succeed. A handler's type says which of them it gives, and the OpenAPI document follows from that.

use std::marker::PhantomData;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use groeilijn_domain::values::language::Language;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use super::content_language;
use super::described::{Described, NamedSchemas};
use super::etag::{ETag, IfNoneMatch, Revised};
use super::problem::Problem;
use super::query::Limit;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A reply that succeeds.
pub trait Success: Into<HttpResponse> {
    /// Its shape, for the OpenAPI document. Adds the schemas that the body refers to.
    fn shape(components: &mut NamedSchemas) -> SuccessShape;
}

/// What the OpenAPI document says of a reply.
pub struct SuccessShape {
    /// The status.
    pub status: StatusCode,
    /// The schema of the JSON body; `None` without a body.
    pub body: Option<RefOr<Schema>>,
}

macro_rules! replies {
    ($($(#[doc = $doc:literal])+ $name:ident $status:ident $schema:ident;)+) => {$(
        $(#[doc = $doc])+
        // The body is a parameter of the marker, not its result, so that a body which borrows from what was read is
        // taken for one that borrows nothing: it is written already.
        pub struct $name<T>(HttpResponse, PhantomData<fn(T)>);

        impl<T> $name<T> {
            fn new(reply: HttpResponse) -> Self {
                Self(reply, PhantomData)
            }

            /// Says in which language the reply is, and that another request may get it in another one.
            #[must_use]
            pub fn in_language(mut self, language: Language) -> Self {
                content_language::note(self.0.headers_mut(), language);
                self
            }
        }

        impl<T> From<$name<T>> for HttpResponse {
            fn from(reply: $name<T>) -> Self {
                reply.0
            }
        }

        impl<T: Described> Success for $name<T> {
            fn shape(components: &mut NamedSchemas) -> SuccessShape {
                T::components(components);
                SuccessShape { status: StatusCode::$status, body: Some($schema::<T>()) }
            }
        }
    )+};
}

replies! {
    /// 200 with one resource.
    Shown OK one;
    /// 200 with a page of a list. Where it goes on is in the `Link` header.
    Listed OK page;
    /// 201 with a new resource.
    Created CREATED one;
    /// 202 with what tells how far the work is.
    Accepted ACCEPTED one;
}

fn one<T: Described>() -> RefOr<Schema> {
    T::schema()
}

fn page<T: Described>() -> RefOr<Schema> {
    let items = ArrayBuilder::new()
        .items(T::schema())
        .description(Some("The items of this page, in the order of the list."))
        .max_items(Some(Limit::MOST.into()));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "One page of a list. Where it goes on is in the `Link` header; without that, this is the last page.",
        ))
        .property("items", items)
        .required("items")
        .into()
}

macro_rules! empty_replies {
    ($($(#[doc = $doc:literal])+ $name:ident $status:ident;)+) => {$(
        $(#[doc = $doc])+
        pub struct $name;

        impl From<$name> for HttpResponse {
            fn from(_: $name) -> Self {
                Self::new(StatusCode::$status)
            }
        }

        impl Success for $name {
            fn shape(_: &mut NamedSchemas) -> SuccessShape {
                SuccessShape { status: StatusCode::$status, body: None }
            }
        }
    )+};
}

empty_replies! {
    /// 204.
    NoContent NO_CONTENT;
    /// 202: the work goes on, and nothing tells how far it is.
    AcceptedUntold ACCEPTED;
}

/// A reply of what is not in the OpenAPI document, such as the measurements.
pub struct Undocumented(pub HttpResponse);

impl From<Undocumented> for HttpResponse {
    fn from(reply: Undocumented) -> Self {
        reply.0
    }
}

impl Success for Undocumented {
    fn shape(_: &mut NamedSchemas) -> SuccessShape {
        SuccessShape { status: StatusCode::OK, body: None }
    }
}

/// 200 with what the client is shown of something stored, and the `ETag` of its revision.
///
/// # Errors
/// When the body cannot be written as JSON: a mistake in the program, a 500. Likewise for the other replies.
pub fn stored<S: Revised, T: From<S> + Serialize>(stored: S) -> Result<Shown<T>, Problem> {
    let revision = stored.revision();
    json(HttpResponse::Ok().insert_header((header::ETAG, ETag(revision))), &T::from(stored)).map(Shown::new)
}

/// 304 when the client has this revision already, otherwise 200 as in [`stored`].
///
/// # Errors
/// As [`stored`].
pub fn stored_if_changed<S: Revised, T: From<S> + Serialize>(
    known: &IfNoneMatch,
    found: S,
) -> Result<Shown<T>, Problem> {
    let revision = found.revision();
    if known.has(revision) {
        let unchanged = HttpResponse::NotModified().insert_header((header::ETAG, ETag(revision))).finish();
        return Ok(Shown::new(unchanged));
    }
    stored(found)
}

/// 200 with something that has no revision of its own, such as an overview.
///
/// # Errors
/// As [`stored`].
pub fn view<T: Serialize>(body: &T) -> Result<Shown<T>, Problem> {
    json(&mut HttpResponse::Ok(), body).map(Shown::new)
}

/// 200 with a page, and the value of its `Link` header unless this is the last one.
///
/// # Errors
/// As [`stored`].
pub fn page_of<T: Serialize>(items: Vec<T>, next_link: Option<String>) -> Result<Listed<T>, Problem> {
    let mut reply = HttpResponse::Ok();
    if let Some(next_link) = next_link {
        reply.insert_header((header::LINK, next_link));
    }
    json(&mut reply, &Page { items }).map(Listed::new)
}

/// One page of a list.
#[derive(Serialize)]
struct Page<T> {
    items: Vec<T>,
}

/// 201 with the new resource, its `Location` (a path from the root, such as `/v1/pupils/…`) and its `ETag`.
///
/// # Errors
/// As [`stored`].
pub fn created<T: Serialize>(location: &str, body: &T, revision: i32) -> Result<Created<T>, Problem> {
    created_as(StatusCode::CREATED, location, body, revision)
}

/// The same with the status that was kept of the first reply.
///
/// # Errors
/// As [`stored`].
pub fn created_as<T: Serialize>(
    status: StatusCode,
    location: &str,
    body: &T,
    revision: i32,
) -> Result<Created<T>, Problem> {
    let mut reply = HttpResponse::build(status);
    reply.insert_header((header::LOCATION, location)).insert_header((header::ETAG, ETag(revision)));
    json(&mut reply, body).map(Created::new)
}

/// 202: the work goes on; `location` is the resource that tells how far it is.
///
/// # Errors
/// As [`stored`].
pub fn accepted<T: Serialize>(location: &str, body: &T) -> Result<Accepted<T>, Problem> {
    json(HttpResponse::Accepted().insert_header((header::LOCATION, location)), body).map(Accepted::new)
}

/// 200 with JSON that is not in the OpenAPI document.
///
/// # Errors
/// As [`stored`].
pub fn undocumented(body: &impl Serialize) -> Result<Undocumented, Problem> {
    json(&mut HttpResponse::Ok(), body).map(Undocumented)
}

fn json(reply: &mut HttpResponseBuilder, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    Ok(reply.insert_header((header::CONTENT_TYPE, JSON)).body(body))
}

//! Replies that succeed. A handler's type says which of them it gives, and the OpenAPI document follows from that.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use groeilijn_domain::values::language::Language;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use super::content_language;
use super::cursor::Cursor;
use super::described::{self, Described, NamedSchemas, described, nullable};
use super::entity_tag::{ContentTag, ETag};
use super::etag::{IfNoneMatch, Revised};
use super::input::{Input, Unconditional};
use super::problem::Problem;
use super::query::Limit;

const JSON: HeaderValue = HeaderValue::from_static(JSON_TYPE);

/// A reply that succeeds.
pub trait Success: Into<HttpResponse> {
    /// What of the request the reply depends on, beside what the handler reads.
    type Condition: Input;

    /// The reply under that condition.
    fn under(self, _condition: &Self::Condition) -> HttpResponse {
        self.into()
    }

    /// Its shape, for the OpenAPI document. Adds the schemas that the body refers to.
    fn shape(components: &mut NamedSchemas) -> SuccessShape;
}

/// What the OpenAPI document says of a reply.
pub struct SuccessShape {
    /// The status.
    pub status: StatusCode,
    /// The media type and the schema of the body; `None` without a body.
    pub body: Option<(&'static str, RefOr<Schema>)>,
}

/// The media type of most replies.
pub const JSON_TYPE: &str = "application/json";

macro_rules! replies {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        // The body is a parameter of the marker, not its result, so that a body which borrows from what was read is
        // taken for one that borrows nothing: it is written already.
        pub struct $name<T>(HttpResponse, PhantomData<fn(T)>);

        impl<T> $name<T> {
            fn new(reply: HttpResponse) -> Self {
                Self(reply, PhantomData)
            }

            /// Leaves something beside the reply, for what handles it on its way out.
            #[must_use]
            pub fn noting(mut self, note: impl std::any::Any) -> Self {
                self.0.extensions_mut().insert(note);
                self
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

    )+};
}

replies! {
    /// 200 with one resource.
    Shown;
    /// 200 with a page of a list, or 304 to a client that has that page. Where it goes on is in the `Link` header and in
    /// the body.
    Listed;
    /// 201 with a new resource.
    Created;
    /// 202 with what tells how far the work is.
    Accepted;
    /// 200 with one resource as JSON, or in another of the forms that its operation has: which one the client accepts decides.
    Presented;
}

impl<T> Shown<T> {
    /// The same reply, which the client may keep for an hour: of what never changes and is about nobody.
    #[must_use]
    pub fn kept_by_client(mut self) -> Self {
        self.0.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
        self
    }
}

macro_rules! replies_with_one {
    ($($name:ident $status:ident;)+) => {$(
        impl<T: Described> Success for $name<T> {
            type Condition = Unconditional;

            fn shape(components: &mut NamedSchemas) -> SuccessShape {
                T::components(components);
                SuccessShape { status: StatusCode::$status, body: Some((JSON_TYPE, T::schema())) }
            }
        }
    )+};
}

replies_with_one! {
    Shown OK;
    Created CREATED;
    Accepted ACCEPTED;
    Presented OK;
}

impl<T: Described> Success for Listed<T> {
    type Condition = IfNoneMatch;

    /// The handler has read the page and put that on record whatever this says.
    fn under(self, known: &IfNoneMatch) -> HttpResponse {
        let is_known = self.0.headers().get(header::ETAG).is_some_and(|tag| known.has_tag(tag));
        if is_known { unchanged(self.0) } else { self.0 }
    }

    fn shape(components: &mut NamedSchemas) -> SuccessShape {
        T::components(components);
        SuccessShape { status: StatusCode::OK, body: Some((JSON_TYPE, page::<T>(components))) }
    }
}

/// A schema of its own for a page of each kind of item: `PupilPage` of `Pupil`.
fn page<T: Described>(components: &mut NamedSchemas) -> RefOr<Schema> {
    let name = format!("{}Page", described::name_of(&T::schema()).unwrap_or_default());
    let items = ArrayBuilder::new()
        .items(T::schema())
        .description(Some("The items of this page, in the order of the list."))
        .max_items(Some(Limit::MOST.into()));
    let next = described(
        nullable(Cursor::schema()),
        "The `cursor` of the next page, for the same request otherwise; null on the last page.",
    );
    let shape = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "One page of a list. Where it goes on is in the `Link` header, and in `nextCursor`; without, this is the last page.",
        ))
        .property("items", items)
        .property("nextCursor", next)
        .required("items");
    let page = described::reference(&name);
    components.push((name, shape.into()));
    page
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
            type Condition = Unconditional;

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

impl<T> Presented<T> {
    /// As JSON.
    ///
    /// # Errors
    /// As [`stored`].
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        json(&mut HttpResponse::Ok(), body).map(Self::varying)
    }

    /// As bytes of this media type.
    pub fn file(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::varying(HttpResponse::Ok().content_type(media_type).body(bytes))
    }

    fn varying(mut reply: HttpResponse) -> Self {
        reply.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
        Self::new(reply)
    }
}

/// A reply of what is not in the OpenAPI document, such as the measurements.
pub struct Undocumented(pub HttpResponse);

impl From<Undocumented> for HttpResponse {
    fn from(reply: Undocumented) -> Self {
        reply.0
    }
}

impl Success for Undocumented {
    type Condition = Unconditional;

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

/// 200 with JSON that was written before, byte for byte: what is signed.
pub fn written<T>(json: String) -> Shown<T> {
    Shown::new(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, JSON)).body(json))
}

/// 200 with a page and the tag of what it holds. Unless it is the last one, `next` is where the list goes on: the value
/// of the `Link` header, and the cursor.
///
/// # Errors
/// As [`stored`].
pub fn page_of<T: Serialize>(items: Vec<T>, next: Option<(String, String)>) -> Result<Listed<T>, Problem> {
    let mut reply = HttpResponse::Ok();
    let (link, next_cursor) = next.unzip();
    if let Some(link) = link {
        reply.insert_header((header::LINK, link));
    }
    let body = to_json(&Page { items, next_cursor })?;
    reply.insert_header((header::ETAG, ContentTag::of(&body))).insert_header((header::CONTENT_TYPE, JSON));
    Ok(Listed::new(reply.body(body)))
}

/// One page of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// 304 in place of a reply that the client has already, with the headers that do not describe its body.
pub fn unchanged(reply: HttpResponse) -> HttpResponse {
    reply.map_body(|head, _| {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        BoxBody::new(())
    })
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
    Ok(reply.insert_header((header::CONTENT_TYPE, JSON)).body(to_json(body)?))
}

fn to_json(body: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(Problem::internal)
}

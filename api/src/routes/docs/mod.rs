//! The documentation: a page to read and search in (Redoc), and one to call operations from (Swagger UI).
//!
//! Their files are named by what they hold, so that a browser keeps them for good; the pages themselves are asked for
//! again each time. Nothing is loaded from elsewhere.

mod files;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use self::files::{Files, files};
use crate::http::etag::IfNoneMatch;
use crate::http::guard::Open;
use crate::http::guard::activity::OperateService;
use crate::http::kept_body::KeptBody;
use crate::http::problem::Problem;
use crate::http::reply::Undocumented;
use crate::operations;

/// What the pages may load: their own files. Both set styles by script, and Redoc searches in a worker that it makes.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

const HTML: &str = "text/html; charset=utf-8";

/// A file under this name never changes.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

operations! {
    /// The operations of the documentation.
    pub fn endpoints;

    /// Go to the page to read the documentation
    GET "/docs" => go_to_docs: "Where it is."
        .producing(&["text/html"]);

    /// Read the documentation
    GET "/docs/" => read_docs: "The page."
        .producing(&["text/html"]);

    /// Read the page from which operations are called
    GET "/docs/try" => read_docs_to_try: "The page."
        .producing(&["text/html"]);

    /// Read what changed in which version
    GET "/docs/changelog" => read_changelog: "The changelog."
        .producing(&["text/markdown"]);

    /// Read a file of the documentation
    GET "/docs/files/{digest}/{file}" => read_docs_file: "The file."
        .producing(&["text/javascript", "text/css", "image/png"]);
}

type Anyone = Open<OperateService>;

async fn go_to_docs(_: Anyone) -> Result<Undocumented, Problem> {
    Ok(Undocumented(HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()))
}

async fn read_docs(_: Anyone, request: HttpRequest, known: IfNoneMatch) -> Result<Undocumented, Problem> {
    page(&request, &known, HTML, |files| &files.read_page)
}

async fn read_docs_to_try(
    _: Anyone,
    request: HttpRequest,
    known: IfNoneMatch,
) -> Result<Undocumented, Problem> {
    page(&request, &known, HTML, |files| &files.try_page)
}

async fn read_changelog(
    _: Anyone,
    request: HttpRequest,
    known: IfNoneMatch,
) -> Result<Undocumented, Problem> {
    page(&request, &known, "text/markdown; charset=utf-8", |files| &files.changelog)
}

fn page(
    request: &HttpRequest,
    known: &IfNoneMatch,
    media_type: &'static str,
    of: impl FnOnce(&Files) -> &KeptBody,
) -> Result<Undocumented, Problem> {
    let mut reply = HttpResponse::Ok();
    reply.content_type(media_type);
    reply.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    Ok(Undocumented(of(files()?).reply(request, known, with_policy(reply))))
}

async fn read_docs_file(
    _: Anyone,
    request: HttpRequest,
    known: IfNoneMatch,
) -> Result<Undocumented, Problem> {
    let part = |name| request.match_info().get(name).unwrap_or_default();
    let file = files()?.find(part("digest"), part("file")).ok_or_else(Problem::not_found)?;
    let mut reply = HttpResponse::Ok();
    reply.content_type(file.media_type).insert_header((header::CACHE_CONTROL, FOR_GOOD));
    Ok(Undocumented(file.body.reply(&request, &known, with_policy(reply))))
}

fn with_policy(mut reply: HttpResponseBuilder) -> HttpResponseBuilder {
    reply.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    reply
}

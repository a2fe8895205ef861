//! The page on which a user chooses a password, logs in and sets up a second factor, for an installation without a front
//! end, or one whose front end leaves that to the server (`mail.password_page`).
//!
//! It is a client like any other: what it does it does through the API. The token of a link stands behind the `#` and is
//! not part of any address that is asked for.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};

use crate::http::endpoint::configure;
use crate::http::guard::Open;
use crate::http::guard::activity::OperateService;
use crate::http::problem::Problem;
use crate::http::reply::Undocumented;
use crate::operations;

/// What the page may load and ask: its own files, and the API that it comes with.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// The files of the page besides itself: name, media type and content.
const FILES: [(&str, &str, &str); 3] = [
    ("page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
    ("words.js", "text/javascript; charset=utf-8", include_str!("words.js")),
    ("page.css", "text/css; charset=utf-8", include_str!("page.css")),
];

/// Serves the page, outside `/v1` and outside the OpenAPI document.
pub fn page(config: &mut ServiceConfig) {
    config.configure(configure(endpoints()));
}

operations! {
    /// The page and its files.
    fn endpoints;

    /// Read the page on which a user chooses a password
    GET "/password" => read_password_page: "The page."
        .producing(&["text/html"]);

    /// Read a file of that page
    GET "/password/{file}" => read_password_file: "The file."
        .producing(&["text/javascript", "text/css"]);
}

async fn read_password_page(_: Open<OperateService>) -> Result<Undocumented, Problem> {
    let mut page = HttpResponse::Ok();
    page.insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    Ok(Undocumented(page.content_type("text/html; charset=utf-8").body(include_str!("page.html"))))
}

async fn read_password_file(_: Open<OperateService>, request: HttpRequest) -> Result<Undocumented, Problem> {
    let wanted = request.match_info().get("file").unwrap_or_default();
    let (_, media_type, content) =
        FILES.into_iter().find(|(name, ..)| *name == wanted).ok_or_else(Problem::not_found)?;
    Ok(Undocumented(HttpResponse::Ok().content_type(media_type).body(content)))
}

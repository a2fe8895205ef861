//! Which web pages of other origins may read replies: those on a list, and anyone for the OpenAPI document.

use actix_cors::Cors;

use super::headers::{API_VERSION_SPELLING, X_REQUEST_ID_SPELLING};

/// The reply headers that a page's script may read.
const READABLE: [&str; 8] = [
    "ETag",
    "Link",
    "Location",
    API_VERSION_SPELLING,
    X_REQUEST_ID_SPELLING,
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
];

/// How long a browser may remember what it may send, in seconds.
const REMEMBERED_SECONDS: usize = 3600;

/// Admits these origins, such as `https://app.school.example`, and no others. No cookies: access tokens travel
/// in a header.
pub fn allow_list(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Accept",
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "traceparent",
            "tracestate",
        ])
        .expose_headers(READABLE)
        .max_age(REMEMBERED_SECONDS);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Admits every origin, for what is public.
pub fn any_origin() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET", "HEAD"])
        .expose_headers(READABLE)
        .max_age(REMEMBERED_SECONDS)
}

//! The headers that every reply has, errors included. Each value is made once, at compile time.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The id of the request, on its reply.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// [`X_REQUEST_ID`] as documents spell it.
pub const X_REQUEST_ID_SPELLING: &str = "X-Request-Id";

/// The version of the API, on every reply (API Design Rules, /core/version-header).
pub const API_VERSION: HeaderName = HeaderName::from_static("api-version");
/// [`API_VERSION`] as documents spell it.
pub const API_VERSION_SPELLING: &str = "API-Version";

const VERSION: HeaderValue = HeaderValue::from_static(env!("CARGO_PKG_VERSION"));

const SECURITY: [(HeaderName, HeaderValue); 5] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// What holds unless a reply says otherwise for itself: nobody keeps it, and it loads nothing.
const OF_MOST_REPLIES: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Adds the headers to a reply.
pub fn add(headers: &mut HeaderMap, request_id: Uuid) {
    for (name, value) in SECURITY {
        headers.insert(name, value);
    }
    for (name, value) in OF_MOST_REPLIES {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    headers.insert(API_VERSION, VERSION);
    let mut text = Uuid::encode_buffer();
    if let Ok(value) = HeaderValue::from_str(request_id.hyphenated().encode_lower(&mut text)) {
        headers.insert(X_REQUEST_ID, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem_kind::ProblemKind;

    #[test]
    fn documents_and_problems_name_the_headers_that_replies_have() {
        assert_eq!(X_REQUEST_ID_SPELLING.to_ascii_lowercase(), X_REQUEST_ID.as_str());
        assert_eq!(API_VERSION_SPELLING.to_ascii_lowercase(), API_VERSION.as_str());
        assert!(ProblemKind::Internal.describe().contains(X_REQUEST_ID_SPELLING));
        assert!(include_str!("../../../docs/api-design.md").contains(X_REQUEST_ID_SPELLING));
    }
}

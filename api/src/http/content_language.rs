//! In which language a reply is, where a client can choose it (RFC 9110, section 8.5).

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use groeilijn_domain::values::language::Language;

/// Says in which language a reply is.
pub fn note(headers: &mut HeaderMap, language: Language) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
}

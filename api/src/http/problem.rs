//! What a client is told when a request does not succeed: RFC 9457 problem details.
//!
//! Every reply of 400 and above has such a body. The client's text and the detail for the log are two
//! different strings: [`Problem::detail`] leaves the building, [`Problem::internal`] never does.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use groeilijn_domain::values::language::Language;
use groeilijn_domain::values::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content_language;
use super::entity_tag::ETag;
use super::problem_kind::ProblemKind;
use super::problem_names::{ProblemCode, ProblemType};
use super::rate_limit::RateLimits;

/// The media type of every problem (RFC 9457, section 3).
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The most wrong fields that one reply names; a body with more of them says nothing new.
pub const MOST_ERRORS: usize = 100;

/// Why a request did not succeed. Handlers return it, the HTTP layer makes the reply of it.
#[derive(Debug)]
pub struct Problem {
    /// Which of the fixed kinds of problem this is; it decides `type`, `title` and `status`.
    pub kind: ProblemKind,
    /// One sentence for the client about this occurrence. Never holds personal data.
    pub detail: Cow<'static, str>,
    /// The rule that refused, when one did: stable, in kebab case, for programs to act upon.
    pub code: Option<&'static str>,
    /// The id of what stands in the way, where it is one thing that the client may know.
    pub conflicts_with: Option<Box<Uuid>>,
    /// Every part of the request that is wrong, all at once.
    pub errors: Box<[FieldError]>,
    /// After how many seconds trying again makes sense: the `Retry-After` header.
    pub retry_after: Option<NonZeroU32>,
    /// How much is left of the limits that apply: the `RateLimit` headers.
    pub rate_limits: Option<Box<RateLimits>>,
    /// The methods that the resource does have: the `Allow` header of a 405.
    pub allow: Option<Box<str>>,
    /// The tag that a change would have to come with now: the `ETag` header of a 412.
    pub etag: Option<ETag>,
    /// The language of the details, where a client could choose it: the `Content-Language` header.
    pub language: Option<Language>,
    /// What the operator needs to know; goes to the log only.
    pub internal: Option<Box<str>>,
}

impl Problem {
    /// A problem of a kind, in the kind's own words.
    pub fn of(kind: ProblemKind) -> Self {
        Self::new(kind, kind.describe())
    }

    /// A problem of a kind, with what is particular about this occurrence.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = (kind == ProblemKind::Unavailable).then_some(NonZeroU32::MIN);
        Self {
            kind,
            detail: detail.into(),
            code: None,
            conflicts_with: None,
            errors: Box::default(),
            retry_after,
            rate_limits: None,
            allow: None,
            etag: None,
            language: None,
            internal: None,
        }
    }

    /// 400: parts of the request are refused; `errors` names each of them, up to [`MOST_ERRORS`].
    pub fn invalid(mut errors: Vec<FieldError>) -> Self {
        errors.truncate(MOST_ERRORS);
        Self { errors: errors.into(), ..Self::of(ProblemKind::InvalidInput) }
    }

    /// 404: also the answer about another tenant's object, so that neither can be told from the other.
    pub fn not_found() -> Self {
        Self::of(ProblemKind::NotFound)
    }

    /// 500: `cause` goes to the log, the client learns nothing of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::of(ProblemKind::Internal).because(cause)
    }

    /// 503: try again after so many seconds.
    pub fn unavailable(retry_after_seconds: u32) -> Self {
        Self { retry_after: NonZeroU32::new(retry_after_seconds), ..Self::of(ProblemKind::Unavailable) }
    }

    /// Adds what only the log may hold.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.internal = Some(cause.to_string().into_boxed_str());
        self
    }

    fn body(&self) -> ProblemBody<'_> {
        ProblemBody {
            kind: self.kind.urn(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            code: self.code,
            conflicts_with: self.conflicts_with.as_deref().copied(),
            etag: self.etag,
            errors: &self.errors,
        }
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::invalid(vec![error])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.slug(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::build(self.kind.status());
        reply.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        if self.kind.status() == StatusCode::UNAUTHORIZED {
            reply.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        if let Some(seconds) = self.retry_after {
            reply.insert_header((header::RETRY_AFTER, seconds.get()));
        }
        if let Some(limits) = &self.rate_limits {
            reply.insert_header(("RateLimit", limits.header()));
            reply.insert_header(("RateLimit-Policy", limits.policy_header()));
        }
        if let Some(methods) = &self.allow {
            reply.insert_header((header::ALLOW, methods.as_ref()));
        }
        if let Some(tag) = self.etag {
            reply.insert_header((header::ETAG, tag));
        }
        let mut reply = match serde_json::to_vec(&self.body()) {
            Ok(body) => reply.body(body),
            Err(_) => reply.finish(),
        };
        if let Some(language) = self.language {
            content_language::note(reply.headers_mut(), language);
        }
        reply
    }
}

/// What went wrong (RFC 9457). `type` is stable and made for programs; `detail` is made for people.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Stable name of the kind of problem: a URN that identifies, and needs not be fetched.
    #[serde(rename = "type")]
    #[schema(value_type = ProblemType)]
    kind: &'static str,
    /// The kind of problem in a few words, the same for every occurrence.
    #[schema(example = "Not found", max_length = 200)]
    title: &'static str,
    /// The HTTP status of the reply.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What is the matter this time, and what would be right.
    #[schema(example = "There is nothing here, or nothing that you may see.", max_length = 2000)]
    detail: &'a str,
    /// Stable name of the rule that refused, in kebab case; absent when the kind says it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ProblemCode, required = false)]
    code: Option<&'static str>,
    /// With some codes of 409, the id of what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = "uuid", max_length = 36, required = false)]
    conflicts_with: Option<Uuid>,
    /// With 412, the `ETag` of what was to be changed as it is now; as in the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, max_length = 20, required = false, example = "\"r8\"")]
    etag: Option<ETag>,
    /// Each wrong part of the request; absent when no part in particular is wrong.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(max_items = 100, required = false)]
    errors: &'a [FieldError],
}

/// One wrong part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Which part of the request it is in.
    #[serde(rename = "in")]
    place: Place,
    /// Where it is in the body: a JSON pointer (RFC 6901), empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/firstName", max_length = 10000)]
    pointer: Option<String>,
    /// The name of the query parameter, path parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "limit", max_length = 10000)]
    name: Option<Cow<'static, str>>,
    /// Stable name of the reason, in kebab case.
    #[schema(value_type = ProblemCode)]
    code: &'static str,
    /// The reason, as the end of a sentence about the value.
    #[schema(example = "must have at most 200 characters", max_length = 2000)]
    detail: String,
    /// With some codes, the id of what stands in the way.
    #[serde(rename = "conflictsWith", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    conflicts_with: Option<Uuid>,
}

/// The part of a request in which something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The body; `pointer` says where.
    Body,
    /// The query; `name` says which parameter.
    Query,
    /// The path; `name` says which parameter.
    Path,
    /// The header called `name`.
    Header,
}

impl FieldError {
    /// A refused value in the body, at a JSON pointer.
    pub fn body(pointer: impl Into<String>, refusal: Refusal) -> Self {
        Self {
            place: Place::Body,
            pointer: Some(pointer.into()),
            name: None,
            code: refusal.code,
            detail: refusal.detail,
            conflicts_with: refusal.conflicts_with,
        }
    }

    /// A refused query parameter.
    pub fn query(name: impl Into<Cow<'static, str>>, refusal: Refusal) -> Self {
        Self::named(Place::Query, name.into(), refusal)
    }

    /// A refused part of the path.
    pub fn path(name: &'static str, refusal: Refusal) -> Self {
        Self::named(Place::Path, Cow::Borrowed(name), refusal)
    }

    /// A refused header.
    pub fn header(name: &'static str, refusal: Refusal) -> Self {
        Self::named(Place::Header, Cow::Borrowed(name), refusal)
    }

    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Where in the body it is; `None` outside the body.
    pub fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    fn named(place: Place, name: Cow<'static, str>, refusal: Refusal) -> Self {
        let Refusal { code, detail, conflicts_with } = refusal;
        Self { place, pointer: None, name: Some(name), code, detail, conflicts_with }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn body_of(problem: &Problem) -> Value {
        serde_json::to_value(problem.body()).unwrap()
    }

    #[test]
    fn a_problem_names_every_wrong_field() {
        let problem = Problem::invalid(vec![
            FieldError::body("/firstName", Refusal::new("too-long", "must have at most 200 characters")),
            FieldError::query("limit", Refusal::new("out-of-range", "must be from 1 to 100")),
        ]);
        assert_eq!(
            body_of(&problem),
            json!({
                "type": "urn:problem-type:groeilijn:invalid-input",
                "title": "Invalid input",
                "status": 400,
                "detail": ProblemKind::InvalidInput.describe(),
                "errors": [
                    { "in": "body", "pointer": "/firstName", "code": "too-long", "detail": "must have at most 200 characters" },
                    { "in": "query", "name": "limit", "code": "out-of-range", "detail": "must be from 1 to 100" },
                ],
            })
        );
    }

    #[test]
    fn the_log_detail_stays_inside() {
        let problem = Problem::internal("disk full");
        let reply = problem.error_response();
        assert_eq!(reply.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body_of(&problem).to_string().contains("disk"));
        assert!(body_of(&problem).get("errors").is_none());
    }

    #[test]
    fn headers_that_a_status_requires_are_there() {
        let unavailable = Problem::unavailable(3).error_response();
        assert_eq!(unavailable.headers().get("Retry-After").unwrap(), "3");
        let unauthenticated = Problem::of(ProblemKind::Unauthenticated).error_response();
        assert_eq!(unauthenticated.headers().get("WWW-Authenticate").unwrap(), "Bearer");
        assert_eq!(unauthenticated.headers().get("Content-Type").unwrap(), "application/problem+json");
    }
}

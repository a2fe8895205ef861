//! Reply headers, each described once among the components.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Components, KnownFormat, Ref, RefOr, Response};

use crate::http::described::whole_number;
use crate::http::headers::{API_VERSION_SPELLING, X_REQUEST_ID_SPELLING};

/// No header of a reply is longer.
const MOST_CHARACTERS: usize = 4096;

/// A reply header.
#[derive(Clone, Copy)]
pub(super) enum ReplyHeader {
    ApiVersion,
    RequestId,
    Etag,
    Link,
    Location,
    RateLimit,
    RateLimitPolicy,
    RetryAfter,
    WwwAuthenticate,
}

impl ReplyHeader {
    /// Adds the header to a reply, and to the components when it is not among them yet.
    pub(super) fn add_to(self, reply: &mut Response, components: &mut Components) {
        let (name, component) = self.names();
        components.headers.entry(component.to_owned()).or_insert_with(|| {
            let (schema, description) = self.describe();
            HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build().into()
        });
        let reference = Ref::new(format!("#/components/headers/{component}"));
        reply.headers.insert(name.to_owned(), RefOr::Ref(reference));
    }

    /// As HTTP and as the components call it.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::ApiVersion => (API_VERSION_SPELLING, "ApiVersion"),
            Self::RequestId => (X_REQUEST_ID_SPELLING, "RequestId"),
            Self::Etag => ("ETag", "ETag"),
            Self::Link => ("Link", "Link"),
            Self::Location => ("Location", "Location"),
            Self::RateLimit => ("RateLimit", "RateLimit"),
            Self::RateLimitPolicy => ("RateLimit-Policy", "RateLimitPolicy"),
            Self::RetryAfter => ("Retry-After", "RetryAfter"),
            Self::WwwAuthenticate => ("WWW-Authenticate", "WwwAuthenticate"),
        }
    }

    fn describe(self) -> (ObjectBuilder, &'static str) {
        let text = |example: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(MOST_CHARACTERS))
                .examples([example])
        };
        match self {
            Self::ApiVersion => {
                (text(env!("CARGO_PKG_VERSION")), "The full version of the API that answered.")
            }
            Self::RequestId => (
                text("01999999-0000-7000-8000-000000000001")
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
                "The id of this request: mention it when you report a problem.",
            ),
            Self::Etag => (
                text("\"r7\""),
                "The revision of the resource, for If-Match and If-None-Match; of a list what its page holds, for If-None-Match.",
            ),
            Self::Link => (
                text("</v1/pupils?limit=25&cursor=AQI>; rel=\"next\""),
                "The next page (RFC 8288); absent on the last one.",
            ),
            Self::Location => {
                (text("/v1/pupils/01999999-0000-7000-8000-000000000001"), "Where the resource is.")
            }
            Self::RateLimit => (
                text("\"account\";r=0;t=841"),
                "Of each limit: how many more failures are let through (r), and in how many seconds the oldest lapses (t).",
            ),
            Self::RateLimitPolicy => (
                text("\"account\";q=10;w=900"),
                "Of each limit: how many failures are let through (q) in how many seconds (w).",
            ),
            Self::RetryAfter => {
                (whole_number(1, 86_400).examples([5]), "After how many seconds to try again.")
            }
            Self::WwwAuthenticate => (text("Bearer"), "How to log in: with an access token."),
        }
    }
}

/// Adds the headers that every reply has.
pub(super) fn add_common(reply: &mut Response, components: &mut Components) {
    ReplyHeader::ApiVersion.add_to(reply, components);
    ReplyHeader::RequestId.add_to(reply, components);
}

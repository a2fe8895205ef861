//! The closed list of problem kinds. Clients act upon the kind, so a kind is never renamed or reused.

use actix_web::http::StatusCode;

/// Declares the kinds once: variant, slug, status, title, description.
macro_rules! problem_kinds {
    ($($variant:ident $slug:literal $status:ident $title:literal: $describe:literal;)*) => {
        /// A kind of problem: what `type`, `title` and `status` of a problem say (RFC 9457).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind {
            $(#[doc = $describe] $variant,)*
        }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: [Self; [$($slug),*].len()] = [$(Self::$variant),*];

            /// Stable name in kebab case: the last part of the problem's `type`.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The problem's `type`.
            pub fn urn(self) -> &'static str {
                match self { $(Self::$variant => concat!("urn:problem-type:groeilijn:", $slug),)* }
            }

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// The problem's `title`.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means, in one or two sentences for the client; the default `detail`.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$variant => $describe,)* }
            }
        }
    };
}

problem_kinds! {
    InvalidInput "invalid-input" BAD_REQUEST "Invalid input":
        "Parts of the request are not acceptable; `errors` names each of them.";
    MalformedJson "malformed-json" BAD_REQUEST "Malformed JSON":
        "The body cannot be read as JSON (RFC 8259).";
    Unauthenticated "unauthenticated" UNAUTHORIZED "Not logged in":
        "This needs a valid access token in the Authorization header.";
    SecondFactorRequired "second-factor-required" UNAUTHORIZED "Second factor required":
        "The password is right, but the account has a second factor: send a code of it as well.";
    Forbidden "forbidden" FORBIDDEN "Not allowed":
        "Your role does not include this.";
    NoActiveLicence "no-active-licence" FORBIDDEN "No active licence":
        "The institution has no active licence for this.";
    NotInLicence "not-in-licence" FORBIDDEN "Not in the licence":
        "This belongs to an optional service that the institution's licence does not include.";
    TermsNotAccepted "terms-not-accepted" FORBIDDEN "Licence terms not accepted":
        "The administrator of the institution has to accept the licence terms first.";
    PasswordChangeRequired "password-change-required" FORBIDDEN "Password change required":
        "The password has expired: nothing else can be done until another one is chosen.";
    SecondFactorSetupRequired "second-factor-setup-required" FORBIDDEN "Second factor setup required":
        "The account needs a second factor: nothing else can be done until it is set up.";
    EmailChangeRequired "email-change-required" FORBIDDEN "Another e-mail address required":
        "Your address is not your institution's any more: nothing else can be done until another one took its place.";
    NotFound "not-found" NOT_FOUND "Not found":
        "There is nothing here, or nothing that you may see.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "Method not allowed":
        "This resource does not have that method; the Allow header lists those it has.";
    NotAcceptable "not-acceptable" NOT_ACCEPTABLE "Not acceptable":
        "The reply has none of the media types that the Accept header asks for.";
    RequestTimeout "request-timeout" REQUEST_TIMEOUT "Request timeout":
        "The body did not arrive in time.";
    Conflict "conflict" CONFLICT "Conflict":
        "This contradicts the present state.";
    IdempotencyKeyReused "idempotency-key-reused" CONFLICT "Idempotency key reused":
        "The Idempotency-Key was used before, for another request.";
    PreconditionFailed "precondition-failed" PRECONDITION_FAILED "Precondition failed":
        "It was changed since you read it: read it again, and repeat your change with the new ETag.";
    PayloadTooLarge "payload-too-large" PAYLOAD_TOO_LARGE "Payload too large":
        "The body is larger than this service accepts.";
    AddressTooLong "address-too-long" URI_TOO_LONG "Address too long":
        "The path and the query have more than 8,192 bytes together.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type":
        "The Content-Type is missing or is not one that this operation reads.";
    FailedDependency "failed-dependency" FAILED_DEPENDENCY "Failed dependency":
        "The operation that this one comes after did not succeed, so this one was not tried.";
    PreconditionRequired "precondition-required" PRECONDITION_REQUIRED "Precondition required":
        "A change needs an If-Match header with the ETag of what you read.";
    HeadersTooLarge "headers-too-large" REQUEST_HEADER_FIELDS_TOO_LARGE "Headers too large":
        "The request has more than 64 headers, or more than 32,768 bytes of them.";
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS "Too many requests":
        "Too many requests; the Retry-After header says when to try again.";
    Internal "internal" INTERNAL_SERVER_ERROR "Internal error":
        "Something went wrong on our side. The X-Request-Id header finds it back in our log.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Temporarily unavailable":
        "The service cannot answer at the moment; the Retry-After header says when to try again.";
}

impl ProblemKind {
    /// The kind that tells most about a bare status: for replies that the web framework itself makes.
    pub fn for_status(status: StatusCode) -> Self {
        let exact = Self::ALL.into_iter().find(|kind| kind.status() == status);
        let general = if status.is_client_error() { Self::InvalidInput } else { Self::Internal };
        exact.unwrap_or(general)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn slugs_are_unique_and_kebab_case() {
        let slugs: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        assert!(slugs.iter().all(|slug| slug.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    #[test]
    fn a_bare_status_becomes_the_nearest_kind() {
        assert_eq!(ProblemKind::for_status(StatusCode::NOT_FOUND), ProblemKind::NotFound);
        assert_eq!(ProblemKind::for_status(StatusCode::BAD_REQUEST), ProblemKind::InvalidInput);
        assert_eq!(ProblemKind::for_status(StatusCode::IM_A_TEAPOT), ProblemKind::InvalidInput);
        assert_eq!(ProblemKind::for_status(StatusCode::BAD_GATEWAY), ProblemKind::Internal);
    }
}

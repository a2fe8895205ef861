//! The replies that tell of a problem: one component for each status.

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{Components, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::headers::{ReplyHeader, add_common};
use crate::http::endpoint::Operation;
use crate::http::problem::ProblemBody;
use crate::http::problem_kind::ProblemKind;

/// The kinds of problem that an operation can reply with, by what it needs and reads.
fn kinds(operation: &Operation) -> Vec<ProblemKind> {
    use ProblemKind::*;
    let reads = operation.reads;
    let changes = !operation.method.is_safe();
    [
        // A parameter that an operation does not have is refused, whatever it reads.
        (true, &[InvalidInput] as &[_]),
        (reads.body, &[MalformedJson, RequestTimeout, PayloadTooLarge, UnsupportedMediaType]),
        (
            operation.needs.permission.is_some(),
            &[
                Unauthenticated,
                Forbidden,
                NoActiveLicence,
                NotInLicence,
                TermsNotAccepted,
                PasswordChangeRequired,
                SecondFactorSetupRequired,
                EmailChangeRequired,
            ],
        ),
        (reads.path, &[NotFound]),
        (changes, &[Conflict]),
        // What a repeated request made may be gone, or out of reach.
        (reads.idempotency_key, &[IdempotencyKeyReused, NotFound]),
        (reads.if_match, &[PreconditionFailed, PreconditionRequired]),
        (true, &[NotAcceptable, AddressTooLong, HeadersTooLarge, Internal, Unavailable]),
    ]
    .into_iter()
    .filter_map(|(applies, kinds)| applies.then_some(kinds))
    .flatten()
    .copied()
    .collect()
}

/// The problem replies of an operation, by status, as references to components that are added when missing:
/// those that follow from the operation, and those that are declared with it.
pub(super) fn replies(operation: &Operation, components: &mut Components) -> Vec<(String, RefOr<Response>)> {
    let declared = operation.documentation.problems.iter().copied();
    let mut statuses: Vec<_> =
        kinds(operation).into_iter().chain(declared).map(ProblemKind::status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
        .into_iter()
        .map(|status| {
            let name: String = status.canonical_reason().unwrap_or_default().split(' ').collect();
            if !components.responses.contains_key(&name) {
                let of_status: Vec<_> =
                    ProblemKind::ALL.into_iter().filter(|kind| kind.status() == status).collect();
                let reply = reply(&of_status, components);
                components.responses.insert(name.clone(), reply.into());
            }
            (status.as_str().to_owned(), Ref::from_response_name(name).into())
        })
        .collect()
}

/// The reply that tells of one of these kinds of problem, which have one status.
fn reply(kinds: &[ProblemKind], components: &mut Components) -> Response {
    add_schema(components);
    let examples = kinds.iter().map(|kind| {
        (
            kind.slug(),
            RefOr::T(ExampleBuilder::new().summary(kind.title()).value(Some(example(*kind))).build()),
        )
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let description = kinds.iter().map(|kind| kind.describe()).collect::<Vec<_>>().join(" Or: ");
    let mut reply =
        ResponseBuilder::new().description(description).content("application/problem+json", content).build();
    add_common(&mut reply, components);
    if kinds.contains(&ProblemKind::Unauthenticated) {
        ReplyHeader::WwwAuthenticate.add_to(&mut reply, components);
    }
    if kinds.contains(&ProblemKind::PreconditionFailed) {
        ReplyHeader::Etag.add_to(&mut reply, components);
    }
    if kinds.contains(&ProblemKind::TooManyRequests) {
        ReplyHeader::RateLimit.add_to(&mut reply, components);
        ReplyHeader::RateLimitPolicy.add_to(&mut reply, components);
    }
    if kinds.contains(&ProblemKind::Unavailable) || kinds.contains(&ProblemKind::TooManyRequests) {
        ReplyHeader::RetryAfter.add_to(&mut reply, components);
    }
    reply
}

/// What a problem of a kind looks like. A kind that tells what is wrong by a code, or field by field, shows one.
fn example(kind: ProblemKind) -> Value {
    let members = [
        ("type", json!(kind.urn())),
        ("title", json!(kind.title())),
        ("status", json!(kind.status().as_u16())),
        ("detail", json!(kind.describe())),
    ];
    let particular = match kind {
        ProblemKind::InvalidInput => Some(("errors", wrong_fields())),
        ProblemKind::Conflict => Some(("code", json!("eck-id-in-use"))),
        _ => None,
    };
    members.into_iter().chain(particular).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn wrong_fields() -> Value {
    json!([
        { "in": "body", "pointer": "/firstName", "code": "too-long", "detail": "must have at most 200 characters" },
        { "in": "query", "name": "limit", "code": "out-of-range", "detail": "must be a whole number from 1 to 100" },
    ])
}

fn add_schema(components: &mut Components) {
    let mut schemas = vec![("Problem".to_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

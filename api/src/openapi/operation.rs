//! Completes one operation of the document.

use groeilijn_domain::access::Part;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation as Documented;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, RefOr, ResponseBuilder};

use super::headers::{ReplyHeader, add_common};
use super::{ACCESS_TOKEN, parameters, problems};
use crate::http::endpoint::Operation;

/// Completes an operation from its endpoint.
pub(super) fn complete(
    documented: &mut Documented,
    operation: &Operation,
    components: &mut Components,
    errors: &mut Vec<String>,
) {
    let mut demand = |right: bool, what: &str| {
        if !right {
            errors.push(format!("{}: {what}", operation.name));
        }
    };
    demand(
        documented.operation_id.as_deref() == Some(operation.name),
        "is documented under another operationId",
    );
    demand(documented.summary.as_ref().is_some_and(|summary| !summary.is_empty()), "has no summary");
    demand(
        documented.request_body.is_some() == operation.reads.body,
        "reads a body or documents one, not both",
    );
    let tags = documented.tags.as_deref().unwrap_or_default();
    let known = |tag: &String| Part::from_code(tag).is_some();
    demand(!tags.is_empty() && tags.iter().all(known), "has a tag that is no part of the system, or none");
    demand(
        documented.responses.responses.keys().any(|status| status.starts_with('2')),
        "documents no success",
    );

    declare_needs(documented, operation);
    parameters::add(documented, operation, errors);
    if operation.reads.if_none_match {
        let unchanged = ResponseBuilder::new().description("You have this revision already.").build();
        documented.responses.responses.insert("304".to_owned(), unchanged.into());
    }
    add_headers(documented, operation, components);
    let problems = problems::replies(operation, documented, components);
    documented.responses.responses.extend(problems);
}

fn declare_needs(documented: &mut Documented, operation: &Operation) {
    let (permission, security) = match operation.needs.permission {
        None => ("none".to_owned(), Vec::new()),
        Some((part, action)) => (
            format!("{}:{}", part.code(), action.code()),
            vec![SecurityRequirement::new(ACCESS_TOKEN, Vec::<String>::new())],
        ),
    };
    documented.security = Some(security);
    let extensions = ExtensionsBuilder::new()
        .add("x-permission", permission)
        .add("x-processing-activity", operation.needs.activity.code())
        .build();
    documented.extensions.get_or_insert_default().merge(extensions);
}

/// Adds the headers of replies that are no problem. A resource that is read or changed conditionally has an
/// ETag, and so has a new one; a list that takes a cursor has a Link.
fn add_headers(documented: &mut Documented, operation: &Operation, components: &mut Components) {
    let is_list = parameters::has_query(documented, "cursor");
    let has_revision = operation.reads.if_match || operation.reads.if_none_match;
    for (status, reply) in &mut documented.responses.responses {
        let RefOr::T(reply) = reply else { continue };
        add_common(reply, components);
        let headers = [
            (ReplyHeader::Location, matches!(status.as_str(), "201" | "202")),
            (ReplyHeader::Etag, status == "201" || status == "304" || (has_revision && status == "200")),
            (ReplyHeader::Link, is_list),
        ];
        for (header, applies) in headers {
            if applies {
                header.add_to(reply, components);
            }
        }
    }
}

//! One operation of the document.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation as Documented, OperationBuilder};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, RefOr, Response, ResponseBuilder};

use super::headers::{ReplyHeader, add_common};
use super::{parameters, problems};
use crate::http::described::NamedSchemas;
use crate::http::endpoint::Operation;
use crate::http::file_reply::file;

/// The name of the security scheme: the access token.
pub(super) const ACCESS_TOKEN: &str = "accessToken";

/// Describes an operation. Adds what it refers to, and what is wrong with it.
pub(super) fn describe(
    operation: &Operation,
    tag: &str,
    schemas: &mut NamedSchemas,
    components: &mut Components,
    errors: &mut Vec<String>,
) -> Documented {
    let summary = operation.documentation.summary();
    if summary.is_empty() {
        errors.push(format!("{}: has no summary", operation.name));
    }
    let body = (operation.body)(schemas);
    if body.is_some() != operation.reads.body {
        errors.push(format!("{}: reads a body or describes one, not both", operation.name));
    }
    let (status, success) = success(operation, schemas);
    let mut documented = OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(operation.name))
        .summary(Some(summary))
        .description(operation.documentation.description())
        .request_body(body)
        .response(status, success)
        .build();
    declare_needs(&mut documented, operation);
    parameters::add(&mut documented, operation, errors);
    if operation.reads.if_none_match {
        let unchanged = ResponseBuilder::new().description("You have this revision already.").build();
        documented.responses.responses.insert("304".to_owned(), unchanged.into());
    }
    add_headers(&mut documented, operation, components);
    documented.responses.responses.extend(problems::replies(operation, components));
    documented
}

/// The reply when the operation succeeds, with its status.
fn success(operation: &Operation, schemas: &mut NamedSchemas) -> (String, Response) {
    let shape = (operation.success)(schemas);
    let mut reply = ResponseBuilder::new().description(operation.documentation.success);
    if let Some((media_type, schema)) = shape.body {
        reply = reply.content(media_type, ContentBuilder::new().schema(Some(schema)).build());
        for other in operation.produces.iter().filter(|other| **other != media_type) {
            reply = reply.content(*other, ContentBuilder::new().schema(Some(file())).build());
        }
    }
    (shape.status.as_str().to_owned(), reply.build())
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

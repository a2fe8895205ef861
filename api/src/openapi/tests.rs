//! The document around two small operations.

use actix_web::HttpResponse;
use groeilijn_domain::values::ids::PupilId;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::document;
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::cursor::{Cursor, Page};
use crate::http::endpoint::{Endpoint, get, patch, post};
use crate::http::etag::IfMatch;
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::query::Limit;
use crate::http::reply;
use crate::{query_params, reply_body, request_body};

type Anyone = Open<AdministerPupils>;

request_body! {
    /// What changes.
    struct HatPatch {
        /// How large.
        size: Change<u8>,
    }
}

request_body! {
    /// A new hat.
    struct NewHat {
        /// How large.
        size: u8,
    }
}

reply_body! {
    /// A hat.
    struct Hat {
        /// How large.
        size: u8,
    }
}

query_params! {
    struct ListHats {
        /// How many hats one page has.
        limit: Limit,
        /// Where the page starts.
        cursor: Option<Cursor>,
    }
}

/// List hats
#[utoipa::path(get, path = "/hats", tag = "pupils", operation_id = "listHats",
    responses((status = 200, description = "Hats.", body = inline(Page<Hat>))))]
async fn list_hats(_: Anyone, query: ListHats) -> Result<HttpResponse, Problem> {
    assert!(query.cursor.is_none() && query.limit.get() > 0);
    reply::view(&Page { items: vec![Hat { size: 1 }] })
}

/// Buy a hat
#[utoipa::path(post, path = "/hats", tag = "pupils", operation_id = "createHat", request_body = NewHat,
    responses((status = 201, description = "Bought.", body = Hat)))]
async fn create_hat(_: Anyone, _: IdempotencyKey, body: JsonBody<NewHat>) -> Result<HttpResponse, Problem> {
    reply::created("/v1/hats/1", &Hat { size: body.0.size }, 1)
}

/// Change a hat
#[utoipa::path(patch, path = "/hats/{pupilId}", tag = "pupils", operation_id = "changeHat",
    request_body(content = HatPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Changed.", body = Hat)))]
async fn change_hat(
    _: Anyone,
    PathId(_): PathId<PupilId>,
    _: IfMatch,
    MergePatch(change): MergePatch<HatPatch>,
) -> Result<HttpResponse, Problem> {
    let mut hat = Hat { size: 1 };
    change.size.apply(&mut hat.size);
    reply::ok(&hat, 2)
}

#[derive(OpenApi)]
#[openapi(paths(list_hats, create_hat, change_hat))]
struct Derived;

fn endpoints() -> Vec<Endpoint> {
    vec![
        get("listHats", "/hats", list_hats),
        post("createHat", "/hats", create_hat),
        patch("changeHat", "/hats/{pupilId}", change_hat),
    ]
}

fn completed(endpoints: &[Endpoint]) -> Result<Value, Vec<String>> {
    let operations: Vec<_> = endpoints.iter().map(|endpoint| &endpoint.operation).collect();
    document(Derived::openapi(), &operations).map(|document| serde_json::to_value(document).unwrap())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn names(operation: &Value) -> Vec<&str> {
    operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect()
}

#[test]
fn operations_promise_what_they_do() {
    let document = completed(&endpoints()).unwrap();
    let list = &document["paths"]["/hats"]["get"];
    assert_eq!(names(list), ["limit", "cursor"]);
    assert_eq!(keys(&list["responses"]), ["200", "400", "406", "500", "503"]);
    assert_eq!(keys(&list["responses"]["200"]["headers"]), ["API-Version", "Link", "X-Request-Id"]);
    assert_eq!((&list["x-permission"], &list["security"]), (&json!("none"), &json!([])));
    assert_eq!(list["x-processing-activity"], "administer-pupils");

    let create = &document["paths"]["/hats"]["post"];
    assert_eq!(names(create), ["Idempotency-Key"]);
    assert_eq!(keys(&create["responses"]), ["201", "400", "406", "408", "409", "413", "415", "500", "503"]);
    assert_eq!(
        keys(&create["responses"]["201"]["headers"]),
        ["API-Version", "ETag", "Location", "X-Request-Id"]
    );

    let change = &document["paths"]["/hats/{pupilId}"]["patch"];
    assert_eq!(names(change), ["pupilId", "If-Match"]);
    let statuses = ["200", "400", "404", "406", "408", "409", "412", "413", "415", "428", "500", "503"];
    assert_eq!(keys(&change["responses"]), statuses);
    assert_eq!(change["responses"]["404"]["$ref"], "#/components/responses/NotFound");
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = completed(&endpoints()).unwrap();
    let text = document.to_string();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(kind == "securitySchemes" || text.contains(&reference), "{reference} is not used");
        }
    }
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference} is not there");
    }
    assert_eq!(document["components"]["schemas"]["Problem"]["properties"]["status"]["type"], "integer");
}

#[test]
fn the_document_and_the_service_have_to_agree() {
    let mut fewer = endpoints();
    fewer.pop();
    assert_eq!(completed(&fewer).unwrap_err(), ["PATCH /hats/{pupilId} is documented but not served"]);
    let mut more = endpoints();
    more.push(get("listHats", "/caps", list_hats));
    let expected = ["GET /caps is served but not documented", "two operations are called listHats"];
    assert_eq!(completed(&more).unwrap_err(), expected);
}

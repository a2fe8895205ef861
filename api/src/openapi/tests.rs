//! The document around two small operations.

use groeilijn_domain::values::ids::PupilId;
use serde_json::{Value, json};

use super::document;
use crate::http::area::Area;
use crate::http::body::{JsonBody, MergePatch};
use crate::http::change::Change;
use crate::http::endpoint::Endpoint;
use crate::http::etag::IfMatch;
use crate::http::guard::Open;
use crate::http::guard::activity::AdministerPupils;
use crate::http::idempotency::IdempotencyKey;
use crate::http::page::Page;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, Listed, Shown};
use crate::{operations, query_params, reply_body, request_body, revised};

type Anyone = Open<AdministerPupils>;

request_body! {
    /// What changes.
    struct HatPatch {
        /// How large.
        size: Change<u8>,
    }
}

request_body! {
    /// A hat to be bought.
    struct HatCreation {
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
        page: Page<PupilId>,
    }
}

/// A hat as it is stored, with its revision.
struct StoredHat(PupilId, u8, i32);

revised! { StoredHat: 2; }

impl From<StoredHat> for Hat {
    fn from(stored: StoredHat) -> Self {
        Self { size: stored.1 }
    }
}

async fn list_hats(_: Anyone, query: ListHats) -> Result<Listed<Hat>, Problem> {
    query.page.reply(Vec::new(), |hat: &StoredHat| hat.0, Hat::from)
}

async fn create_hat(
    _: Anyone,
    _: IdempotencyKey,
    body: JsonBody<HatCreation>,
) -> Result<Created<Hat>, Problem> {
    reply::created("/v1/hats/1", &Hat { size: body.0.size }, 1)
}

async fn change_hat(
    _: Anyone,
    PathId(id): PathId<PupilId>,
    _: IfMatch,
    MergePatch(change): MergePatch<HatPatch>,
) -> Result<Shown<Hat>, Problem> {
    let mut hat = StoredHat(id, 1, 2);
    change.size.apply(&mut hat.1);
    reply::stored(hat)
}

operations! {
    /// The operations on hats.
    fn endpoints;

    /// List hats
    ///
    /// All of them,
    /// the oldest first.
    ///
    /// Caps are no hats.
    GET "/hats" => list_hats: "A page of hats.";

    /// Buy a hat
    POST "/hats" => create_hat: "Bought."
        .refusing(&[ProblemKind::TooManyRequests]);

    /// Change a hat
    PATCH "/hats/{pupilId}" => change_hat: "Changed.";
}

fn documented(endpoints: Vec<Endpoint>) -> Result<Value, Vec<String>> {
    let area = Area { name: "wardrobe", description: "What is worn.", endpoints };
    document(&[area]).map(|document| serde_json::to_value(document).unwrap())
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
    let document = documented(endpoints()).unwrap();
    let list = &document["paths"]["/hats"]["get"];
    assert_eq!((&list["operationId"], &list["tags"]), (&json!("listHats"), &json!(["wardrobe"])));
    assert_eq!(list["summary"], "List hats");
    assert_eq!(list["description"], "All of them,\nthe oldest first.\n\nCaps are no hats.");
    assert_eq!(names(list), ["limit", "cursor", "If-None-Match"]);
    assert_eq!(keys(&list["responses"]), ["200", "304", "400", "406", "414", "431", "500", "503"]);
    assert_eq!(keys(&list["responses"]["200"]["headers"]), ["API-Version", "ETag", "Link", "X-Request-Id"]);
    assert_eq!(
        list["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/HatPage"
    );
    assert_eq!((&list["x-permission"], &list["security"]), (&json!("none"), &json!([])));
    assert_eq!(list["x-processing-activity"], "administer-pupils");

    let create = &document["paths"]["/hats"]["post"];
    assert_eq!(names(create), ["Idempotency-Key"]);
    assert_eq!(
        keys(&create["responses"]),
        ["201", "400", "404", "406", "408", "409", "413", "414", "415", "429", "431", "500", "503"]
    );
    assert_eq!(
        keys(&create["responses"]["201"]["headers"]),
        ["API-Version", "ETag", "Location", "X-Request-Id"]
    );

    let change = &document["paths"]["/hats/{pupilId}"]["patch"];
    assert_eq!(names(change), ["pupilId", "If-Match", "clear"]);
    assert_eq!(keys(&change["requestBody"]["content"]), ["application/json", "application/merge-patch+json"]);
    let statuses =
        ["200", "400", "404", "406", "408", "409", "412", "413", "414", "415", "428", "431", "500", "503"];
    assert_eq!(keys(&change["responses"]), statuses);
    assert_eq!(change["responses"]["404"]["$ref"], "#/components/responses/NotFound");
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = documented(endpoints()).unwrap();
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
fn what_is_sent_is_closed_and_what_is_given_may_grow() {
    let schemas = &documented(endpoints()).unwrap()["components"]["schemas"];
    for (name, closed) in [("HatCreation", true), ("HatPatch", true), ("Hat", false), ("HatPage", false)] {
        assert_eq!(schemas[name]["additionalProperties"] == json!(false), closed, "{name}");
    }
}

#[test]
fn an_operation_is_declared_once() {
    operations! {
        /// The operations on caps.
        fn caps;

        /// List caps
        GET "/caps" => list_hats: "A page of caps.";

        /// Change a cap
        PATCH "/hats/{pupilId}" => change_hat: "Changed.";
    }
    let mut twice = endpoints();
    twice.extend(caps());
    let expected = [
        "PATCH /hats/{pupilId} is declared twice",
        "two operations are called listHats",
        "two operations are called changeHat",
    ];
    assert_eq!(documented(twice).unwrap_err(), expected);
}

#[test]
fn what_stands_in_a_path_is_read_and_nothing_else() {
    operations! {
        /// Operations that do not agree with their paths.
        fn unread;

        /// List the hats of somebody
        GET "/pupils/{pupilId}/hats" => list_hats: "A page of hats.";

        /// Change a hat
        PATCH "/hats/{hatId}" => change_hat: "Changed.";
    }
    let expected = [
        "listHats: nothing reads the path parameter pupilId",
        "changeHat: nothing reads the path parameter hatId",
        "changeHat: the path has no parameter pupilId",
    ];
    assert_eq!(documented(unread()).unwrap_err(), expected);
}

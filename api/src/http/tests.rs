//! The HTTP base as a whole, around two small operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use groeilijn_domain::values::ids::PupilId;
use groeilijn_persistence::environment::{Clock, Environment, Random};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cors;
use super::endpoint;
use super::etag::IfNoneMatch;
use super::guard::activity::OperateService;
use super::guard::{Guard, Needs, Open};
use super::idempotency::IdempotencyKey;
use super::limits::Limits;
use super::metrics::Metrics;
use super::middleware::Stack;
use super::path::PathId;
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use super::reply::{self, Created, NoContent, Shown};
use super::strangers::Strangers;
use crate::{operations, reply_body, request_body, revised};

const ID: &str = "01999999-0000-7000-8000-000000000001";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }
}

struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

request_body! {
    struct Colour {
        name: String,
    }
}

type Anyone = Open<OperateService>;

/// A colour as it is stored, with its revision.
struct Stored(PupilId, i32);

revised! { Stored: 1; }

reply_body! {
    struct Shade {
        id: PupilId,
    }
}

reply_body! {
    struct Named {
        name: String,
    }
}

impl From<Stored> for Shade {
    fn from(stored: Stored) -> Self {
        Self { id: stored.0 }
    }
}

async fn read_colour(
    _: Anyone,
    PathId(id): PathId<PupilId>,
    known: IfNoneMatch,
) -> Result<Shown<Shade>, Problem> {
    reply::stored_if_changed(&known, Stored(id, 7))
}

async fn create_colour(
    _: Anyone,
    _: IdempotencyKey,
    JsonBody(colour, _): JsonBody<Colour>,
) -> Result<Created<Named>, Problem> {
    assert_ne!(colour.name, "ultraviolet", "a mistake in the handler");
    reply::created("/v1/colours/1", &Named { name: colour.name }, 1)
}

/// Turns everyone away.
struct Nobody;

impl Guard for Nobody {
    fn needs() -> Needs {
        Anyone::needs()
    }

    async fn establish(_: &actix_web::HttpRequest) -> Result<Self, Problem> {
        Err(Problem::of(ProblemKind::Unauthenticated))
    }
}

async fn create_secret(_: Nobody, _: JsonBody<Colour>) -> Result<NoContent, Problem> {
    Ok(NoContent)
}

async fn wait_forever(_: Anyone) -> Result<NoContent, Problem> {
    std::future::pending().await
}

operations! {
    /// The operations of this test.
    fn endpoints;

    /// Read a colour
    GET "/colours/{pupilId}" => read_colour: "The colour.";

    /// Enter a colour
    POST "/colours" => create_colour: "The colour.";

    /// Enter a secret
    POST "/secrets" => create_secret: "It was entered.";

    /// Wait for ever
    GET "/forever" => wait_forever: "Never."
        .within(std::time::Duration::from_millis(1));
}

/// A reply without its server.
struct Got {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: Value,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn send(request: TestRequest) -> Got {
    let environment = Environment::new(Arc::new(Noon), Arc::new(Counting(AtomicU8::new(0))));
    let scope = web::scope("/v1")
        .wrap(cors::allow_list(&["https://app.school.example".to_owned()]))
        .configure(endpoint::configure(endpoints()));
    let app = init_service(
        App::new()
            .app_data(web::Data::new(Limits { body_bytes: 100, ..Limits::default() }))
            .app_data(web::Data::new(Strangers::new(Vec::new())))
            .service(scope)
            .default_service(web::to(endpoint::unknown_path))
            .wrap(Stack::new(environment, Metrics::new().unwrap())),
    )
    .await;
    let reply = call_service(&app, request.to_request()).await;
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    let body = serde_json::from_slice(&read_body(reply).await).unwrap_or(Value::Null);
    let got = Got { status, headers, body };
    assert_eq!(got.header("API-Version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(got.header("Cache-Control"), "no-store");
    assert_eq!(got.header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(got.header("X-Content-Type-Options"), "nosniff");
    assert_eq!(got.header("X-Frame-Options"), "DENY");
    assert!(got.header("Strict-Transport-Security").starts_with("max-age=31536000"));
    assert!(uuid::Uuid::parse_str(got.header("X-Request-Id")).is_ok());
    if got.status >= 400 {
        assert_eq!(got.header("Content-Type"), "application/problem+json");
        assert_eq!(got.body["status"], got.status);
    }
    got
}

fn colour(body: &str) -> TestRequest {
    TestRequest::post()
        .uri("/v1/colours")
        .insert_header(("Content-Type", "application/json"))
        .set_payload(body.to_owned())
}

#[actix_web::test]
async fn get_serves_head_and_knows_revisions() {
    let uri = format!("/v1/colours/{ID}");
    let read = send(TestRequest::get().uri(&uri)).await;
    assert_eq!((read.status, read.header("ETag")), (200, "\"r7\""));
    assert_eq!(send(TestRequest::default().method(Method::HEAD).uri(&uri)).await.status, 200);
    let unchanged = send(TestRequest::get().uri(&uri).insert_header(("If-None-Match", "\"r7\""))).await;
    assert_eq!(unchanged.status, 304);
}

#[actix_web::test]
async fn what_is_not_there_is_a_problem() {
    for path in ["/v1/unknown", "/v1/colours/", "/nowhere", "/", "/v1"] {
        assert_eq!(
            send(TestRequest::get().uri(path)).await.body["type"],
            "urn:problem-type:groeilijn:not-found",
            "{path}"
        );
    }
    let wrong_method = send(TestRequest::delete().uri(&format!("/v1/colours/{ID}"))).await;
    assert_eq!((wrong_method.status, wrong_method.header("Allow")), (405, "GET, HEAD"));
    assert_eq!(send(TestRequest::get().uri("/v1/colours")).await.header("Allow"), "POST");
    let wrong_id = send(TestRequest::get().uri("/v1/colours/7")).await;
    assert_eq!(
        wrong_id.body["errors"][0],
        json!({"in": "path", "name": "pupilId", "code": "not-a-uuid", "detail": "must be a UUID"})
    );
}

#[actix_web::test]
async fn media_types_are_negotiated() {
    let request = TestRequest::get().uri(&format!("/v1/colours/{ID}")).insert_header(("Accept", "text/html"));
    assert_eq!(send(request).await.status, 406);
    let untyped = TestRequest::post().uri("/v1/colours").set_payload("{}");
    assert_eq!(send(untyped).await.status, 415);
    assert_eq!(send(colour("{}").insert_header(("Content-Encoding", "gzip"))).await.status, 415);
    assert_eq!(
        send(colour("{}").insert_header(("Content-Type", "application/json; charset=utf-8"))).await.status,
        400
    );
}

#[actix_web::test]
async fn bodies_are_bounded_and_read() {
    let created = send(colour(r#"{"name": "red"}"#)).await;
    assert_eq!(
        (created.status, created.header("Location"), created.header("ETag")),
        (201, "/v1/colours/1", "\"r1\"")
    );
    assert_eq!(send(colour(&" ".repeat(101))).await.status, 413);
    assert_eq!(send(colour("{")).await.body["type"], "urn:problem-type:groeilijn:malformed-json");
    assert_eq!(send(colour("{}")).await.body["errors"][0]["pointer"], "/name");
}

#[actix_web::test]
async fn the_guard_comes_before_the_body() {
    let refused = send(TestRequest::post().uri("/v1/secrets").set_payload("not json")).await;
    assert_eq!((refused.status, refused.header("WWW-Authenticate")), (401, "Bearer"));
}

#[actix_web::test]
async fn a_panic_and_a_hang_are_answered() {
    assert_eq!(send(colour(r#"{"name": "ultraviolet"}"#)).await.status, 500);
    let hung = send(TestRequest::get().uri("/v1/forever")).await;
    assert_eq!((hung.status, hung.header("Retry-After")), (503, "1"));
}

#[actix_web::test]
async fn only_listed_origins_may_read() {
    let from =
        |origin| TestRequest::get().uri(&format!("/v1/colours/{ID}")).insert_header(("Origin", origin));
    let listed = send(from("https://app.school.example")).await;
    assert_eq!(listed.header("Access-Control-Allow-Origin"), "https://app.school.example");
    assert_eq!(send(from("https://evil.example")).await.header("Access-Control-Allow-Origin"), "");
    let preflight = |origin| {
        let request = TestRequest::default().method(Method::OPTIONS).uri("/v1/colours");
        request.insert_header(("Origin", origin)).insert_header(("Access-Control-Request-Method", "POST"))
    };
    assert_eq!(send(preflight("https://app.school.example")).await.status, 200);
    assert_eq!(send(preflight("https://evil.example")).await.status, 400);
}

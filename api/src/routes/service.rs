//! What the service tells about itself: whether it is up and ready, its measurements and its OpenAPI document. None of it
//! needs a login, none of it holds personal data (C086).

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use serde_json::json;

use crate::http::cors;
use crate::http::endpoint::{configure, resources};
use crate::http::etag::IfNoneMatch;
use crate::http::guard::Open;
use crate::http::guard::activity::OperateService;
use crate::http::kept_body::KeptBody;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::reply::{self, Undocumented};
use crate::operations;
use crate::routes::docs;

/// What the operations here tell, shared as `web::Data<ServiceFacts>`.
pub struct ServiceFacts {
    /// The measurements of this process.
    pub metrics: Metrics,
    /// The OpenAPI document as JSON.
    pub openapi_json: KeptBody,
    /// How much work waits for the database.
    pub queue_depth: Box<dyn Fn() -> usize + Send + Sync>,
    /// How often a list went past a damaged row.
    pub damaged_rows: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Answers whether the databases can be read and written.
    pub ready: Box<dyn Fn() -> LocalBoxFuture<'static, bool> + Send + Sync>,
}

type Anyone = Open<OperateService>;
type Facts = web::Data<ServiceFacts>;

/// Serves the operations of the service itself. They stand outside `/v1` and outside the OpenAPI document; the
/// document itself is in `/v1`, for any origin to read, so this goes before the scope `/v1`.
pub fn service(config: &mut ServiceConfig) {
    for resource in resources(document_endpoints()) {
        config.service(resource.wrap(cors::any_origin()));
    }
    config.configure(configure(endpoints())).configure(configure(docs::endpoints()));
}

operations! {
    /// The OpenAPI document.
    fn document_endpoints;

    /// Read the OpenAPI document
    GET "/v1/openapi.json" => read_open_api: "The document.";
}

operations! {
    /// The other operations of the service itself.
    fn endpoints;

    /// Ask whether the process is up
    GET "/healthz" => read_health: "It is.";

    /// Ask whether the process can serve requests: whether its databases can be read and written
    GET "/readyz" => read_readiness: "It can.";

    /// Read the measurements of the process
    GET "/metrics" => read_metrics: "The measurements."
        .producing(&["text/plain", "application/openmetrics-text"]);
}

async fn read_health(_: Anyone) -> Result<Undocumented, Problem> {
    reply::undocumented(&json!({ "status": "up" }))
}

async fn read_readiness(_: Anyone, facts: Facts) -> Result<Undocumented, Problem> {
    if (facts.ready)().await {
        reply::undocumented(&json!({ "status": "ready" }))
    } else {
        Err(Problem::unavailable(5))
    }
}

async fn read_metrics(_: Anyone, facts: Facts) -> Result<Undocumented, Problem> {
    facts.metrics.database_queue.set(i64::try_from((facts.queue_depth)()).unwrap_or(i64::MAX));
    facts.metrics.damaged_rows.set(i64::try_from((facts.damaged_rows)()).unwrap_or(i64::MAX));
    let text = facts.metrics.render().map_err(Problem::internal)?;
    Ok(Undocumented(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)))
}

async fn read_open_api(
    _: Anyone,
    request: HttpRequest,
    facts: Facts,
    known: IfNoneMatch,
) -> Result<Undocumented, Problem> {
    let mut reply = HttpResponse::Ok();
    reply.content_type("application/json");
    reply.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    Ok(Undocumented(facts.openapi_json.reply(&request, &known, reply)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::App;
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service};

    #[actix_web::test]
    async fn the_service_tells_about_itself_to_anyone() {
        let facts = ServiceFacts {
            queue_depth: Box::new(|| 0),
            damaged_rows: Box::new(|| 0),
            metrics: Metrics::new().unwrap(),
            openapi_json: KeptBody::new("{}"),
            ready: Box::new(|| Box::pin(async { false })),
        };
        let app = init_service(App::new().app_data(web::Data::new(facts)).configure(service)).await;
        for (path, status) in [
            ("/healthz", StatusCode::OK),
            ("/readyz", StatusCode::SERVICE_UNAVAILABLE),
            ("/metrics", StatusCode::OK),
            ("/v1/openapi.json", StatusCode::OK),
            ("/docs", StatusCode::PERMANENT_REDIRECT),
            ("/docs/", StatusCode::OK),
            ("/docs/try", StatusCode::OK),
            ("/docs/changelog", StatusCode::OK),
            ("/docs/index.html", StatusCode::NOT_FOUND),
        ] {
            let request = TestRequest::get().uri(path).insert_header(("Origin", "https://any.example"));
            let reply = call_service(&app, request.to_request()).await;
            assert_eq!(reply.status(), status, "{path}");
            let readable = reply.headers().contains_key("Access-Control-Allow-Origin");
            assert_eq!(readable, path == "/v1/openapi.json", "{path}");
        }
    }
}

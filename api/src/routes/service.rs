//! What the service tells about itself: whether it is up and ready, its measurements, its OpenAPI document and
//! a page to read that with. None of it needs a login, none of it holds personal data (C086).

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use serde_json::json;

use crate::http::cors;
use crate::http::endpoint::{configure, resources};
use crate::http::guard::Open;
use crate::http::guard::activity::OperateService;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::reply::{self, Undocumented};
use crate::operations;

/// What the operations here tell, shared as `web::Data<ServiceFacts>`.
pub struct ServiceFacts {
    /// The measurements of this process.
    pub metrics: Metrics,
    /// The OpenAPI document as JSON.
    pub openapi_json: Bytes,
    /// How much work waits for the database.
    pub queue_depth: Box<dyn Fn() -> usize + Send + Sync>,
    /// How often a list went past a damaged row.
    pub damaged_rows: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Answers whether the databases can be read and written.
    pub ready: Box<dyn Fn() -> LocalBoxFuture<'static, bool> + Send + Sync>,
}

type Anyone = Open<OperateService>;
type Facts = web::Data<ServiceFacts>;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the documentation page may load: its own files. The page's styles are set by its script.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The files of Swagger UI that the documentation page uses.
const SWAGGER_FILES: [&str; 3] = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

/// Serves the operations of the service itself. They stand outside `/v1` and outside the OpenAPI document; the
/// document itself is in `/v1`, for any origin to read, so this goes before the scope `/v1`.
pub fn service(config: &mut ServiceConfig) {
    for resource in resources(document_endpoints()) {
        config.service(resource.wrap(cors::any_origin()));
    }
    config.configure(configure(endpoints()));
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

    /// Read the documentation page
    GET "/docs/" => read_docs: "The page."
        .producing(&["text/html"]);

    /// Read a file of the documentation page
    GET "/docs/{file}" => read_docs_file: "The file."
        .producing(&["text/javascript", "text/css", "image/png"]);
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

async fn read_open_api(_: Anyone, facts: Facts) -> Result<Undocumented, Problem> {
    Ok(Undocumented(HttpResponse::Ok().content_type("application/json").body(facts.openapi_json.clone())))
}

async fn read_docs(_: Anyone) -> Result<Undocumented, Problem> {
    let mut page = HttpResponse::Ok();
    page.insert_header((header::CONTENT_SECURITY_POLICY, DOCS_POLICY));
    Ok(Undocumented(page.content_type(HTML).body(include_str!("docs/index.html"))))
}

async fn read_docs_file(_: Anyone, request: HttpRequest) -> Result<Undocumented, Problem> {
    let name = request.match_info().get("file").unwrap_or_default();
    if name == "start.js" {
        return Ok(Undocumented(HttpResponse::Ok().content_type(SCRIPT).body(include_str!("docs/start.js"))));
    }
    if !SWAGGER_FILES.contains(&name) {
        return Err(Problem::not_found());
    }
    let unused = Arc::new(utoipa_swagger_ui::Config::from("/v1/openapi.json"));
    let file =
        utoipa_swagger_ui::serve(name, unused).map_err(Problem::internal)?.ok_or_else(Problem::not_found)?;
    let mut found = HttpResponse::Ok();
    if file.gzpipped {
        found.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Ok(Undocumented(found.content_type(file.content_type).body(bytes)))
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
            openapi_json: Bytes::from_static(b"{}"),
            ready: Box::new(|| Box::pin(async { false })),
        };
        let app = init_service(App::new().app_data(web::Data::new(facts)).configure(service)).await;
        for (path, status) in [
            ("/healthz", StatusCode::OK),
            ("/readyz", StatusCode::SERVICE_UNAVAILABLE),
            ("/metrics", StatusCode::OK),
            ("/v1/openapi.json", StatusCode::OK),
            ("/docs/", StatusCode::OK),
            ("/docs/start.js", StatusCode::OK),
            ("/docs/swagger-ui.css", StatusCode::OK),
            ("/docs/swagger-ui-bundle.js", StatusCode::OK),
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

//! Requests that arrive within another one. Each goes the whole way of a request that comes by itself: the same layers, the
//! same guard, the same record in the logs.

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_service::boxed::{self, BoxService};
use actix_web::body::to_bytes;
use actix_web::dev::{AppConfig, Payload, ServiceFactory, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use super::create::AsMade;
use super::entity_tag::ETag;
use super::problem::Problem;
use super::trace;

type Inner = BoxService<Request, ServiceResponse, Error>;

/// The operations that can be asked within another request, of one worker.
pub struct Embedded {
    begin: Box<dyn Fn() -> LocalBoxFuture<'static, Option<Inner>>>,
    inner: OnceCell<Inner>,
}

/// A request within another one.
pub struct EmbeddedRequest {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub target: Uri,
    /// Its headers, beside those that it has from the request around it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body.
    pub body: Bytes,
}

/// How a request within another one was answered.
pub struct EmbeddedReply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The tag that what it made had when it was made; `None` where nothing was made.
    pub as_made: Option<ETag>,
}

/// What a request within another one has from that: who asks, from where, and in which language.
const INHERITED: [HeaderName; 3] =
    [header::AUTHORIZATION, header::ACCEPT_LANGUAGE, HeaderName::from_static("x-forwarded-for")];

impl Embedded {
    /// The operations of an application, which is put together with the first request.
    pub fn of<A, F>(application: impl Fn() -> A + 'static) -> Self
    where
        A: IntoServiceFactory<F, Request>,
        F: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse, Error = Error> + 'static,
    {
        let begin = move || -> LocalBoxFuture<'static, Option<Inner>> {
            let service = application().into_factory().new_service(AppConfig::default());
            Box::pin(async move { service.await.ok().map(boxed::service) })
        };
        Self { begin: Box::new(begin), inner: OnceCell::new() }
    }

    /// Serves a request that came within `outer`, and is part of its trace.
    ///
    /// # Errors
    /// 500 when the application cannot be put together. What goes wrong with the request itself is in the reply.
    pub async fn serve(
        &self,
        outer: &HttpRequest,
        request: EmbeddedRequest,
    ) -> Result<EmbeddedReply, Problem> {
        let begun = || async {
            (self.begin)().await.ok_or_else(|| Problem::internal("the embedded application does not begin"))
        };
        let inner = self.inner.get_or_try_init(begun).await?;
        let reply = match inner.call(assembled(outer, request)?).await {
            Ok(reply) => reply.into_parts().1,
            Err(error) => error.error_response(),
        };
        EmbeddedReply::of(reply).await
    }
}

impl EmbeddedReply {
    /// What a reply says.
    ///
    /// # Errors
    /// 500 when its body cannot be had.
    pub async fn of(reply: HttpResponse) -> Result<Self, Problem> {
        let (head, body) = reply.into_parts();
        let as_made = head.extensions().get::<AsMade>().map(|AsMade(tag)| *tag);
        let body = to_bytes(body).await.map_err(Problem::internal)?;
        Ok(Self { status: head.status(), headers: head.headers().clone(), body, as_made })
    }
}

fn assembled(outer: &HttpRequest, request: EmbeddedRequest) -> Result<Request, Problem> {
    let trace = trace::of(outer)?;
    let traceparent = format!("00-{}-{}-01", hex::encode(trace.trace_id), hex::encode(trace.span_id));
    let traceparent = HeaderValue::try_from(traceparent).map_err(Problem::internal)?;
    let inherited = INHERITED.into_iter().flat_map(|name| {
        outer.headers().get_all(&name).map(move |value| (name.clone(), value.clone())).collect::<Vec<_>>()
    });

    let mut inner = Request::with_payload(Payload::from(request.body));
    let head = inner.head_mut();
    head.method = request.method;
    head.uri = request.target;
    head.peer_addr = outer.peer_addr();
    let traced = (HeaderName::from_static("traceparent"), traceparent);
    for (name, value) in inherited.chain([traced]).chain(request.headers) {
        head.headers.append(name, value);
    }
    Ok(inner)
}

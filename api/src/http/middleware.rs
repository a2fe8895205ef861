//! The one layer around every request: it gets an id and a trace, and its reply the headers that all replies
//! have; it is counted, timed and logged. What must happen even when a handler panics or hangs is done closer
//! to the handler, in [`endpoint`](super::endpoint).

use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header;
use actix_web::{Error, HttpMessage, ResponseError};
use futures_util::TryFutureExt;
use futures_util::future::{self, Either, LocalBoxFuture};
use groeilijn_persistence::environment::Environment;
use uuid::Uuid;

use super::endpoint::Operation;
use super::metrics::Metrics;
use super::problem::{PROBLEM_JSON, Problem};
use super::problem_kind::ProblemKind;
use super::trace::{self, RequestId};
use super::{content_coding, headers, limits};

/// The layer, to be given to `App::wrap` after (outside) any other.
#[derive(Clone)]
pub struct Stack {
    environment: Environment,
    metrics: Metrics,
}

impl Stack {
    /// A layer that takes ids from this environment and counts here.
    pub fn new(environment: Environment, metrics: Metrics) -> Self {
        Self { environment, metrics }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Stack
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = StackService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(StackService { service: Rc::new(service), stack: self.clone() }))
    }
}

/// The layer around one service.
pub struct StackService<S> {
    service: Rc<S>,
    stack: Stack,
}

impl<S, B> Service<ServiceRequest> for StackService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let begun = Instant::now();
        let in_flight = self.stack.metrics.begin();
        let id = self.stack.environment.uuid();
        let trace = trace::continue_or_begin(request.headers(), &self.stack.environment);
        request.extensions_mut().insert(RequestId(id));
        request.extensions_mut().insert(trace);

        let reply = match limits::check_head(request.head()) {
            Ok(()) => Either::Left(self.service.call(request).map_ok(ServiceResponse::map_into_boxed_body)),
            Err(problem) => Either::Right(future::ok(request.error_response(problem))),
        };
        let metrics = self.stack.metrics.clone();
        Box::pin(async move {
            let mut reply = content_coding::compressed(as_problem(reply.await?));
            headers::add(reply.headers_mut(), id);
            record(&reply, id, begun, &metrics);
            drop(in_flight);
            Ok(reply)
        })
    }
}

/// Replies of the web framework itself that tell of an error become problems too.
fn as_problem(reply: ServiceResponse) -> ServiceResponse {
    let status = reply.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || reply.headers().get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON) {
        return reply;
    }
    let (request, original) = reply.into_parts();
    let mut problem = Problem::of(ProblemKind::for_status(status)).error_response();
    for (name, value) in original.headers().iter().filter(|(name, _)| *name != header::CONTENT_TYPE) {
        problem.headers_mut().append(name.clone(), value.clone());
    }
    ServiceResponse::new(request, problem)
}

/// Counts and logs an answered request: by the operation's name and path template, never by what was sent.
fn record<B>(reply: &ServiceResponse<B>, id: Uuid, begun: Instant, metrics: &Metrics) {
    let took = begun.elapsed();
    let operation = Operation::of(reply.request());
    let name = operation.map_or("unknown", |operation| operation.name);
    let route = operation.map_or("unknown", |operation| operation.path);
    // A method that no endpoint has is whatever the client made up.
    let method = operation.map_or("other", |_| reply.request().method().as_str());
    let status = reply.status();
    metrics.answered(name, method, status.as_str(), took);

    let problem = reply.response().error().and_then(|error| error.as_error::<Problem>());
    if let Some(cause) = problem.and_then(|problem| problem.internal.as_deref()) {
        if status.is_server_error() {
            tracing::error!(operation = name, request_id = %id, cause, "request failed");
        } else {
            tracing::debug!(operation = name, request_id = %id, cause, "request refused");
        }
    }
    let milliseconds = (took.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    tracing::info!(method, route, status = status.as_u16(), milliseconds, request_id = %id, "request");
}

//! An operation with its handler, and how a request is dispatched to it. Operations are declared with
//! [`operations!`](crate::operations).

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Resource, Route, guard};
use futures_util::FutureExt;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::request_body::RequestBody;

use super::described::{NamedSchemas, camel_case};
use super::guard::{Guard, Needs};
use super::input::{Input, Reads};
use super::problem::Problem;
use super::problem_kind::ProblemKind;
use super::query::Parameters;
use super::reply::{Success, SuccessShape};
use super::{accept, content_coding, limits};

/// One operation of the API: what is known of it before any request arrives. A reference to it is in the
/// extensions of the request that it serves.
#[derive(Debug)]
pub struct Operation {
    /// The operation's name: the `operationId`, and its name in metrics, logs and the audit log.
    pub name: &'static str,
    /// The HTTP method; GET serves HEAD too.
    pub method: Method,
    /// The path template, below the scope that the endpoint is put in.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What it reads.
    pub reads: Reads,
    /// What it is for, for the OpenAPI document.
    pub documentation: Documentation,
    /// The parameters it reads, for the OpenAPI document.
    pub parameters: fn() -> Vec<Parameter>,
    /// The body it reads, for the OpenAPI document.
    pub body: fn(&mut NamedSchemas) -> Option<RequestBody>,
    /// How it replies when it succeeds, for the OpenAPI document.
    pub success: fn(&mut NamedSchemas) -> SuccessShape,
    /// The media types it can reply with.
    pub produces: &'static [&'static str],
    /// How long it may take instead of the usual time limit.
    pub time_limit: Option<Duration>,
}

impl Operation {
    /// The operation that serves a request; `None` before dispatch and for unknown paths.
    pub fn of(request: &HttpRequest) -> Option<&'static Self> {
        request.extensions().get::<&'static Self>().copied()
    }
}

/// What the OpenAPI document says of an operation and cannot derive from its handler.
#[derive(Debug)]
pub struct Documentation {
    /// The lines of the doc comment: the summary, an empty line, the description.
    pub lines: &'static [&'static str],
    /// What the reply is when the operation succeeds.
    pub success: &'static str,
    /// Problems that it replies with beside those that follow from what it needs and reads.
    pub problems: &'static [ProblemKind],
    /// Path parameters that are described in other words than their type has: the name and the description.
    pub path_parameters: Vec<(&'static str, &'static str)>,
}

impl Documentation {
    /// The first paragraph of the doc comment, on one line.
    pub fn summary(&self) -> String {
        self.paragraphs().next().unwrap_or_default()
    }

    /// The other paragraphs of the doc comment.
    pub fn description(&self) -> Option<String> {
        let paragraphs: Vec<_> = self.paragraphs().skip(1).collect();
        (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
    }

    fn paragraphs(&self) -> impl Iterator<Item = String> {
        let paragraphs = self.lines.split(|line| line.trim().is_empty());
        paragraphs.map(|lines| lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n"))
    }
}

/// A declared operation with its handler.
pub struct Endpoint {
    /// What is known of the operation.
    pub operation: Operation,
    route: Box<dyn FnOnce(&'static Operation) -> Route>,
}

impl Endpoint {
    /// Replies with these media types instead of JSON; the first one is for clients without a preference.
    #[must_use]
    pub fn producing(mut self, media_types: &'static [&'static str]) -> Self {
        self.operation.produces = media_types;
        self
    }

    /// May take this long instead of the usual time limit: for uploads and exports.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.operation.time_limit = Some(limit);
        self
    }

    /// Replies with these problems as well, beside those that follow from what the operation needs and reads.
    #[must_use]
    pub fn refusing(mut self, problems: &'static [ProblemKind]) -> Self {
        self.operation.documentation.problems = problems;
        self
    }

    /// Describes a path parameter in other words than its type has.
    #[must_use]
    pub fn with_parameter(mut self, name: &'static str, description: &'static str) -> Self {
        self.operation.documentation.path_parameters.push((name, description));
        self
    }

    /// The operation that the function called `handler_name` serves. Use [`operations!`](crate::operations).
    pub fn declare<G, Args, H>(
        method: Method,
        path: &'static str,
        handler_name: &str,
        handler: H,
        lines: &'static [&'static str],
        success: &'static str,
    ) -> Self
    where
        G: Guard,
        Args: Inputs,
        H: Handler<G, Args>,
    {
        let operation = Operation {
            // Names live as long as the process, like the operations that have them.
            name: Box::leak(camel_case(handler_name).into_boxed_str()),
            method,
            path,
            needs: G::needs(),
            reads: Args::READS.and(<ConditionOf<G, Args, H>>::READS),
            documentation: Documentation { lines, success, problems: &[], path_parameters: Vec::new() },
            parameters: || [Args::parameters(), <ConditionOf<G, Args, H>>::parameters()].concat(),
            body: Args::body,
            success: H::Reply::shape,
            produces: &["application/json"],
            time_limit: None,
        };
        let route = move |operation: &'static Operation| {
            Route::new().to(move |request: HttpRequest, payload: web::Payload| {
                dispatch::<G, Args, H>(operation, handler.clone(), request, payload)
            })
        };
        Self { operation, route: Box::new(route) }
    }
}

/// A function that serves an operation: a guard first, then inputs.
pub trait Handler<G, Args>: Clone + 'static {
    /// How it replies when it succeeds.
    type Reply: Success;

    /// Serves one request.
    fn serve(&self, guard: G, inputs: Args) -> impl Future<Output = Result<Self::Reply, Problem>>;
}

/// The inputs of a handler, read in order.
pub trait Inputs: Sized + 'static {
    /// What they read together.
    const READS: Reads;

    /// The parameters they are read from.
    fn parameters() -> Vec<Parameter>;

    /// The body that one of them is read from. Adds the schemas that it refers to.
    fn body(components: &mut NamedSchemas) -> Option<RequestBody>;

    /// Reads them all.
    ///
    /// # Errors
    /// The problem of the first input that cannot be read.
    fn read(
        request: &HttpRequest,
        payload: &mut actix_web::dev::Payload,
    ) -> impl Future<Output = Result<Self, Problem>>;
}

macro_rules! handlers {
    ($(($($input:ident)*))*) => {$(
        impl<$($input: Input,)*> Inputs for ($($input,)*) {
            const READS: Reads = Reads::NOTHING$(.and($input::READS))*;

            fn parameters() -> Vec<Parameter> {
                let each: &[fn() -> Vec<Parameter>] = &[$($input::parameters),*];
                each.iter().flat_map(|parameters| parameters()).collect()
            }

            fn body(components: &mut NamedSchemas) -> Option<RequestBody> {
                let each: &[fn(&mut NamedSchemas) -> Option<RequestBody>] = &[$($input::body),*];
                each.iter().find_map(|body| body(components))
            }

            #[allow(unused_variables, reason = "a handler without inputs reads nothing")]
            async fn read(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Result<Self, Problem> {
                Ok(($($input::read(request, payload).await?,)*))
            }
        }

        impl<Function, Outcome, Reply, G, $($input,)*> Handler<G, ($($input,)*)> for Function
        where
            Function: Fn(G, $($input),*) -> Outcome + Clone + 'static,
            Outcome: Future<Output = Result<Reply, Problem>>,
            Reply: Success,
        {
            type Reply = Reply;

            #[allow(non_snake_case, reason = "the inputs are called after their types")]
            fn serve(&self, guard: G, ($($input,)*): ($($input,)*)) -> impl Future<Output = Result<Reply, Problem>> {
                self(guard, $($input),*)
            }
        }
    )*};
}

handlers! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// What of the request the reply of a handler depends on.
type ConditionOf<G, Args, H> = <<H as Handler<G, Args>>::Reply as Success>::Condition;

/// Serves one request, whatever happens: a panic and a missed time limit get an answer too.
async fn dispatch<G: Guard, Args: Inputs, H: Handler<G, Args>>(
    operation: &'static Operation,
    handler: H,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    request.extensions_mut().insert(operation);
    accept::check(&request, operation.produces)?;
    content_coding::check(&request)?;
    let work = async {
        let guard = G::establish(&request).await?;
        if !operation.reads.query {
            Parameters::of(&request)?.finish()?;
        }
        let mut payload = payload.into_inner();
        let inputs = Args::read(&request, &mut payload).await?;
        let condition = <ConditionOf<G, Args, H>>::read(&request, &mut payload).await?;
        Ok(handler.serve(guard, inputs).await?.under(&condition))
    };
    let limit = operation.time_limit.unwrap_or_else(|| limits::of(&request).request);
    match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Problem::internal(format_args!("{} panicked", operation.name))),
        Err(_) => Err(Problem::unavailable(1).because(format_args!("{} took too long", operation.name))),
    }
}

/// Serves these endpoints: to be given to `App::configure` or `Scope::configure`.
pub fn configure(endpoints: Vec<Endpoint>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        for resource in resources(endpoints) {
            config.service(resource);
        }
    }
}

/// The endpoints by path, in the order given, each path a resource that also answers the methods it does not have.
pub fn resources(endpoints: Vec<Endpoint>) -> Vec<Resource> {
    let mut by_path: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
    for endpoint in endpoints {
        let path = endpoint.operation.path;
        match by_path.iter_mut().find(|(known, _)| *known == path) {
            Some((_, same)) => same.push(endpoint),
            None => by_path.push((path, vec![endpoint])),
        }
    }
    by_path.into_iter().map(|(path, endpoints)| resource(path, endpoints)).collect()
}

fn resource(path: &'static str, endpoints: Vec<Endpoint>) -> Resource {
    let allow = allowed(&endpoints);
    let mut resource = web::resource(path);
    for endpoint in endpoints {
        // Operations live as long as the process: a small record for each endpoint of each worker.
        let operation: &'static Operation = Box::leak(Box::new(endpoint.operation));
        let route = (endpoint.route)(operation);
        resource = resource.route(match operation.method {
            Method::GET => route.guard(guard::Any(guard::Get()).or(guard::Head())),
            ref method => route.guard(guard::Method(method.clone())),
        });
    }
    resource.default_service(web::to(move || {
        let problem = Problem { allow: Some(allow.clone()), ..Problem::of(ProblemKind::MethodNotAllowed) };
        async { Err::<HttpResponse, _>(problem) }
    }))
}

/// The value of the `Allow` header: the methods of these endpoints.
fn allowed(endpoints: &[Endpoint]) -> Box<str> {
    let mut methods: Vec<&str> =
        endpoints.iter().map(|endpoint| endpoint.operation.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.join(", ").into_boxed_str()
}

/// Answers every path that no endpoint serves: for `App::default_service`.
///
/// # Errors
/// Always: 404.
pub async fn unknown_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}

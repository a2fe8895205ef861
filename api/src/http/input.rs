//! What a handler reads from a request, after its guard.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::{HttpRequest, web};
use utoipa::openapi::path::Parameter;
use utoipa::openapi::request_body::RequestBody;

use super::described::NamedSchemas;
use super::problem::Problem;

/// What an operation reads from a request. The OpenAPI document is completed from it, so that the document
/// promises what the code does: no more, no less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// Parameters in the path: a malformed one is a 400.
    pub path: bool,
    /// Parameters in the query: a refused one is a 400.
    pub query: bool,
    /// A body: it may be refused with 400, 408, 413 and 415.
    pub body: bool,
    /// The `If-Match` header: without it 428, not matching 412.
    pub if_match: bool,
    /// The `If-None-Match` header: matching it is answered by 304.
    pub if_none_match: bool,
    /// The `Idempotency-Key` header: used before for another request is 409.
    pub idempotency_key: bool,
}

impl Reads {
    /// Nothing.
    pub const NOTHING: Self = Self {
        path: false,
        query: false,
        body: false,
        if_match: false,
        if_none_match: false,
        idempotency_key: false,
    };

    /// What either reads.
    pub const fn and(self, other: Self) -> Self {
        Self {
            path: self.path || other.path,
            query: self.query || other.query,
            body: self.body || other.body,
            if_match: self.if_match || other.if_match,
            if_none_match: self.if_none_match || other.if_none_match,
            idempotency_key: self.idempotency_key || other.idempotency_key,
        }
    }
}

/// A parameter of a handler that is read from the request.
pub trait Input: Sized + 'static {
    /// What reading it means for the operation's contract.
    const READS: Reads;

    /// The parameters it is read from, for the OpenAPI document.
    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }

    /// The body it is read from, for the OpenAPI document. Adds the schemas that the body refers to.
    fn body(_components: &mut NamedSchemas) -> Option<RequestBody> {
        None
    }

    /// Reads it.
    ///
    /// # Errors
    /// The problem to reply with, naming everything that is wrong with this input.
    fn read(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Self, Problem>>;
}

/// Nothing that the client sends.
pub struct Unconditional;

impl Input for Unconditional {
    const READS: Reads = Reads::NOTHING;

    async fn read(_: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        Ok(Self)
    }
}

impl Input for HttpRequest {
    const READS: Reads = Reads::NOTHING;

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        Ok(request.clone())
    }
}

impl<T: 'static> Input for web::Data<T> {
    const READS: Reads = Reads::NOTHING;

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        shared(request).cloned()
    }
}

/// Something that all requests share.
///
/// # Errors
/// A 500 when the application does not share it: a mistake in how the application is put together.
pub fn shared<T: 'static>(request: &HttpRequest) -> Result<&web::Data<T>, Problem> {
    request
        .app_data::<web::Data<T>>()
        .ok_or_else(|| Problem::internal(format_args!("no {} is shared", std::any::type_name::<T>())))
}

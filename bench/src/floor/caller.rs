//! Who sends a request: whom the token in its header is of.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use super::Error;
use super::token::Caller;
use super::worker::Worker;

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request).ok_or(Error::Unauthenticated))
    }
}

fn caller(request: &HttpRequest) -> Option<Caller> {
    let worker = request.app_data::<web::Data<Worker>>()?;
    let token = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    worker.tokens.verify(token)
}

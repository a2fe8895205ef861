//! How much and how long one request may take.

use std::time::Duration;

use actix_web::dev::RequestHead;
use actix_web::{HttpRequest, web};
use groeilijn_domain::children::school_file::MAX_BYTES;

use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// The most bytes of a path with its query.
const MOST_ADDRESS_BYTES: usize = 8 << 10;

/// The most headers. This and the bytes are below what the server itself reads, so that whoever goes over them learns
/// which.
const MOST_HEADERS: usize = 64;

/// The most bytes of the names and values of all headers together.
pub const MOST_HEADER_BYTES: usize = 32 << 10;

/// The limits of one request, shared with every request as `web::Data<Limits>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a JSON body.
    pub body_bytes: usize,
    /// The most bytes of an uploaded school file.
    pub import_bytes: usize,
    /// The least speed of an upload in bytes a second, once `body` has passed.
    pub import_bytes_per_second: u32,
    /// How long a body may take to arrive.
    pub body: Duration,
    /// How long a request may take as a whole.
    pub request: Duration,
}

impl Limits {
    /// The limits where no settings say otherwise.
    pub const DEFAULT: Self = Self {
        body_bytes: 1 << 20,
        import_bytes: MAX_BYTES,
        import_bytes_per_second: 128 << 10,
        body: Duration::from_secs(10),
        request: Duration::from_secs(30),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The limits that hold for a request.
pub fn of(request: &HttpRequest) -> Limits {
    request.app_data::<web::Data<Limits>>().map(|limits| ***limits).unwrap_or_default()
}

/// Checks what stands before the body of a request.
///
/// # Errors
/// 414 for an address that is too long, 431 for headers that are too many or too large.
pub fn check_head(head: &RequestHead) -> Result<(), Problem> {
    let address = head.uri.path_and_query().map_or(0, |address| address.as_str().len());
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if address > MOST_ADDRESS_BYTES {
        Err(Problem::of(ProblemKind::AddressTooLong))
    } else if head.headers.len() > MOST_HEADERS || headers.sum::<usize>() > MOST_HEADER_BYTES {
        Err(Problem::of(ProblemKind::HeadersTooLarge))
    } else {
        Ok(())
    }
}

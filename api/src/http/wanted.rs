//! In which of its forms an operation replies.

use actix_web::HttpRequest;
use actix_web::dev::Payload;

use super::accept::preferred;
use super::endpoint::Operation;
use super::input::{Input, Reads};
use super::problem::Problem;
use super::problem_kind::ProblemKind;

/// The media type that the client likes best of those that its operation can reply with; the first one of those that it
/// likes as much.
pub struct Wanted(pub &'static str);

impl Input for Wanted {
    const READS: Reads = Reads::NOTHING;

    async fn read(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let produces = Operation::of(request).map_or(&[][..], |operation| operation.produces);
        preferred(request, produces).map(Self).ok_or_else(|| Problem::of(ProblemKind::NotAcceptable))
    }
}

//! Batches: what was done without a network, or for a whole group, sent in one request.

mod bodies;
mod values;

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, ResponseError};

use self::bodies::{BatchCreation, BatchOperation, BatchReply, BatchResult, PresentState, checked, text};
use crate::http::access::{Access, action, part};
use crate::http::body::Envelope;
use crate::http::embedded::{Embedded, EmbeddedReply, EmbeddedRequest};
use crate::http::endpoint::Endpoint;
use crate::http::guard::activity::FollowDevelopment;
use crate::http::input::shared;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Shown};
use crate::operations;
use crate::routes::children::{follow_ups, notes, notes_of_several, registrations};

/// How long a batch may take: 500 operations of which each waits for a busy disk.
const TIME_FOR_ALL: Duration = Duration::from_secs(120);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

operations! {
    /// The operations on batches.
    pub fn endpoints;

    /// Send a batch
    ///
    /// Up to 500 operations on notes, registrations and their follow-ups in one request: what a phone kept while it had no
    /// network, or a step of the drafts of a whole group. Each is done as if it had come by itself, in the order given, with
    /// the rights of whoever sends the batch, and has a result of its own: one that is refused keeps none of the others back.
    /// With 412 the result has what was to be changed as it is now. A batch whose form is wrong is refused as a whole, and
    /// nothing of it was done. Give each creation an `idempotencyKey` or an `id` of your own: then a batch of which the reply
    /// was lost can be sent again.
    POST "/batches" => send_batch: "What became of each operation, in the order of the request."
        .within(TIME_FOR_ALL);
}

/// The operations that a batch can hold.
pub fn in_batches() -> Vec<Endpoint> {
    [notes::endpoints(), notes_of_several::endpoints(), registrations::endpoints(), follow_ups::endpoints()]
        .into_iter()
        .flatten()
        .collect()
}

async fn send_batch(
    _access: Access<part::Registrations, action::Read, FollowDevelopment>,
    request: HttpRequest,
    Envelope(batch): Envelope<BatchCreation>,
) -> Result<Shown<BatchReply>, Problem> {
    let operations = checked(batch)?;
    let sender = Sender { embedded: shared::<Embedded>(&request)?, request: &request };
    let mut results = Vec::with_capacity(operations.len());
    let mut left_behind: Vec<Option<String>> = Vec::with_capacity(operations.len());
    for operation in operations {
        let earlier = operation.after.map(|index| left_behind.get(usize::from(index)).cloned().flatten());
        let reply = match earlier {
            None => sender.send(&operation, operation.if_match.clone().map(|tag| tag.0)).await?,
            Some(None) => not_tried().await?,
            Some(tag) => sender.send(&operation, tag).await?,
        };
        left_behind.push(tag_left_behind(&reply));
        results.push(sender.result(&operation, reply).await?);
    }
    reply::view(&BatchReply { results })
}

/// The tag of what a reply tells was done, for the operation that comes after it. Of what was made by an earlier request it is
/// the one that it had then, so that a batch that is sent again does not change what others made of it since.
fn tag_left_behind(reply: &EmbeddedReply) -> Option<String> {
    let now = || text(&reply.headers, header::ETAG);
    reply.as_made.map(|tag| tag.to_string()).or_else(now).filter(|_| reply.status.is_success())
}

/// The answer to an operation of which the one before it did not succeed.
async fn not_tried() -> Result<EmbeddedReply, Problem> {
    EmbeddedReply::of(Problem::of(ProblemKind::FailedDependency).error_response()).await
}

/// Sends the operations of one batch.
struct Sender<'a> {
    embedded: &'a Embedded,
    request: &'a HttpRequest,
}

impl Sender<'_> {
    async fn send(&self, operation: &BatchOperation, tag: Option<String>) -> Result<EmbeddedReply, Problem> {
        let key = operation.idempotency_key.clone().map(|key| key.0);
        let mut headers = Vec::new();
        for (name, text) in [(header::IF_MATCH, tag), (IDEMPOTENCY_KEY, key)] {
            if let Some(text) = text {
                headers.push((name, HeaderValue::try_from(text).map_err(Problem::internal)?));
            }
        }
        let mut body = Bytes::new();
        if let Some(object) = &operation.body {
            body = serde_json::to_vec(object).map_err(Problem::internal)?.into();
            headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        }
        let (method, target) = (operation.method.http(), operation.path.0.clone());
        self.embedded.serve(self.request, EmbeddedRequest { method, target, headers, body }).await
    }

    async fn result(&self, operation: &BatchOperation, reply: EmbeddedReply) -> Result<BatchResult, Problem> {
        let is_stale = reply.status == ProblemKind::PreconditionFailed.status();
        let current = if is_stale { self.present_state(&operation.path.0).await? } else { None };
        Ok(BatchResult { current, ..BatchResult::of(&reply) })
    }

    /// What stands where a change was refused because it is not what the client saw; `None` when it may not be read.
    async fn present_state(&self, target: &Uri) -> Result<Option<PresentState>, Problem> {
        let path = target.path();
        let resource = path.rsplit_once("/_").map_or(path, |(resource, _)| resource);
        let target = Uri::try_from(resource).map_err(Problem::internal)?;
        let read = EmbeddedRequest { method: Method::GET, target, headers: Vec::new(), body: Bytes::new() };
        Ok(PresentState::of(&self.embedded.serve(self.request, read).await?))
    }
}

//! What a batch holds, and what is told of it.

use actix_web::http::header::{self, HeaderMap, HeaderName};
use groeilijn_domain::values::refusal::Refusal;
use serde_json::Value;

use super::values::{BatchMethod, BatchPath, HeaderText};
use crate::http::any_object::AnyObject;
use crate::http::described::{counted, within};
use crate::http::embedded::EmbeddedReply;
use crate::http::fields::Errors;
use crate::http::pointer::Pointer;
use crate::http::problem::Problem;
use crate::{reply_body, request_body};

/// The most operations in one batch.
const MOST_OPERATIONS: usize = 500;

request_body! {
    /// Operations that are done one after another.
    pub(super) struct BatchCreation {
        /// The operations, in the order in which they are done.
        operations: Vec<BatchOperation> = counted(1..=MOST_OPERATIONS),
    }
    example {"operations": [
        {
            "method": "PATCH",
            "path": "/v1/registrations/01999999-0000-7000-8000-000000000001",
            "ifMatch": "\"r7\"",
            "body": {"judgements": {"scales": {"involvement": 4}}}
        },
        {
            "method": "POST",
            "path": "/v1/registrations/01999999-0000-7000-8000-000000000001/_finalise",
            "after": 0
        }
    ]}
}

request_body! {
    /// One operation on a note or a registration, as it would be sent by itself.
    pub(super) struct BatchOperation {
        /// The method.
        method: BatchMethod,
        /// The path, with the query if there is one.
        path: BatchPath,
        /// The `If-Match` header: the `ETag` of what is changed.
        if_match: Option<HeaderText>,
        /// In place of `ifMatch`, the index of an earlier operation of this batch: this one changes what that one left behind,
        /// and is not tried when that one did not succeed.
        after: Option<u16> = within(0, 498),
        /// The `Idempotency-Key` header.
        idempotency_key: Option<HeaderText>,
        /// The body.
        body: Option<AnyObject>,
    }
}

reply_body! {
    /// What became of the operations of a batch.
    pub(super) struct BatchReply {
        /// One result for each operation, in the same order.
        results: Vec<BatchResult> = counted(1..=MOST_OPERATIONS),
    }
}

reply_body! {
    /// What became of one operation.
    pub(super) struct BatchResult {
        /// The HTTP status that it would have had by itself; 424 when it was not tried.
        status: u16 = within(200, 599),
        /// The `Location` of what it made.
        location: Option<String>,
        /// The `ETag` of what it made or changed; with 412 that of what is there now.
        entity_tag: Option<String>,
        /// After how many seconds to try again.
        retry_after: Option<u32>,
        /// The body of the reply: the note or registration, or the problem.
        body: Option<AnyObject>,
        /// With 412 what was to be changed as it is now, if it can be read.
        current: Option<PresentState>,
    }
}

reply_body! {
    /// What is there in place of what a client saw.
    pub(super) struct PresentState {
        /// Its `ETag`.
        entity_tag: Option<String>,
        /// The note or registration.
        body: AnyObject,
    }
}

/// The operations of a batch whose form is right.
///
/// # Errors
/// 400 that names everything that is wrong: `empty` and `too-many` operations, `not-beside-a-tag` for `after` beside
/// `ifMatch`, and `not-earlier` for one that is not after an earlier operation.
pub(super) fn checked(BatchCreation { operations }: BatchCreation) -> Result<Vec<BatchOperation>, Problem> {
    let mut errors = Errors::default();
    let root = Pointer::Root;
    let at = root.member("operations");
    if operations.is_empty() {
        errors.refuse(&at, Refusal::new("empty", "must have at least one operation"));
    }
    if operations.len() > MOST_OPERATIONS {
        let detail = format!("must have at most {MOST_OPERATIONS} operations");
        errors.refuse(&at, Refusal::new("too-many", detail));
    }
    for (index, operation) in operations.iter().enumerate() {
        let at = at.item(index);
        let at = at.member("after");
        let Some(after) = operation.after else { continue };
        if operation.if_match.is_some() {
            errors.refuse(&at, Refusal::new("not-beside-a-tag", "must not be there beside ifMatch"));
        }
        if usize::from(after) >= index {
            errors.refuse(&at, Refusal::new("not-earlier", "must be the index of an earlier operation"));
        }
    }
    if errors.is_empty() { Ok(operations) } else { Err(Problem::invalid(errors.into_vec())) }
}

impl BatchResult {
    pub(super) fn of(reply: &EmbeddedReply) -> Self {
        Self {
            status: reply.status.as_u16(),
            location: text(&reply.headers, header::LOCATION),
            entity_tag: text(&reply.headers, header::ETAG),
            retry_after: text(&reply.headers, header::RETRY_AFTER).and_then(|text| text.parse().ok()),
            body: object(reply),
            current: None,
        }
    }
}

impl PresentState {
    /// What a reply to reading it shows; `None` unless it could be read.
    pub(super) fn of(reply: &EmbeddedReply) -> Option<Self> {
        let body = object(reply).filter(|_| reply.status.is_success())?;
        Some(Self { entity_tag: text(&reply.headers, header::ETAG), body })
    }
}

/// What a header says, if it is there and text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn object(reply: &EmbeddedReply) -> Option<AnyObject> {
    match serde_json::from_slice(&reply.body).ok()? {
        Value::Object(members) => Some(AnyObject(members)),
        _ => None,
    }
}

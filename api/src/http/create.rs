//! Creating something over HTTP: once per `Idempotency-Key`. A request that is repeated is not done again, and what it
//! made is read anew, with what its sender may see by now and its entry in the audit log.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use groeilijn_persistence::idempotency::{IdempotentRequest, KeptReply};
use groeilijn_persistence::{Platform, PlatformWriter, Result, Tenant, TenantWriter};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::created_ids::CreatedIds;
use super::endpoint::Operation;
use super::entity_tag::ETag;
use super::etag::Revised;
use super::idempotency::IdempotencyKey;
use super::problem::Problem;
use super::reply::{self, Created};

/// The revision of what has just been made.
const FIRST_REVISION: i32 = 1;

/// Something that was created.
pub struct New<I, T> {
    /// Where it is: a path from the root, such as `/v1/pupils/…`.
    pub location: String,
    /// By what it is read again.
    pub ids: I,
    /// What the client is shown of it.
    pub view: View<T>,
}

/// What the client is shown of something that is there.
pub struct View<T> {
    body: T,
    revision: Option<i32>,
}

impl<I, T> New<I, T> {
    /// What is stored now, at this path.
    pub fn at<S: Revised + Into<T>>(location: String, ids: I, stored: S) -> Self {
        Self { location, ids, view: View::of(stored) }
    }
}

impl<T> View<T> {
    /// Of what is stored with a revision.
    pub fn of<S: Revised + Into<T>>(stored: S) -> Self {
        Self { revision: Some(stored.revision()), body: stored.into() }
    }

    /// Of what has no revision: its `ETag` stays what it was.
    pub fn unrevised(stored: impl Into<T>) -> Self {
        Self { body: stored.into(), revision: None }
    }

    /// Of what is stored with a revision, with more beside it.
    pub fn with<S: Revised>(stored: S, shown: impl FnOnce(S) -> T) -> Self {
        Self { revision: Some(stored.revision()), body: shown(stored) }
    }
}

impl<I: CreatedIds, T> New<I, T> {
    fn kept(self) -> (KeptReply, View<T>) {
        let kept = KeptReply {
            status: StatusCode::CREATED.as_u16(),
            location: self.location,
            revision: self.view.revision.unwrap_or(FIRST_REVISION),
            created_ids: self.ids.kept(),
        };
        (kept, self.view)
    }
}

macro_rules! creations {
    ($(#[doc = $of:literal] $create:ident $data:ident $writer:ident;)+) => {$(
        #[doc = concat!("Creates something of ", $of, ", or reads anew what the same request created before: with `read`,")]
        /// as a GET would.
        ///
        /// # Errors
        /// What `make` and `read` refuse; 409 when the key came with another request before.
        pub async fn $create<I: CreatedIds, T: Serialize + Send + 'static>(
            request: IdempotentCreation,
            data: &$data,
            make: impl FnOnce(&mut $writer<'_>) -> Result<New<I, T>> + Send + 'static,
            read: impl FnOnce(&mut $writer<'_>, I) -> Result<View<T>> + Send + 'static,
        ) -> std::result::Result<Created<T>, Problem> {
            let done = data.write(move |writer| {
                writer.once(
                    request.0.as_ref(),
                    |writer| Ok(make(writer)?.kept()),
                    |writer, kept| read(writer, I::read(&kept.created_ids)?),
                )
            });
            let (kept, view) = done.await?;
            reply(&kept, &view)
        }
    )+};
}

creations! {
    /// an institution
    create Tenant TenantWriter;
    /// the platform
    create_on_platform Platform PlatformWriter;
}

/// A request to create something, with its key if the client gave one.
pub struct IdempotentCreation(Option<IdempotentRequest>);

impl IdempotentCreation {
    /// The request as it is told from others: by its operation, path, query and body.
    pub fn new(request: &HttpRequest, key: IdempotencyKey, body_digest: &[u8; 32]) -> Self {
        Self(key.0.map(|key| {
            let fingerprint = Sha256::new()
                .chain_update(Operation::of(request).map_or("", |operation| operation.name))
                .chain_update([0])
                .chain_update(request.path())
                .chain_update([0])
                .chain_update(request.query_string())
                .chain_update([0])
                .chain_update(body_digest)
                .finalize();
            IdempotentRequest { key, fingerprint: fingerprint.into() }
        }))
    }
}

/// The tag that something had when it was created, among the extensions of the reply: a reply to the same request sent again
/// has the one of now.
pub struct AsMade(pub ETag);

fn reply<T: Serialize>(kept: &KeptReply, view: &View<T>) -> std::result::Result<Created<T>, Problem> {
    let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
    let reply =
        reply::created_as(status, &kept.location, &view.body, view.revision.unwrap_or(kept.revision))?;
    Ok(reply.noting(AsMade(ETag(kept.revision))))
}

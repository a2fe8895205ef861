//! Creating something over HTTP: once per `Idempotency-Key`, with the same reply each time.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use groeilijn_persistence::idempotency::{IdempotentRequest, KeptReply};
use groeilijn_persistence::{Platform, PlatformWriter, Result, Tenant, TenantWriter};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::endpoint::Operation;
use super::etag::Revised;
use super::idempotency::IdempotencyKey;
use super::problem::Problem;
use super::reply::{self, Created};

/// Something that was created.
pub struct New<T> {
    /// Where it is: a path from the root, such as `/v1/pupils/…`.
    pub location: String,
    /// What the client is shown of it.
    pub body: T,
    /// Its revision.
    pub revision: i32,
}

impl<T> New<T> {
    /// What is stored now, at this path.
    pub fn at<S: Revised + Into<T>>(location: String, stored: S) -> Self {
        Self { location, revision: stored.revision(), body: stored.into() }
    }
}

impl<T: Serialize> New<T> {
    fn keep(self) -> Result<KeptReply> {
        Ok(KeptReply {
            status: StatusCode::CREATED.as_u16(),
            location: Some(self.location),
            revision: Some(self.revision),
            body: serde_json::to_vec(&self.body).map_err(groeilijn_persistence::Error::internal)?,
        })
    }
}

/// Creates something of an institution.
///
/// # Errors
/// What `work` refuses; 409 when the key came with another request before.
pub async fn create<T: Serialize>(
    request: IdempotentCreation,
    tenant: &Tenant,
    work: impl FnOnce(&mut TenantWriter<'_>) -> Result<New<T>> + Send + 'static,
) -> Result<Created<T>, Problem> {
    let kept =
        tenant.write(move |writer| writer.once(request.0.as_ref(), |writer| work(writer)?.keep())).await?;
    reply(kept)
}

/// Creates something of the platform.
///
/// # Errors
/// As [`create`].
pub async fn create_on_platform<T: Serialize>(
    request: IdempotentCreation,
    platform: &Platform,
    work: impl FnOnce(&mut PlatformWriter<'_>) -> Result<New<T>> + Send + 'static,
) -> Result<Created<T>, Problem> {
    let kept =
        platform.write(move |writer| writer.once(request.0.as_ref(), |writer| work(writer)?.keep())).await?;
    reply(kept)
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

fn reply<T>(kept: KeptReply) -> Result<Created<T>, Problem> {
    let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
    Ok(reply::created_before(status, kept.location, kept.revision, kept.body))
}

//! Creating something over HTTP: once per `Idempotency-Key`, with the same reply each time.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use groeilijn_persistence::idempotency::{IdempotentRequest, KeptReply};
use groeilijn_persistence::{Platform, PlatformWriter, Result, Tenant, TenantWriter};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::endpoint::Operation;
use super::etag::ETag;
use super::idempotency::IdempotencyKey;
use super::problem::Problem;

/// What was created.
pub struct Created<T> {
    /// Where it is: a path from the root, such as `/v1/pupils/…`.
    pub location: String,
    /// What the client is shown of it.
    pub body: T,
    /// Its revision.
    pub revision: i32,
}

impl<T: Serialize> Created<T> {
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
    work: impl FnOnce(&mut TenantWriter<'_>) -> Result<Created<T>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
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
    work: impl FnOnce(&mut PlatformWriter<'_>) -> Result<Created<T>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
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

fn reply(kept: KeptReply) -> Result<HttpResponse, Problem> {
    let status = StatusCode::from_u16(kept.status).map_err(Problem::internal)?;
    let mut reply = HttpResponse::build(status);
    if let Some(location) = kept.location {
        reply.insert_header((header::LOCATION, location));
    }
    if let Some(revision) = kept.revision {
        reply.insert_header((header::ETAG, ETag(revision)));
    }
    Ok(reply
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .body(kept.body))
}

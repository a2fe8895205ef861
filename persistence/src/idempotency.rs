//! Replies that are kept so that a request sent twice is done once (`Idempotency-Key`).

use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use groeilijn_domain::values::ids::InstitutionId;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::PLATFORM;
use crate::convert::micros;
use crate::database::query::prelude::*;
use crate::error::{Error, Result};
use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::schema::idempotency;

const TABLE: &str = "idempotency";

/// How long a reply is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The key that a client gave a request, and what the request was.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    /// The client's key, 1 to 128 visible ASCII characters.
    pub key: String,
    /// SHA-256 over the operation, the path, the query and the body.
    pub fingerprint: [u8; 32],
}

/// A reply, so far as it has to be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReply {
    /// The HTTP status code.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The revision in the `ETag` header.
    pub revision: Option<i32>,
    /// The body, as JSON.
    pub body: Vec<u8>,
}

impl Store {
    /// Forgets the replies that were kept longer than a day ago: a client that has not heard by then will not ask
    /// again, and a reply may hold personal data.
    pub async fn forget_old_replies(&self) -> Result<()> {
        let oldest = self.environment().now() - KEPT_FOR;
        self.data()
            .writer()
            .run(move |connection, _| {
                diesel::delete(idempotency::table.filter(idempotency::created_at.lt(micros(oldest))))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }
}

impl TenantWriter<'_> {
    /// Does `work` once for a key: a second request with it gets the first one's reply.
    ///
    /// The key is reserved before the work begins, so that of two requests at once the second waits for the
    /// first; when the work fails, the reservation goes with it and the client may try again.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key came with another request before.
    pub fn once(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<KeptReply>,
    ) -> Result<KeptReply> {
        let Some(request) = request else { return work(self) };
        let actor = self.principal().id();
        if !self.reserve(actor, request)? {
            return self.kept(actor, request);
        }
        let reply = work(self)?;
        self.keep(actor, request, &reply)?;
        Ok(reply)
    }
}

impl PlatformWriter<'_> {
    /// Does `work` once for a key, as [`TenantWriter::once`] does; the reply is kept under the platform's own key.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key came with another request before.
    pub fn once(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<KeptReply>,
    ) -> Result<KeptReply> {
        let Some(request) = request else { return work(self) };
        let platform = InstitutionId::from_uuid(PLATFORM);
        if !self.enter(platform, |writer| writer.reserve(writer.principal().id(), request))? {
            return self.enter(platform, |writer| writer.kept(writer.principal().id(), request));
        }
        let reply = work(self)?;
        self.enter(platform, |writer| writer.keep(writer.principal().id(), request, &reply))?;
        Ok(reply)
    }
}

impl TenantWriter<'_> {
    fn reserve(&mut self, actor: Uuid, request: &IdempotentRequest) -> Result<bool> {
        let created_at = micros(self.now());
        let fingerprint = self.store().login_index().of_request(&request.fingerprint)?;
        let inserted = sql_query(
            "INSERT INTO idempotency (actor_id, idempotency_key, fingerprint, created_at, status, body) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind::<Binary, _>(actor.as_bytes().as_slice())
        .bind::<Text, _>(&request.key)
        .bind::<Binary, _>(fingerprint)
        .bind::<BigInt, _>(created_at)
        .bind::<Integer, _>(0)
        .bind::<Binary, _>([].as_slice())
        .execute(self.connection)?;
        Ok(inserted == 1)
    }

    fn keep(&mut self, actor: Uuid, request: &IdempotentRequest, reply: &KeptReply) -> Result<()> {
        let mut sealer = self.sealer(TABLE, row(actor, request), None)?;
        let body = sealer.bytes("body", Some(&reply.body));
        diesel::update(idempotency::table.find((actor.as_bytes().as_slice(), &request.key)))
            .set((
                idempotency::status.eq(i32::from(reply.status)),
                idempotency::location.eq(&reply.location),
                idempotency::revision.eq(reply.revision),
                idempotency::body.eq(body),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    fn kept(&mut self, actor: Uuid, request: &IdempotentRequest) -> Result<KeptReply> {
        type Row = (Vec<u8>, i32, Option<String>, Option<i32>, Vec<u8>);
        let (fingerprint, status, location, revision, body): Row = idempotency::table
            .find((actor.as_bytes().as_slice(), &request.key))
            .select((
                idempotency::fingerprint,
                idempotency::status,
                idempotency::location,
                idempotency::revision,
                idempotency::body,
            ))
            .first(self.connection)?;
        if fingerprint != self.store().login_index().of_request(&request.fingerprint)? {
            return Err(Error::KeyReused);
        }
        let body = self.opener(TABLE, row(actor, request), None).bytes("body", &body)?;
        Ok(KeptReply {
            status: u16::try_from(status).map_err(|_| Error::Unreadable(TABLE))?,
            location,
            revision,
            body: body.ok_or(Error::Unreadable(TABLE))?.to_vec(),
        })
    }
}

/// The id that a kept reply is sealed under: the actor and the key together.
fn row(actor: Uuid, request: &IdempotentRequest) -> Uuid {
    let digest = Sha256::new().chain_update(actor.as_bytes()).chain_update(&request.key).finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uuid::from_bytes(bytes)
}

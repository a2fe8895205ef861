//! Replies that are kept so that a request sent twice is done once (`Idempotency-Key`).

use groeilijn_domain::values::ids::InstitutionId;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::database::dialect::insert_if_absent;
use crate::database::query::prelude::*;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::keys::{KeyOwner, KeyRing, LoginIndex};
use crate::pool::Database;
use crate::schema::idempotency;
use crate::sealing::{RowOpener, RowPlace, RowSealer};

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

/// The replies that are kept for one actor in one realm.
pub struct KeptReplies<'a> {
    /// Under whose keys the bodies are sealed: an institution's, or the platform's.
    pub realm: InstitutionId,
    /// The account or token that asks.
    pub actor: Uuid,
    /// The keys.
    pub keys: &'a KeyRing,
    /// What keys the digest of requests.
    pub index: &'a LoginIndex,
    /// The time and the randomness.
    pub environment: &'a Environment,
}

impl KeptReplies<'_> {
    /// Reserves the key of a request before its work begins, so that of two requests at once the second waits for the
    /// first. `false` when it was used before. When the transaction fails, the reservation goes with it.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn reserve(&self, connection: &mut AnyConnection, request: &IdempotentRequest) -> Result<bool> {
        let row = (
            idempotency::actor_id.is(self.actor),
            idempotency::idempotency_key.eq(&request.key),
            idempotency::fingerprint.eq(self.index.of_request(&request.fingerprint)?),
            idempotency::created_at.is(self.environment.now()),
            idempotency::status.eq(0),
            idempotency::body.eq([].as_slice()),
        );
        let inserted = insert_if_absent!(connection, diesel::insert_into(idempotency::table).values(row))?;
        Ok(inserted == 1)
    }

    /// Keeps the reply to a request whose key was reserved.
    ///
    /// # Errors
    /// What the database or the key store refuses.
    pub fn keep(
        &self,
        connection: &mut AnyConnection,
        request: &IdempotentRequest,
        reply: &KeptReply,
    ) -> Result<()> {
        let mut sealer = RowSealer::new(self.keys, self.environment, self.place(request))?;
        let body = sealer.bytes("body", Some(&reply.body));
        diesel::update(
            idempotency::table
                .filter(idempotency::actor_id.is(self.actor))
                .filter(idempotency::idempotency_key.eq(&request.key)),
        )
        .set((
            idempotency::status.eq(i32::from(reply.status)),
            idempotency::location.eq(&reply.location),
            idempotency::revision.eq(reply.revision),
            idempotency::body.eq(body),
        ))
        .execute(connection)?;
        Ok(())
    }

    /// The reply that was kept for a request.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key came with another request before.
    pub fn kept(&self, connection: &mut AnyConnection, request: &IdempotentRequest) -> Result<KeptReply> {
        type Row = (Vec<u8>, i32, Option<String>, Option<i32>, Vec<u8>);
        let (fingerprint, status, location, revision, body): Row = idempotency::table
            .filter(idempotency::actor_id.is(self.actor))
            .filter(idempotency::idempotency_key.eq(&request.key))
            .select((
                idempotency::fingerprint,
                idempotency::status,
                idempotency::location,
                idempotency::revision,
                idempotency::body,
            ))
            .first(connection)?;
        if fingerprint != self.index.of_request(&request.fingerprint)? {
            return Err(Error::KeyReused);
        }
        let body = RowOpener::new(self.keys, self.place(request)).bytes("body", &body)?;
        Ok(KeptReply {
            status: u16::try_from(status).map_err(|_| Error::Unreadable(TABLE))?,
            location,
            revision,
            body: body.ok_or(Error::Unreadable(TABLE))?.to_vec(),
        })
    }

    /// A kept reply is sealed as a row whose id is the actor and the key together.
    fn place(&self, request: &IdempotentRequest) -> RowPlace {
        let digest = Sha256::new().chain_update(self.actor.as_bytes()).chain_update(&request.key).finalize();
        let mut row = [0; 16];
        row.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let owner = KeyOwner::shared(self.realm);
        RowPlace { institution: self.realm, table: TABLE, row: Uuid::from_bytes(row), owner }
    }
}

/// Forgets the replies that were kept longer than a day ago: a client that has not heard by then will not ask again,
/// and a reply may hold personal data.
///
/// # Errors
/// As the writer.
pub async fn forget_old_replies(database: &Database, environment: &Environment) -> Result<()> {
    let oldest = environment.now() - KEPT_FOR;
    database
        .writer()
        .run(move |connection, _| {
            diesel::delete(idempotency::table.filter(idempotency::created_at.before(oldest)))
                .execute(connection)?;
            Ok(())
        })
        .await
}

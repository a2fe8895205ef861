//! Replies that are kept so that a request sent twice is done once (`Idempotency-Key`): not what they said, only what
//! it was about, which is read anew when it is asked again.

use jiff::SignedDuration;
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::database::dialect::insert_if_absent;
use crate::database::query::prelude::*;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::keys::LoginIndex;
use crate::pool::Database;
use crate::schema::idempotency;

/// The table, as errors name it.
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

/// A reply to a request that created something, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReply {
    /// The HTTP status code.
    pub status: u16,
    /// The `Location` header.
    pub location: String,
    /// The revision that what was created had.
    pub revision: i32,
    /// The ids by which what was created is read again, and nothing else: a location need not name it.
    pub created_ids: String,
}

/// The replies that are kept for one actor.
pub struct KeptReplies<'a> {
    /// The account or token that asks.
    pub actor: Uuid,
    /// What keys the digest of requests.
    pub index: &'a LoginIndex,
    /// The time.
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
        );
        let inserted = insert_if_absent!(connection, diesel::insert_into(idempotency::table).values(row))?;
        Ok(inserted == 1)
    }

    /// Keeps the reply to a request whose key was reserved.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn keep(
        &self,
        connection: &mut AnyConnection,
        request: &IdempotentRequest,
        reply: &KeptReply,
    ) -> Result<()> {
        diesel::update(
            idempotency::table
                .filter(idempotency::actor_id.is(self.actor))
                .filter(idempotency::idempotency_key.eq(&request.key)),
        )
        .set((
            idempotency::status.eq(i32::from(reply.status)),
            idempotency::location.eq(Some(&reply.location)),
            idempotency::revision.eq(Some(reply.revision)),
            idempotency::created_ids.eq(Some(&reply.created_ids)),
        ))
        .execute(connection)?;
        Ok(())
    }

    /// The reply that was kept for a request.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key came with another request before.
    pub fn kept(&self, connection: &mut AnyConnection, request: &IdempotentRequest) -> Result<KeptReply> {
        type Row = (Vec<u8>, i32, Option<String>, Option<i32>, Option<String>);
        let (fingerprint, status, location, revision, created_ids): Row = idempotency::table
            .filter(idempotency::actor_id.is(self.actor))
            .filter(idempotency::idempotency_key.eq(&request.key))
            .select((
                idempotency::fingerprint,
                idempotency::status,
                idempotency::location,
                idempotency::revision,
                idempotency::created_ids,
            ))
            .first(connection)?;
        if fingerprint != self.index.of_request(&request.fingerprint)? {
            return Err(Error::KeyReused);
        }
        Ok(KeptReply {
            status: u16::try_from(status).map_err(|_| Error::Unreadable(TABLE))?,
            location: location.ok_or(Error::Unreadable(TABLE))?,
            revision: revision.ok_or(Error::Unreadable(TABLE))?,
            created_ids: created_ids.ok_or(Error::Unreadable(TABLE))?,
        })
    }
}

/// Forgets the replies that were kept longer than a day ago: a client that has not heard by then will not ask again.
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

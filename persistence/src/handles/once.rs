//! Doing the work of a request once, however often it is sent (`Idempotency-Key`).

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::error::Result;
use groeilijn_engine::idempotency::{IdempotentRequest, KeptReplies, KeptReply, forget_old_replies};
use uuid::Uuid;

use crate::handles::platform::PlatformWriter;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;

impl Store {
    /// Forgets the replies that were kept longer than a day ago.
    ///
    /// # Errors
    /// When the database is busy or cannot be written.
    pub async fn forget_old_replies(&self) -> Result<()> {
        forget_old_replies(self.data(), self.environment()).await
    }
}

impl TenantWriter<'_> {
    /// Does `work` once for a key: a second request with it gets the first one's reply.
    ///
    /// The key is reserved before the work begins, so that of two requests at once the second waits for the
    /// first; when the work fails, the reservation goes with it and the client may try again.
    ///
    /// # Errors
    /// [`KeyReused`](crate::Error::KeyReused) when the key came with another request before.
    pub fn once(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<KeptReply>,
    ) -> Result<KeptReply> {
        let replies = kept_replies(self.store(), self.institution(), self.principal().id());
        once(self, |writer: &mut Self| &mut *writer.connection, &replies, request, work)
    }
}

impl PlatformWriter<'_> {
    /// Does `work` once for a key, as [`TenantWriter::once`] does; the reply is kept under the platform's own key.
    ///
    /// # Errors
    /// As [`TenantWriter::once`].
    pub fn once(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<KeptReply>,
    ) -> Result<KeptReply> {
        let replies = kept_replies(self.store(), InstitutionId::PLATFORM, self.principal().id());
        once(self, |writer: &mut Self| &mut *writer.connection, &replies, request, work)
    }
}

fn kept_replies(store: &Store, realm: InstitutionId, actor: Uuid) -> KeptReplies<'_> {
    let (keys, index, environment) = (store.keys(), store.login_index(), store.environment());
    KeptReplies { realm, actor, keys, index, environment }
}

fn once<W>(
    writer: &mut W,
    connection: impl for<'w> Fn(&'w mut W) -> &'w mut AnyConnection,
    replies: &KeptReplies<'_>,
    request: Option<&IdempotentRequest>,
    work: impl FnOnce(&mut W) -> Result<KeptReply>,
) -> Result<KeptReply> {
    let Some(request) = request else { return work(writer) };
    if !replies.reserve(connection(writer), request)? {
        return replies.kept(connection(writer), request);
    }
    let reply = work(writer)?;
    replies.keep(connection(writer), request, &reply)?;
    Ok(reply)
}

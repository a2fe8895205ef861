//! Doing the work of a request once, however often it is sent (`Idempotency-Key`).

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
    /// Does `work` once for a key, and has what it made read anew with `read` when a request with that key comes again.
    ///
    /// The key is reserved before the work begins, so that of two requests at once the second waits for the
    /// first; when the work fails, the reservation goes with it and the client may try again.
    ///
    /// # Errors
    /// [`KeyReused`](crate::Error::KeyReused) when the key came with another request before; what `work` and `read`
    /// refuse.
    pub fn once<T>(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<(KeptReply, T)>,
        read: impl FnOnce(&mut Self, &KeptReply) -> Result<T>,
    ) -> Result<(KeptReply, T)> {
        let replies = kept_replies(self.store(), self.principal().id());
        once(self, |writer: &mut Self| &mut *writer.connection, &replies, request, work, read)
    }
}

impl PlatformWriter<'_> {
    /// Does `work` once for a key, as [`TenantWriter::once`] does.
    ///
    /// # Errors
    /// As [`TenantWriter::once`].
    pub fn once<T>(
        &mut self,
        request: Option<&IdempotentRequest>,
        work: impl FnOnce(&mut Self) -> Result<(KeptReply, T)>,
        read: impl FnOnce(&mut Self, &KeptReply) -> Result<T>,
    ) -> Result<(KeptReply, T)> {
        let replies = kept_replies(self.store(), self.principal().id());
        once(self, |writer: &mut Self| &mut *writer.connection, &replies, request, work, read)
    }
}

fn kept_replies(store: &Store, actor: Uuid) -> KeptReplies<'_> {
    KeptReplies { actor, index: store.login_index(), environment: store.environment() }
}

fn once<W, T>(
    writer: &mut W,
    connection: impl for<'w> Fn(&'w mut W) -> &'w mut AnyConnection,
    replies: &KeptReplies<'_>,
    request: Option<&IdempotentRequest>,
    work: impl FnOnce(&mut W) -> Result<(KeptReply, T)>,
    read: impl FnOnce(&mut W, &KeptReply) -> Result<T>,
) -> Result<(KeptReply, T)> {
    let Some(request) = request else { return work(writer) };
    if !replies.reserve(connection(writer), request)? {
        let kept = replies.kept(connection(writer), request)?;
        let found = read(writer, &kept)?;
        return Ok((kept, found));
    }
    let (reply, made) = work(writer)?;
    replies.keep(connection(writer), request, &reply)?;
    Ok((reply, made))
}

//! Changing what has a revision: it is read, its revision is held against `If-Match`, it is changed, and the client is
//! shown what it is now. All of that happens in one transaction, so nobody's work is overwritten unseen.

use groeilijn_persistence::{Platform, PlatformWriter, Result, Tenant, TenantWriter};
use serde::Serialize;

use super::etag::{IfMatch, Revised};
use super::problem::Problem;
use super::reply::{self, NoContent, Shown};

macro_rules! changes {
    ($(#[doc = $of:literal] $change:ident $delete:ident $data:ident $writer:ident;)+) => {$(
        #[doc = concat!("Changes something of ", $of, " and shows it as it is now.")]
        ///
        /// # Errors
        /// 412 when it was changed since the client saw it; what `read` and `change` refuse.
        pub async fn $change<S, C, T>(
            data: &$data,
            known: IfMatch,
            read: impl FnOnce(&mut $writer<'_>) -> Result<S> + Send + 'static,
            change: impl FnOnce(&mut $writer<'_>, S) -> Result<C> + Send + 'static,
        ) -> std::result::Result<Shown<T>, Problem>
        where
            S: Revised,
            C: Revised + Send + 'static,
            T: From<C> + Serialize,
        {
            let changed = data.write(move |writer| {
                let stored = read(writer)?;
                known.require(stored.revision())?;
                change(writer, stored)
            });
            reply::stored(changed.await?)
        }

        #[doc = concat!("Takes away something of ", $of, ".")]
        ///
        /// # Errors
        /// 412 when it was changed since the client saw it; what `read` and `delete` refuse.
        pub async fn $delete<S: Revised>(
            data: &$data,
            known: IfMatch,
            read: impl FnOnce(&mut $writer<'_>) -> Result<S> + Send + 'static,
            delete: impl FnOnce(&mut $writer<'_>, S) -> Result<()> + Send + 'static,
        ) -> std::result::Result<NoContent, Problem> {
            let deleted = data.write(move |writer| {
                let stored = read(writer)?;
                known.require(stored.revision())?;
                delete(writer, stored)
            });
            deleted.await?;
            Ok(NoContent)
        }
    )+};
}

changes! {
    /// an institution
    change delete Tenant TenantWriter;
    /// the platform
    change_on_platform delete_on_platform Platform PlatformWriter;
}

//! Rows that were forged: whoever they would let in is refused, and it is told.

use groeilijn_domain::platform::security_event::SecurityEventKind;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::error::{Error, Result};
use jiff::SignedDuration;

use crate::handles::store::Store;
use crate::platform::security_event::{self, NewSecurityEvent};

/// For how long it is told once, however often the row is met.
const TOLD_ONCE_IN: SignedDuration = SignedDuration::from_hours(1);

/// Keeps that a forged row of a table was met, unless that was told a short while ago. Whose address asked says nothing of
/// who forged it.
pub(crate) fn tell(connection: &mut AnyConnection, store: &Store, table: &'static str) -> Result<()> {
    tracing::error!(table, "a row that decides who gets in is not as the service wrote it");
    let kind = SecurityEventKind::RowForged;
    let since = store.environment().now() - TOLD_ONCE_IN;
    if security_event::count(connection, kind, None, since)? == 0 {
        let event = NewSecurityEvent { kind, institution: None, user: None, address: "" };
        security_event::insert(connection, store.environment(), &event)?;
    }
    Ok(())
}

impl Store {
    /// What was read, unless a row of it was forged: then there is nothing, and a security event says so.
    pub(crate) async fn unless_forged<T>(&self, found: Result<Option<T>>) -> Result<Option<T>> {
        let Err(Error::Forged(table)) = found else { return found };
        let store = self.clone();
        self.data().writer().run(move |connection, _| tell(connection, &store, table)).await?;
        Ok(None)
    }
}

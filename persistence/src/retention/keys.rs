//! Destroying the keys of whom and what ended: decided in the transaction that ended them, and carried out after it.

use groeilijn_engine::error::Result;
use groeilijn_engine::keys::{KeyKind, ends};
use jiff::Timestamp;

use crate::access::key_owner::{PERSON, USER};
use crate::handles::store::Store;
use crate::incidents::key_owner::INCIDENT;
use crate::institutions::key_owner::CONTACT_PERSON;
use crate::platform::key_owner::STAFF;
use crate::support::key_owner::SUPPORT_REQUEST;

/// Whose keys end with them.
static KINDS: [&KeyKind; 6] = [&USER, &PERSON, &STAFF, &SUPPORT_REQUEST, &CONTACT_PERSON, &INCIDENT];

impl Store {
    /// Destroys the keys whose time has come at the moment `now`. What cannot be destroyed is left for the next time.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn end_due_keys(&self, now: Timestamp) -> Result<()> {
        for kind in KINDS {
            for due in ends::due(self.data(), kind, now).await? {
                // One that fails does not keep the others.
                if let Err(error) = self.keys().end(self.data(), due).await {
                    tracing::error!(%error, kind = kind.code(), owner = %due.owner.id, "a key is left to be destroyed later");
                }
            }
        }
        Ok(())
    }
}

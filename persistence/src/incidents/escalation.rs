//! Writing to everybody again when nobody of the other side said to know of an incident (C124, C132).

use groeilijn_domain::incidents::RecordContent;
use groeilijn_domain::values::ids::{IncidentId, InstitutionId};
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::platform::PlatformReader;
use crate::handles::store::Store;
use crate::handles::tenant::TenantWriter;
use crate::incidents::adding::NewRecord;

impl Store {
    /// The incidents of which everybody is to be written to again at the moment `now`, with whose they are.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn unacknowledged_incidents(&self, now: Timestamp) -> Result<Vec<(InstitutionId, IncidentId)>> {
        let store = self.clone();
        self.data()
            .read_at_one_moment(Cost::Scan, move |connection| {
                PlatformReader { connection, store: &store }.unacknowledged_incidents(now)
            })
            .await
    }
}

impl TenantWriter<'_> {
    /// Writes to everybody again about an incident, unless somebody acknowledged it or another process did this meanwhile.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn escalate_incident(&mut self, id: IncidentId) -> Result<()> {
        match self.add_to_incident(id, &NewRecord { content: RecordContent::Escalation, at: None }) {
            Err(Error::Conflict(_)) => Ok(()),
            added => added,
        }
    }
}

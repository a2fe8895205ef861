//! What the draft of the notice to the authority is made of.

use groeilijn_domain::values::ids::IncidentId;
use groeilijn_engine::error::Result;

use crate::handles::tenant::TenantReader;
use crate::incidents::stored::WholeIncident;
use crate::institutions::contact_person::StoredContactPerson;
use crate::institutions::institution::StoredInstitution;

/// How many contact persons a draft names at most.
const MOST_CONTACTS: i64 = 100;

/// An incident, and whose it is.
pub struct DraftFacts {
    /// The incident with everything that was added.
    pub whole: WholeIncident,
    /// Whose it is.
    pub institution: StoredInstitution,
    /// Who can be asked: those who did not end.
    pub contacts: Vec<StoredContactPerson>,
}

impl TenantReader<'_> {
    /// What the draft of the notice of an incident is made of.
    ///
    /// # Errors
    /// As [`Self::incident`].
    pub fn incident_draft(&mut self, id: IncidentId) -> Result<DraftFacts> {
        let whole = self.incident(id)?;
        let institution = self.own_institution()?;
        let mut contacts = self.contact_persons(None, MOST_CONTACTS)?;
        contacts.retain(|contact| contact.ended_at.is_none());
        Ok(DraftFacts { whole, institution, contacts })
    }
}

//! Incidents and what was added to them, as they are read.

use groeilijn_domain::incidents::{
    IncidentChannel, IncidentClock, IncidentReport, IncidentSource, IncidentStanding, RecordContent, Recorded,
};
use groeilijn_domain::institutions::institution::BreachReporter;
use groeilijn_domain::values::ids::{
    IncidentCaseId, IncidentId, IncidentRecordId, InstitutionId, SecurityEventId, UserId,
};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An incident as it is kept, and how it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredIncident {
    /// Its id.
    pub id: IncidentId,
    /// Whose it is.
    pub institution: InstitutionId,
    /// What it has in common with those of other institutions.
    pub case: IncidentCaseId,
    /// What was told of it, without the texts.
    pub report: IncidentReport,
    /// From whom the knowledge came.
    pub source: IncidentSource,
    /// How it became known, when somebody else told it.
    pub channel: Option<IncidentChannel>,
    /// Who entered it.
    pub reporter: UserId,
    /// The security event that it came from.
    pub security_event: Option<SecurityEventId>,
    /// The texts; nothing when they ended, and for whoever is not shown them.
    pub content: Option<ReportContent>,
    /// How it stands.
    pub standing: IncidentStanding,
    /// Who reports a breach under the institution's contract.
    pub breach_reporter: BreachReporter,
    /// When it was read, in UTC.
    pub read_at: Timestamp,
}

impl StoredIncident {
    /// The clock of the controller, as it stood when the incident was read.
    pub fn clock(&self) -> Option<IncidentClock> {
        self.standing.clock(self.read_at)
    }
}

/// What was told of an incident, in words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportContent {
    /// What happened, in short.
    pub summary: FreeText,
    /// Who told it, when that was somebody else.
    pub told_by: Option<ShortText>,
}

/// An incident with what was added to it, in that order.
pub struct WholeIncident {
    /// The incident.
    pub incident: StoredIncident,
    /// What was added: all of it, or the last alone.
    pub records: Vec<StoredRecord>,
}

/// What was added to an incident.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its id.
    pub id: IncidentRecordId,
    /// Its place, from 1.
    pub number: i32,
    /// What it says, without the texts.
    pub recorded: Recorded,
    /// Who added it; none for the service itself.
    pub author: Option<UserId>,
    /// What it says; nothing when the texts ended, and for whoever is not shown them.
    pub content: Option<RecordContent>,
}

/// What was sealed; nothing when its key was destroyed.
pub(super) fn until_ended<T>(opened: Result<T>) -> Result<Option<T>> {
    match opened {
        Err(Error::Destroyed) => Ok(None),
        opened => opened.map(Some),
    }
}

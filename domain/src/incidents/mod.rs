//! The register of security incidents, of which some are a datalek (C122–C133).
//!
//! An incident is one institution's, the controller's, with a clock of its own. What is known of it is never changed: it is
//! what was reported, and the records that were added since. How it stands follows from them ([`IncidentStanding`]).

mod clock;
mod contents;
mod decision;
mod draft;
mod from_log;
mod notice;
mod record;
mod report;
mod stage;
mod standing;
mod telling;

pub use clock::{IncidentClock, TERM, deadline};
pub use contents::{
    Affected, AffectedData, AffectedGroup, BreachCause, BreachNature, ContentItem, Happened,
    IncidentContents, NotYetKnown, SecurityPart,
};
pub use decision::{DecisionRule, DecisionStep, IncidentDecision, StepAnswer};
pub use draft::missing_for_authority;
pub use from_log::FromLog;
pub use notice::{
    Consultable, Consultation, CostKind, IncidentCost, Notice, NoticeStep, PeopleInformed,
    check_consultations,
};
pub use record::{MOST_RECORDS, NotAdmitted, RecordContent, RecordFacts, RecordKind, Recorded};
pub use report::{
    IncidentChannel, IncidentKind, IncidentReport, IncidentSource, MOST_INSTITUTIONS, check_institutions,
    check_source,
};
pub use stage::{IncidentStage, Restored, StageReached};
pub use standing::{Addition, Decided, IncidentStanding};
pub use telling::{ACKNOWLEDGED_WITHIN, IncidentNews, LOOKED_AT_FOR, UpdateKind};

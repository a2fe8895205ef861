//! The register of security incidents, of which some are a datalek (C122–C133).
//!
//! An incident is one institution's, the controller's, with a clock of its own. What is known of it is never changed: it is
//! what was reported, and the records that were added since. How it stands follows from them ([`IncidentStanding`]).

mod clock;
mod record;
mod report;
mod stage;
mod standing;
mod telling;

pub use clock::{IncidentClock, TERM, deadline};
pub use record::{NotAdmitted, RecordContent, RecordFacts, RecordKind, Recorded};
pub use report::{
    IncidentChannel, IncidentKind, IncidentReport, IncidentSource, check_institutions, check_source,
};
pub use stage::{IncidentStage, Restored, StageReached};
pub use standing::IncidentStanding;
pub use telling::IncidentNews;

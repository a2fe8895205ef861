//! Follow-ups: what is planned for a line of a registration that needs extra attention, and what came of it (C025). Each is
//! sealed under the key of its child, and stands beside the registration: its versions know nothing of it.

mod change;
mod due;
mod read;

pub use due::{DueFollowUp, FollowUpFilter};

use groeilijn_domain::access::author::Author;
use groeilijn_domain::children::follow_up::{FollowUpFields, FollowUpText};
use groeilijn_domain::values::ids::{FollowUpId, PupilId, RegistrationId};
use jiff::Timestamp;
use jiff::civil::Date;

const TABLE: &str = "follow_up";

/// A follow-up as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// The child.
    pub pupil: PupilId,
    /// The registration that it stands beside.
    pub registration: RegistrationId,
    /// What is planned; without its text when masked.
    pub fields: FollowUpFields,
    /// Whether texts are masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// Who planned it.
    pub author: Author,
    /// That somebody looked.
    pub finished: Option<Finished>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was planned, in UTC.
    pub created_at: Timestamp,
    /// When it was last changed, in UTC.
    pub changed_at: Timestamp,
}

/// That a follow-up is finished.
#[derive(Clone, PartialEq, Eq)]
pub struct Finished {
    /// What came of it; empty when masked.
    pub outcome: FollowUpText,
    /// Who looked.
    pub by: Author,
    /// When that was written down, in UTC.
    pub at: Timestamp,
}

/// A follow-up to be planned.
pub struct NewFollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// The registration that it stands beside.
    pub registration: RegistrationId,
    /// What is planned.
    pub fields: FollowUpFields,
}

/// What changes about a follow-up; what is `None` stays.
#[derive(Default)]
pub struct FollowUpChange {
    /// What is planned.
    pub plan: Option<FollowUpText>,
    /// The day on which somebody looks again, in Europe/Amsterdam.
    pub follow_up_on: Option<Date>,
}

//! Registrations: what was judged of a child at one moment, in versions (C025, C070).
//!
//! A registration has at most one open draft, which is saved step by step (C071), and any number of final
//! versions, of which the latest one counts until the registration is withdrawn. A final version is never changed: a
//! correction is a new one.

mod change;
pub(crate) mod content;
mod due;
mod read;
mod readiness;

pub use due::{DueChild, OpenDraft};
pub(crate) use read::Shown;
pub use readiness::StoredReadiness;

use groeilijn_domain::access::author::Author;
use groeilijn_domain::children::registration::{Judgements, RegistrationState};
use groeilijn_domain::children::withdrawal::Withdrawal;
use groeilijn_domain::values::calendar::HalfYear;
use groeilijn_domain::values::ids::{FrameworkId, GroupId, PupilId, RegistrationId};
use groeilijn_domain::values::text::ShortText;
use jiff::Timestamp;
use jiff::civil::Date;

const TABLE: &str = "registration";

/// A registration to be made.
pub struct NewRegistration {
    /// Its id.
    pub id: RegistrationId,
    /// The child.
    pub pupil: PupilId,
    /// The version of the framework that it is judged by; when absent, the one that the institution chose for the
    /// child's age.
    pub framework: Option<FrameworkId>,
    /// The day the child was looked at, in Europe/Amsterdam.
    pub registered_on: Date,
    /// What is judged already; may be empty.
    pub judgements: Judgements,
}

/// A registration with one of its versions. `J` is as much of the judgements as was read: all, or
/// [`serde::de::IgnoredAny`].
pub struct StoredRegistration<J = Judgements> {
    /// The registration.
    pub facts: RegistrationFacts,
    /// The version.
    pub version: StoredVersion<J>,
}

/// What all versions of a registration share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationFacts {
    /// Its id.
    pub id: RegistrationId,
    /// The child.
    pub pupil: PupilId,
    /// The group that the child was in on that day.
    pub group: GroupId,
    /// The version of the framework that it is judged by.
    pub framework: FrameworkId,
    /// The half-year it counts for (C027).
    pub half_year: HalfYear,
    /// The day the child was looked at, in Europe/Amsterdam.
    pub registered_on: Date,
    /// The number of the open draft, if there is one.
    pub draft: Option<i32>,
    /// The number of the latest final version, if there is one.
    pub finalised: Option<i32>,
    /// How often it was changed, its versions included.
    pub revision: i32,
    /// When it was begun, in UTC.
    pub created_at: Timestamp,
    /// That it was withdrawn, and counts nowhere.
    pub withdrawal: Option<Withdrawal>,
}

/// One version of a registration.
pub struct StoredVersion<J = Judgements> {
    /// Counts from 1.
    pub number: i32,
    /// Whether it can still change.
    pub state: RegistrationState,
    /// Who began it.
    pub author: Author,
    /// The child's age in completed months on the day it was registered, by the birth date that is known now (C026).
    pub age_months: u16,
    /// The age it would have had if it had been born in time, until it is two years old.
    pub corrected_age_months: Option<u16>,
    /// What is judged.
    pub judgements: J,
    /// Why it corrects the version before; `None` for the first one.
    pub reason: Option<ShortText>,
    /// Whether the reason is masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// When it was begun, in UTC.
    pub created_at: Timestamp,
    /// When it was last saved, in UTC.
    pub changed_at: Timestamp,
    /// When it became final, in UTC.
    pub finalised_at: Option<Timestamp>,
}

//! Overviews of a child and of a group (C028), made from final registrations.
//!
//! A registration is read with the version of the framework that it was made with, so a later version never
//! changes what an earlier judgement meant. The lines of the framework in use come first, in its order; a
//! line that only older registrations know follows them and is not left out.

mod by_code;
mod child;
mod effect;
mod group;
mod position;

use jiff::civil::Date;
use serde::Serialize;

pub use child::{
    ChildNote, ChildOverview, ChildRegistration, LineProgress, Point, ScalePoint, ScaleProgress,
};
pub use effect::LineEffect;
pub use group::{ChildRow, GroupChild, GroupOverview, LatestRegistration, LineCell, LineSummary};
pub use position::{Level, Position, line_position};

use crate::values::calendar::HalfYear;
use crate::values::ids::RegistrationId;

/// Which registration something comes from, and when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationMoment {
    /// The registration.
    pub registration: RegistrationId,
    /// The day the child was looked at.
    pub date: Date,
    /// The half-year it counts for (C027).
    pub half_year: HalfYear,
    /// The child's age on that day, in completed months.
    pub age_months: u16,
    /// The age it would have had if it had been born in time, until it is two years old.
    pub corrected_age_months: Option<u16>,
}

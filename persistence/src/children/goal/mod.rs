//! Goals of a group: what it works towards on a development line, for whom, and what it was offered (C142).
//!
//! Line and texts are under the institution's key: they tell of the group (ADR 73). Whom a goal is meant for are rows that
//! go with the child; a caller is told of those among them whom she reaches.

mod change;
mod effect;
mod read;

use groeilijn_domain::access::author::Author;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::goal::{GoalFields, GoalText};
use groeilijn_domain::values::ids::{FrameworkId, GoalId, GoalOfferId, GroupId, PupilId};
use jiff::Timestamp;
use jiff::civil::Date;

pub use effect::{ChildEffect, GoalEffect};

const TABLE: &str = "goal";
const OFFERS: &str = "goal_offer";

/// A goal as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredGoal {
    /// Its id.
    pub id: GoalId,
    /// The group.
    pub group: GroupId,
    /// The version of the framework that its line is of.
    pub framework: FrameworkId,
    /// What it says, with the children among those meant whom the caller reaches, in the order of their ids.
    pub fields: GoalFields,
    /// Whether texts are masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// Who set it.
    pub author: Author,
    /// What was offered for it, by day.
    pub offers: Vec<StoredOffer>,
    /// How often it was changed, its offers included.
    pub revision: i32,
    /// When it was set, in UTC.
    pub created_at: Timestamp,
    /// When it was last changed or something was offered, in UTC.
    pub changed_at: Timestamp,
}

/// What was offered on one day.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredOffer {
    /// Its id.
    pub id: GoalOfferId,
    /// The day, in Europe/Amsterdam.
    pub offered_on: Date,
    /// What it was; empty when masked.
    pub text: GoalText,
    /// Who wrote it down.
    pub author: Author,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

/// A goal to be set.
pub struct NewGoal {
    /// Its id.
    pub id: GoalId,
    /// The framework that its line is of; when absent, the one that is chosen for the age of most of the children.
    pub framework: Option<FrameworkId>,
    /// What it says.
    pub fields: GoalFields,
}

/// What changes about a goal; what is `None` stays.
#[derive(Default)]
pub struct GoalChange {
    /// The framework that its line is of.
    pub framework: Option<FrameworkId>,
    /// The development line.
    pub line: Option<LineCode>,
    /// The first day.
    pub first_day: Option<Date>,
    /// The last day.
    pub last_day: Option<Date>,
    /// What is worked towards.
    pub text: Option<GoalText>,
    /// The children it is meant for, of those whom the caller reaches.
    pub pupils: Option<Vec<PupilId>>,
}

impl GoalChange {
    fn of(self, goal: GoalFields) -> GoalFields {
        GoalFields {
            line: self.line.unwrap_or(goal.line),
            first_day: self.first_day.unwrap_or(goal.first_day),
            last_day: self.last_day.unwrap_or(goal.last_day),
            text: self.text.unwrap_or(goal.text),
            pupils: self.pupils.unwrap_or(goal.pupils),
        }
    }
}

/// Which goals of a group a list shows; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoalFilter {
    /// Only those on this line.
    pub line: Option<LineCode>,
    /// Only those that are worked on on this day or later.
    pub from: Option<Date>,
    /// Only those that are worked on on this day or earlier.
    pub until: Option<Date>,
}

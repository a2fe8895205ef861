//! Pupils: the children that are followed, each sealed under a key of its own (C023, C074).

mod birth_date;
mod change;
mod number;
mod read;
mod roster;

use groeilijn_domain::children::departure::Departure;
use groeilijn_domain::children::pupil::{PupilFields, YearLevel};
use groeilijn_domain::children::school_key::SchoolKey;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::person::{Gender, PersonName};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::children::additional_group::StoredAdditionalGroup;

pub use birth_date::EarlierBirthDate;
pub(crate) use change::ReadyPupil;
pub use number::{NumberSeen, PupilNumber};
pub(crate) use read::{open_birth, open_birth_date, open_year_level};

pub(super) const TABLE: &str = "pupil";

/// By how much a revision rises when a departure is taken back: that it had begun counted in the tag as well.
pub(super) const TAKEN_BACK: i32 = 2;

/// A pupil as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPupil {
    /// Its id.
    pub id: PupilId,
    /// Whether the particulars are masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// What is known of it.
    pub fields: PupilFields,
    /// The key that the school's own administration gives it.
    pub school_key: Option<SchoolKey>,
    /// The group it is in, since when.
    pub group: Option<(GroupId, Date)>,
    /// How often it was changed.
    pub revision: i32,
    /// How often a day came from which on it was placed beforehand, or was gone: what is shown of it changes then too. Zero
    /// where all pupils are read.
    pub turns: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
    /// Since when it is in the archive, in UTC; `None` for one that is not.
    pub archived_at: Option<Timestamp>,
    /// That it leaves the institution, or left.
    pub departure: Option<Departure>,
}

/// Which pupils a list shows. Those in the archive and those who left are told to whoever reaches the whole institution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listing {
    /// Those in the archive, in place of those who are not.
    pub archived: bool,
    /// Those who left before today. Without it a list of who is not in the archive is of those who did not leave.
    pub left: bool,
    /// Those who were in the group on this day, also those who left since, in place of those who are in it now.
    pub on: Option<Date>,
    /// Those in this year level alone.
    pub year_level: Option<YearLevel>,
}

impl Listing {
    /// Whether it tells only of children who are there: those in the archive and those who left are told to whoever reaches
    /// the whole institution.
    pub(super) fn is_of_those_who_are_there(self) -> bool {
        !self.archived && !self.left
    }
}

/// A pupil as a roster shows it: no more than is needed to know who it is.
#[derive(Clone, PartialEq, Eq)]
pub struct ListedPupil {
    /// Its id.
    pub id: PupilId,
    /// Its name.
    pub name: PersonName,
    /// Its gender.
    pub gender: Gender,
    /// The day of its birth.
    pub birth_date: Date,
    /// The year level that it is in, if it is in one.
    pub year_level: Option<YearLevel>,
    /// Its main group, now or on the day that was asked for, since when.
    pub group: Option<(GroupId, Date)>,
    /// The groups beside it.
    pub additional_groups: Vec<StoredAdditionalGroup>,
    /// How often it was changed.
    pub revision: i32,
    /// As of [`StoredPupil`].
    pub turns: i32,
    /// Since when it is in the archive, in UTC.
    pub archived_at: Option<Timestamp>,
    /// Its last day at the institution, if it leaves or left.
    pub last_day: Option<Date>,
}

//! Pupils: the children that are followed, each sealed under a key of its own (C023, C074).

mod change;
mod eck_id;
mod read;

use groeilijn_domain::children::pupil::PupilFields;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_domain::values::person::{Gender, PersonName};
use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use change::ReadyPupil;
pub use eck_id::EckIdSeen;
pub(crate) use read::open_birth_date;

const TABLE: &str = "pupil";

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
    pub school_key: Option<String>,
    /// The group it is in, since when.
    pub group: Option<(GroupId, Date)>,
    /// How often it was changed.
    pub revision: i32,
    /// How often a day came from which on it was placed beforehand: what is shown of it changes then too. Zero where
    /// all pupils are read.
    pub turns: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
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
    /// The group it is in, since when.
    pub group: Option<(GroupId, Date)>,
    /// How often it was changed.
    pub revision: i32,
    /// As of [`StoredPupil`].
    pub turns: i32,
}

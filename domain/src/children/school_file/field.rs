//! The fields of a school file, by the names they have in the API.

/// A pupil's birth date.
pub const BIRTH_DATE: &str = "birthDate";
/// How many day-parts a week a pupil comes.
pub const DAY_PARTS_PER_WEEK: &str = "dayPartsPerWeek";
/// A pupil's ECK iD (C030).
pub const ECK_ID: &str = "eckId";
/// A pupil's first name.
pub const FIRST_NAME: &str = "firstName";
/// A pupil's gender.
pub const GENDER: &str = "gender";
/// The group a pupil is in.
pub const GROUP: &str = "group";
/// The language spoken at a pupil's home.
pub const HOME_LANGUAGE: &str = "homeLanguage";
/// A pupil's tussenvoegsel.
pub const INFIX: &str = "infix";
/// A pupil's last name.
pub const LAST_NAME: &str = "lastName";
/// The day on which a pupil left the school.
pub const LEFT_ON: &str = "leftOn";
/// Where a group is.
pub const LOCATION: &str = "location";
/// What a group is called.
pub const NAME: &str = "name";
/// Particulars of a pupil.
pub const PARTICULARS: &str = "particulars";
/// The first day of a pupil in the group.
pub const PLACED_ON: &str = "placedOn";
/// The school administration's key for a pupil or group.
pub const SCHOOL_KEY: &str = "schoolKey";
/// The year level (jaargroep) that a pupil is in.
pub const YEAR_LEVEL: &str = "yearLevel";
/// Whether a pupil takes part in early childhood education.
pub const VVE: &str = "vve";

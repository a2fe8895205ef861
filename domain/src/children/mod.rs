//! Children: the groups they are in, what is seen of them, and how it is looked at.

pub mod additional_group;
pub mod archive;
pub mod departure;
pub mod eck_id;
pub mod feed;
pub mod follow_up;
pub mod framework;
pub mod goal;
pub mod group;
pub mod import;
pub mod note;
pub mod overview;
pub mod parent_report;
pub mod placement;
pub mod placement_change;
pub mod pupil;
pub mod registration;
pub mod school_file;
pub mod school_key;
pub mod school_year_transition;
pub mod shared_note;
pub mod withdrawal;

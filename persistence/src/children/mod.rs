//! Children: the groups they are in, and what is written about them.

pub mod additional_group;
pub mod archive;
mod departure;
mod edition;
pub mod feed;
pub mod follow_up;
pub mod framework;
pub mod goal;
pub mod group;
pub mod group_report;
pub mod import;
pub mod key_owner;
mod masked;
pub mod note;
pub mod overview;
pub mod parent_report;
pub mod placement;
pub mod placement_change;
pub mod pupil;
pub mod reach;
pub mod registration;
#[allow(missing_docs, reason = "the columns are described in the migrations")]
pub(crate) mod schema;
pub mod school_year_transition;
pub(crate) mod stay;
mod withdrawal;

//! Children: the groups they are in, and what is written about them.

pub mod additional_group_body;
pub mod additional_groups;
pub mod archive;
pub mod batches;
pub mod birth_dates;
pub mod changes;
pub mod departed;
pub mod departures;
pub mod due_registrations;
pub mod follow_ups;
pub mod framework_choices;
pub mod frameworks;
pub mod goals;
pub mod groups;
pub mod imports;
pub mod notes;
pub mod notes_of_several;
pub mod overviews;
pub mod parent_reports;
pub mod placement_changes;
pub mod placements;
pub mod pupils;
pub mod readiness;
pub mod registrations;
pub mod school_year_transitions;
pub mod withdrawals;

//! What becomes of a school file: a plan made before anything is changed (C023, C030).
//!
//! The plan is a plain function of the file and of what is stored, so a dry run and the real run decide
//! alike, and carrying out a plan and then planning the same file again changes nothing more.

pub mod field;
mod groups;
mod identity;
mod plan;
mod pupils;
mod state;
mod values;

use jiff::civil::Date;

use self::groups::GroupPlan;
pub use self::plan::{
    Action, Counts, ExistingGroup, ExistingPupil, GroupRef, Outcome, Plan, PlanLine, PlannedPlacement,
    Reason, RecordKind,
};
use self::pupils::PupilPlanner;
pub use self::state::{Failure, ImportState, KEPT};
use crate::children::school_file::SchoolFile;
use crate::values::calendar::SchoolYear;

/// Decides what becomes of `file` in an institution with these `pupils` and `groups`.
///
/// - A group is recognised by its key within its school year, else by its name in that year; the year is the
///   file's, or `default_school_year`. A new group is created only if a pupil will be placed in it.
/// - A pupil is recognised by its ECK iD, else by the school administration's key, never by its name.
/// - What the file does not say stays as it is stored. An infix belongs to its last name: a new last name
///   without one has none.
/// - A placement starts on the date in the file, but not before the school year of the group or the child's
///   birth; without a date, on the later of those two. A child that was placed on or after that day moves
///   `today` (a day in Amsterdam) instead, for history is not rewritten.
pub fn plan(
    file: &SchoolFile,
    pupils: &[ExistingPupil<'_>],
    groups: &[ExistingGroup<'_>],
    default_school_year: SchoolYear,
    today: Date,
) -> Plan {
    let school_year = file.school_year.unwrap_or(default_school_year);
    let mut group_plan = GroupPlan::new(&file.groups, groups, school_year);
    let planner = PupilPlanner::new(&file.pupils, pupils, school_year, today);
    let pupil_lines = planner.plan(&file.pupils, &mut group_plan);
    let mut lines = group_plan.finish();
    lines.extend(pupil_lines);
    Plan {
        lines,
        dropped: file.dropped.clone(),
        ignored_columns: file.ignored_columns.clone(),
        teachers_seen: file.teachers_seen,
    }
}

#[cfg(test)]
mod tests;

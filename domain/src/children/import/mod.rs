//! What becomes of a school file: a plan made before anything is changed (C023, C030).
//!
//! The plan is a plain function of the file and of what is stored, so a dry run and the real run decide
//! alike, and carrying out a plan and then planning the same file again changes nothing more.

mod answers;
mod groups;
mod identity;
mod message;
mod plan;
mod pupils;
mod state;
mod values;

use jiff::civil::Date;

pub use self::answers::Answers;
use self::groups::{GroupPlan, NewGroups};
pub use self::message::in_dutch;
pub use self::plan::{
    Action, Counts, ExistingGroup, ExistingPupil, GroupRef, MAY_EXIST_ALREADY, Outcome, Plan, PlanLine,
    PlannedPlacement, Reason, RecordKind,
};
use self::pupils::PupilPlanner;
pub use self::state::{Failure, ImportState, KEPT};
use crate::children::school_file::SchoolFile;
pub use crate::children::school_file::field;
use crate::institutions::institution::Brin;
use crate::values::calendar::SchoolYear;
use crate::values::refusal::Refusal;

/// Decides what becomes of `file` in an institution with these `pupils` and `groups`.
///
/// - A group is recognised by its key within its school year, else by its name in that year; the year is the
///   file's, or `default_school_year`. A new group is created only if a pupil will be placed in it.
/// - A pupil is recognised by its ECK iD, else by the school administration's key, never by its name. Somebody of the name and
///   birth date of a new one, whom no number tells apart from it, is proposed as the same child: `answers` say whether it is.
/// - Who is in a group on the day from which the file is about and in no record of it is named, and stays where it is.
/// - What the file does not say stays as it is stored. An infix belongs to its last name: a new last name
///   without one has none.
/// - A placement starts on the date in the file, but not before the school year of the group or the child's
///   birth; without a date, on the later of those two. A child that was placed on or after that day moves
///   `today` (a day in Amsterdam) instead, for history is not rewritten. What is planned after that day stays.
/// - A file of an earlier school year moves nobody who was placed since.
pub fn plan(
    file: &SchoolFile,
    pupils: &[ExistingPupil<'_>],
    groups: &[ExistingGroup<'_>],
    answers: &Answers,
    default_school_year: SchoolYear,
    today: Date,
) -> Plan {
    let school_year = file.school_year.unwrap_or(default_school_year);
    let mut group_plan = GroupPlan::new(&file.groups, groups, school_year);
    let planner = PupilPlanner::new(&file.pupils, pupils, answers, school_year, today);
    let missing = planner.missing(pupils);
    let pupil_lines = planner.plan(&file.pupils, &mut group_plan);
    let NewGroups { mut lines, all, to_confirm } = group_plan.finish();
    lines.extend(pupil_lines);
    let mut plan = Plan {
        lines,
        missing,
        new_groups: all,
        groups_to_confirm: to_confirm,
        dropped: file.dropped.clone(),
        ignored_columns: file.ignored_columns.clone(),
        teachers_seen: file.teachers_seen,
    };
    plan.number();
    plan
}

/// What there is to say of a file whose groups are in `school_year`, when it is sent on the day `today`.
pub fn remark_on_year(school_year: SchoolYear, today: Date) -> Option<Refusal> {
    let detail =
        "the file is of an earlier school year: children who are in a group of a later year stay there";
    (school_year.last_day() < today).then(|| Refusal::new("earlier-school-year", detail))
}

/// Whether a file of the school with the number `of` is of no school with one of the numbers `own`: those of the institution and
/// of its locations. Where there is none, and when it cannot be read, nothing is said of it.
pub fn is_of_other_school(of: Option<&str>, own: &[Brin]) -> bool {
    let of = of.and_then(|of| Brin::parse(of).ok());
    of.is_some_and(|of| !own.is_empty() && !own.iter().any(|own| own.agrees_with(&of)))
}

/// What there is to say of a file of another school.
pub fn remark_on_other_school() -> Refusal {
    Refusal::new("other-school", "the file is of another school, by its BRIN")
}

/// That whoever has a file carried out knows that it is of another school, if it is.
///
/// # Errors
/// `other-school-not-confirmed`.
pub fn check_school(is_of_other: bool, is_confirmed: bool) -> Result<(), Refusal> {
    if is_confirmed || !is_of_other {
        return Ok(());
    }
    let detail =
        "by its BRIN the file is of another school: send `otherSchool` when it is meant all the same";
    Err(Refusal::new("other-school-not-confirmed", detail))
}

/// The code of a refusal to make groups that nobody confirmed.
pub const GROUPS_NOT_CONFIRMED: &str = "groups-not-confirmed";

/// That all groups that want it were confirmed.
///
/// # Errors
/// [`GROUPS_NOT_CONFIRMED`].
pub fn check_confirmed(to_confirm: &[String], confirmed: &[String]) -> Result<(), Refusal> {
    let missing = to_confirm.iter().filter(|name| !confirmed.contains(name)).count();
    if missing == 0 {
        return Ok(());
    }
    let detail = format!(
        "the import would make {missing} of the groups in its `groupsToConfirm`, which may be mistyped names of groups \
         that are there: send the names of those that are really new as `newGroups`"
    );
    Err(Refusal::new(GROUPS_NOT_CONFIRMED, detail))
}

#[cfg(test)]
mod tests;

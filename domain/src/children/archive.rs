//! The archive: what is no longer used stays to be consulted, and is in no list of what is (C104).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::values::calendar::SchoolYear;
use crate::values::refusal::Refusal;

/// That a child or group may be written about, given since when it is in the archive.
///
/// # Errors
/// `archived`.
pub fn check_active(archived_at: Option<Timestamp>) -> Result<(), Refusal> {
    if archived_at.is_some() {
        return Err(Refusal::new("archived", "it is in the archive: restore it first"));
    }
    Ok(())
}

/// That a child or group can be restored, given since when it is in the archive.
///
/// # Errors
/// `not-archived`.
pub fn check_archived(archived_at: Option<Timestamp>) -> Result<(), Refusal> {
    if archived_at.is_none() {
        return Err(Refusal::new("not-archived", "it is not in the archive"));
    }
    Ok(())
}

/// That a group may be archived, given whether children are in it today or are going to be.
///
/// # Errors
/// `group-not-empty`.
pub fn check_empty(has_children: bool) -> Result<(), Refusal> {
    if has_children {
        let detail = "children are in this group, or are going to be: place them elsewhere first";
        return Err(Refusal::new("group-not-empty", detail));
    }
    Ok(())
}

/// That a school year may be archived on the day `today` in Amsterdam.
///
/// # Errors
/// `school-year-not-over`.
pub fn check_over(year: SchoolYear, today: Date) -> Result<(), Refusal> {
    if today <= year.last_day() {
        return Err(Refusal::new("school-year-not-over", "a school year is archived when it is over"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn c104_a_school_year_is_archived_from_the_first_day_of_the_next() {
        let year = SchoolYear::parse("2025-2026").unwrap();
        assert_eq!(check_over(year, date(2026, 7, 31)).unwrap_err().code, "school-year-not-over");
        assert_eq!(check_over(year, date(2026, 8, 1)), Ok(()));
    }

    #[test]
    fn c104_what_is_archived_is_restored_and_nothing_else() {
        let archived = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(check_active(archived).unwrap_err().code, "archived");
        assert_eq!(check_archived(None).unwrap_err().code, "not-archived");
        assert_eq!((check_active(None), check_archived(archived)), (Ok(()), Ok(())));
        assert_eq!(check_empty(true).unwrap_err().code, "group-not-empty");
    }
}

//! Groups of children.

use serde::Serialize;

use crate::values::calendar::SchoolYear;
use crate::values::ids::LocationId;
use crate::values::refusal::Refusal;
use crate::values::text::Label;

/// A group as an administrator makes it: for one school year (C006, C029).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGroup {
    /// What the group is called.
    pub name: Label,
    /// The school year that it exists in.
    pub school_year: SchoolYear,
    /// What the place where it is is called, for an institution of several.
    pub location: Option<Label>,
    /// The location of the institution that it is at: who is limited to that one reaches it (C143).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
}

/// That a group may be taken away, given whether a child is or was in it: its children's history stays.
///
/// # Errors
/// `group-in-use`.
pub fn check_unused(in_use: bool) -> Result<(), Refusal> {
    if in_use {
        return Err(Refusal::new("group-in-use", "children are or were in this group"));
    }
    Ok(())
}

/// That the school year of a group may change from `known` to `wanted`, given whether a child is or was in it: its
/// children are in it in that year.
///
/// # Errors
/// `has-children`.
pub fn check_school_year(known: SchoolYear, wanted: SchoolYear, in_use: bool) -> Result<(), Refusal> {
    if in_use && known != wanted {
        let detail = "children are or were in this group: make another one for another school year";
        return Err(Refusal::new("has-children", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_held_a_child_stays() {
        assert_eq!(check_unused(false), Ok(()));
        assert_eq!(check_unused(true).unwrap_err().code, "group-in-use");
    }

    #[test]
    fn a_group_that_held_a_child_stays_in_its_year() {
        let [one, other] = ["2026-2027", "2027-2028"].map(|year| SchoolYear::parse(year).unwrap());
        assert_eq!(check_school_year(one, other, false), Ok(()));
        assert_eq!(check_school_year(one, one, true), Ok(()));
        assert_eq!(check_school_year(one, other, true).unwrap_err().code, "has-children");
    }

    #[test]
    fn is_written_in_camel_case() {
        let group = NewGroup {
            name: Label::parse("Groep 1 Regenboog").unwrap(),
            school_year: SchoolYear::parse("2026-2027").unwrap(),
            location: None,
            location_id: None,
        };
        assert_eq!(
            serde_json::to_string(&group).unwrap(),
            r#"{"name":"Groep 1 Regenboog","schoolYear":"2026-2027","location":null}"#
        );
    }
}

//! Groups of children.

use serde::Serialize;

use crate::values::calendar::SchoolYear;
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
    /// Where it is, for an institution of several locations.
    pub location: Option<Label>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_held_a_child_stays() {
        assert_eq!(check_unused(false), Ok(()));
        assert_eq!(check_unused(true).unwrap_err().code, "group-in-use");
    }

    #[test]
    fn is_written_in_camel_case() {
        let group = NewGroup {
            name: Label::parse("Groep 1 Regenboog").unwrap(),
            school_year: SchoolYear::parse("2026-2027").unwrap(),
            location: None,
        };
        assert_eq!(
            serde_json::to_string(&group).unwrap(),
            r#"{"name":"Groep 1 Regenboog","schoolYear":"2026-2027","location":null}"#
        );
    }
}

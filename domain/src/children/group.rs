//! Groups of children.
use serde::Serialize;

use crate::values::calendar::SchoolYear;
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

#[cfg(test)]
mod tests {
    use super::*;

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

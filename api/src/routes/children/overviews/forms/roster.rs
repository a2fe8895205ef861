//! The children of a group, as people look for them.

use super::super::bodies::OverviewChild;

/// The children in the order in which a list of a class has them.
pub(super) fn by_name<'a, 'b>(children: &'a [OverviewChild<'b>]) -> Vec<&'a OverviewChild<'b>> {
    let mut children: Vec<_> = children.iter().collect();
    children.sort_by_key(|child| (child.last_name.to_lowercase(), child.first_name.to_lowercase(), child.id));
    children
}

/// First name, tussenvoegsel and last name, with the day of birth where another child of the group has the same name.
pub(super) fn full_name(child: &OverviewChild<'_>) -> String {
    name(child) + &born(child)
}

/// First name, tussenvoegsel and last name.
pub(super) fn name(child: &OverviewChild<'_>) -> String {
    let parts = [Some(child.first_name), child.infix, Some(child.last_name)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What tells a child from another one of the same name, to stand behind it: nothing where there is none.
pub(super) fn born(child: &OverviewChild<'_>) -> String {
    child.birth_date.map(|born| format!(" ({born})")).unwrap_or_default()
}

//! The groups that a user is given, each from a day until a day if it is not for good (C029).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::given;
use crate::values::ids::GroupId;
use crate::values::refusal::FieldRefusals;

/// A group that a user is given. Both days are days in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenGroup {
    /// The group.
    pub group: GroupId,
    /// From which day; from the beginning when there is none.
    pub first_day: Option<Date>,
    /// Until and including which day; without an end when there is none.
    pub last_day: Option<Date>,
}

impl GivenGroup {
    /// A group that is given for good.
    pub fn always(group: GroupId) -> Self {
        Self { group, first_day: None, last_day: None }
    }

    /// Whether it is given from a day or until a day.
    pub fn is_limited(&self) -> bool {
        self.first_day.is_some() || self.last_day.is_some()
    }
}

/// The groups that a user is given, in the order in which they were named.
///
/// They are kept as ids, as versions without days keep them, with the days beside them where there are any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct GivenGroups(Vec<GivenGroup>);

#[derive(Serialize, Deserialize)]
struct Kept {
    groups: Vec<GroupId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    group_days: Vec<Days>,
}

#[derive(Serialize, Deserialize)]
struct Days {
    group: GroupId,
    first_day: Option<Date>,
    last_day: Option<Date>,
}

impl GivenGroups {
    /// Groups that are given for good.
    pub fn always(groups: impl IntoIterator<Item = GroupId>) -> Self {
        groups.into_iter().map(GivenGroup::always).collect()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &GivenGroup> {
        self.0.iter()
    }

    /// Their ids.
    pub fn ids(&self) -> Vec<GroupId> {
        self.iter().map(|given| given.group).collect()
    }

    /// Those of them that are not given for good.
    pub fn limited(&self) -> impl Iterator<Item = &GivenGroup> {
        self.iter().filter(|given| given.is_limited())
    }

    /// These groups in place of those before: one that was given already keeps its days, another is given for good.
    #[must_use]
    pub fn replaced_by(&self, groups: Vec<GroupId>) -> Self {
        let known = |group| self.iter().find(|given| given.group == group).copied();
        groups.into_iter().map(|group| known(group).unwrap_or(GivenGroup::always(group))).collect()
    }

    /// That each is named once and ends no earlier than it begins.
    ///
    /// # Errors
    /// For `groups/…/group_id` `repeated`; for `groups/…/last_day` `before-start`.
    pub fn check(&self) -> Result<(), FieldRefusals> {
        let given: Vec<_> = self.iter().map(|given| (given.group, given.first_day, given.last_day)).collect();
        given::check(("groups", "group_id"), "must not name a group twice", &given)
    }
}

impl FromIterator<GivenGroup> for GivenGroups {
    fn from_iter<I: IntoIterator<Item = GivenGroup>>(given: I) -> Self {
        Self(given.into_iter().collect())
    }
}

impl From<Kept> for GivenGroups {
    fn from(kept: Kept) -> Self {
        let limited =
            |days: Days| GivenGroup { group: days.group, first_day: days.first_day, last_day: days.last_day };
        kept.group_days.into_iter().map(limited).collect::<Self>().replaced_by(kept.groups)
    }
}

impl From<GivenGroups> for Kept {
    fn from(groups: GivenGroups) -> Self {
        let days = |given: &GivenGroup| Days {
            group: given.group,
            first_day: given.first_day,
            last_day: given.last_day,
        };
        Self { groups: groups.ids(), group_days: groups.limited().map(days).collect() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn group(number: u128) -> GroupId {
        GroupId::from_uuid(Uuid::from_u128(number))
    }

    fn substitute() -> GivenGroup {
        let (first_day, last_day) = (Some(date(2026, 11, 23)), Some(date(2026, 12, 4)));
        GivenGroup { group: group(2), first_day, last_day }
    }

    #[test]
    fn groups_without_days_are_kept_as_versions_without_days_keep_them() {
        let always = GivenGroups::always([group(1)]);
        let kept = serde_json::to_string(&always).unwrap();
        assert_eq!(kept, r#"{"groups":["00000000-0000-0000-0000-000000000001"]}"#);
        assert_eq!(serde_json::from_str::<GivenGroups>(&kept).unwrap(), always);
        let both: GivenGroups = [GivenGroup::always(group(1)), substitute()].into_iter().collect();
        let kept = serde_json::to_value(&both).unwrap();
        assert_eq!(kept["groups"].as_array().unwrap().len(), 2);
        assert_eq!(serde_json::from_value::<GivenGroups>(kept).unwrap(), both);
    }

    #[test]
    fn who_names_groups_alone_leaves_the_days_of_those_that_she_has() {
        let before: GivenGroups = [GivenGroup::always(group(1)), substitute()].into_iter().collect();
        let after = before.replaced_by(vec![group(2), group(3)]);
        assert_eq!(after, [substitute(), GivenGroup::always(group(3))].into_iter().collect());
    }

    #[test]
    fn a_group_is_named_once_and_ends_no_earlier_than_it_begins() {
        let backwards =
            GivenGroup { first_day: substitute().last_day, last_day: substitute().first_day, ..substitute() };
        let given: GivenGroups = [substitute(), backwards].into_iter().collect();
        let refused: Vec<_> = given.check().unwrap_err().into_iter().collect();
        let codes: Vec<_> = refused.iter().map(|(field, refusal)| (field.as_str(), refusal.code)).collect();
        assert_eq!(codes, [("groups/1/group_id", "repeated"), ("groups/1/last_day", "before-start")]);
        let one_day = GivenGroup { last_day: substitute().first_day, ..substitute() };
        assert_eq!([one_day].into_iter().collect::<GivenGroups>().check(), Ok(()));
    }
}

//! The locations that a user is limited to, each from a day until a day if it is not for good (C143).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Function, given};
use crate::values::ids::LocationId;
use crate::values::refusal::{FieldRefusals, Refusal};

/// A location that a user is given. Both days are days in Amsterdam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenLocation {
    /// The location.
    pub location: LocationId,
    /// From which day; from the beginning when there is none.
    pub first_day: Option<Date>,
    /// Until and including which day; without an end when there is none.
    pub last_day: Option<Date>,
}

impl GivenLocation {
    /// Whether it is given on the day `today`.
    pub fn holds_on(&self, today: Date) -> bool {
        self.first_day.is_none_or(|first| first <= today) && self.last_day.is_none_or(|last| today <= last)
    }
}

/// The locations that a user is limited to, in the order in which they were named: of the children of the institution she
/// reaches those in the groups there, and no others. With none of them she reaches nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenLocations(Vec<GivenLocation>);

impl GivenLocations {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &GivenLocation> {
        self.0.iter()
    }

    /// Whether this location is among them, on whichever days.
    pub fn holds(&self, location: LocationId) -> bool {
        self.iter().any(|given| given.location == location)
    }

    /// What is given by one of the two and not by the other one.
    pub fn changed<'a>(
        before: Option<&'a Self>,
        after: Option<&'a Self>,
    ) -> impl Iterator<Item = &'a GivenLocation> {
        let only_in = |own: Option<&'a Self>, other: Option<&'a Self>| {
            let is_new = move |given: &&GivenLocation| !other.is_some_and(|other| other.0.contains(given));
            own.into_iter().flat_map(Self::iter).filter(is_new)
        };
        only_in(before, after).chain(only_in(after, before))
    }

    /// That a user with this function can be limited to them, and that each is named once and ends no earlier than it
    /// begins.
    ///
    /// # Errors
    /// For `locations` `not-for-function`; for `locations/…/location_id` `repeated`; for `locations/…/last_day`
    /// `before-start`.
    pub fn check(&self, function: Function) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if !function.can_be_limited_to_locations() {
            let detail = "must be null: nobody with this function is limited to locations";
            refusals.refuse("locations", Refusal::new("not-for-function", detail));
        }
        let given: Vec<_> =
            self.iter().map(|given| (given.location, given.first_day, given.last_day)).collect();
        refusals.extend(given::check(("locations", "location_id"), "must not name a location twice", &given));
        refusals.or(())
    }
}

impl FromIterator<GivenLocation> for GivenLocations {
    fn from_iter<I: IntoIterator<Item = GivenLocation>>(given: I) -> Self {
        Self(given.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn week() -> GivenLocation {
        GivenLocation {
            location: LocationId::from_uuid(Uuid::from_u128(1)),
            first_day: Some(date(2026, 11, 23)),
            last_day: Some(date(2026, 11, 27)),
        }
    }

    #[test]
    fn c143_a_location_is_given_from_its_first_day_until_its_last() {
        let days = [22, 23, 27, 28].map(|day| week().holds_on(date(2026, 11, day)));
        assert_eq!(days, [false, true, true, false]);
        assert!(GivenLocation { first_day: None, last_day: None, ..week() }.holds_on(Date::MIN));
    }

    #[test]
    fn c143_who_works_in_groups_or_administers_is_limited_to_no_location() {
        use Function::*;
        for function in Function::ALL {
            let may = matches!(function, InternBegeleider | Management | QualityOfficer | PedagogicalCoach);
            assert_eq!(GivenLocations::default().check(function).is_ok(), may, "{function:?}");
        }
    }

    #[test]
    fn c143_everything_wrong_with_locations_is_told_at_once() {
        let backwards = GivenLocation { first_day: week().last_day, last_day: week().first_day, ..week() };
        let given: GivenLocations = [week(), backwards].into_iter().collect();
        let refused: Vec<_> = given.check(Function::Teacher).unwrap_err().into_iter().collect();
        let codes: Vec<_> = refused.iter().map(|(field, refusal)| (field.as_str(), refusal.code)).collect();
        assert_eq!(
            codes,
            [
                ("locations", "not-for-function"),
                ("locations/1/location_id", "repeated"),
                ("locations/1/last_day", "before-start"),
            ]
        );
    }
}

//! What came of an offer on one line: where a child was before it began, and at the next registration (C142).

use jiff::civil::Date;

use super::{LatestRegistration, Point, Position};

/// Where a child was on one line before a goal began and after.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct LineEffect {
    /// The last registration until and with the first day that judges the line.
    pub before: Option<Point>,
    /// The first registration after that day that judges the line.
    pub after: Option<Point>,
}

impl LineEffect {
    /// Adds a final registration of the child; they come in the order of their days. It counts where it judges `line`: one
    /// that leaves the line out says nothing of it, and the one next to it does.
    ///
    /// What was seen on the first day itself is what the goal was set upon.
    pub fn add(&mut self, line: &str, first_day: Date, registration: &LatestRegistration<'_>) {
        let Some(point) = registration.point(line) else { return };
        if point.moment.date <= first_day {
            self.before = Some(point);
        } else if self.after.is_none() {
            self.after = Some(point);
        }
    }
}

impl LatestRegistration<'_> {
    /// What it says of one line, if it says anything.
    fn point(&self, line: &str) -> Option<Point> {
        let (_, judgement) = self.lines.iter().find(|(code, _)| *code == line)?;
        let known = self.framework.line(line);
        let position = known.and_then(|known| Position::of(known, judgement, self.moment.age_months));
        let says_something = position.is_some() || judgement.attention;
        says_something.then_some(Point { moment: self.moment, position, attention: judgement.attention })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::children::framework::{FrameworkIndex, fixture};
    use crate::children::overview::{Level, RegistrationMoment};
    use crate::values::calendar::HalfYear;
    use crate::values::ids::RegistrationId;

    const FIRST_DAY: Date = date(2026, 9, 1);

    fn registration<'a>(
        framework: &'a FrameworkIndex,
        number: u128,
        on: Date,
        json: &'a str,
    ) -> LatestRegistration<'a> {
        let moment = RegistrationMoment {
            registration: RegistrationId::from_uuid(Uuid::from_u128(number)),
            date: on,
            half_year: HalfYear::containing(on),
            age_months: 50,
            corrected_age_months: None,
        };
        LatestRegistration { moment, framework, lines: serde_json::from_str(json).unwrap() }
    }

    /// The registrations before and after, of those on these days that say this of the lines.
    fn effect(registrations: &[(Date, &str)]) -> (Option<u128>, Option<u128>) {
        let framework = fixture::index();
        let mut effect = LineEffect::default();
        for (number, (on, json)) in (1..).zip(registrations) {
            effect.add("gross-motor", FIRST_DAY, &registration(&framework, number, *on, json));
        }
        let number = |point: Option<Point>| point.map(|point| point.moment.registration.as_uuid().as_u128());
        (number(effect.before), number(effect.after))
    }

    const JUDGED: &str = r#"{"lines":{"gross-motor":{"phaseFromMonth":48,"completeness":"begun"}}}"#;
    const FLAGGED: &str = r#"{"lines":{"gross-motor":{"attention":true}}}"#;
    const OTHER_LINE: &str = r#"{"lines":{"spoken-language":{"phaseFromMonth":48,"completeness":"begun"}}}"#;

    #[test]
    fn c142_the_effect_is_the_registration_before_a_goal_and_the_next_one() {
        let [earlier, day_before, day_after, later] =
            [date(2025, 11, 1), date(2026, 8, 31), date(2026, 9, 2), date(2027, 5, 1)];
        assert_eq!(effect(&[]), (None, None));
        assert_eq!(effect(&[(earlier, JUDGED), (day_before, JUDGED)]), (Some(2), None));
        assert_eq!(effect(&[(FIRST_DAY, JUDGED)]), (Some(1), None));
        assert_eq!(effect(&[(day_after, JUDGED), (later, JUDGED)]), (None, Some(1)));
        assert_eq!(effect(&[(earlier, JUDGED), (later, FLAGGED)]), (Some(1), Some(2)));
    }

    #[test]
    fn a_registration_that_leaves_the_line_out_says_nothing_of_it() {
        let nothing = r#"{"lines":{"gross-motor":{"attention":false}}}"#;
        let days = [date(2025, 11, 1), date(2026, 5, 1), date(2026, 11, 1), date(2027, 5, 1)];
        assert_eq!(
            effect(&[(days[0], FLAGGED), (days[1], OTHER_LINE), (days[2], nothing), (days[3], JUDGED)]),
            (Some(1), Some(4))
        );
    }

    #[test]
    fn the_position_is_that_of_overviews() {
        let framework = fixture::index();
        let mut effect = LineEffect::default();
        effect.add("gross-motor", FIRST_DAY, &registration(&framework, 1, FIRST_DAY, JUDGED));
        let position = effect.before.unwrap().position.unwrap();
        assert_eq!((position.months, position.difference_months, position.level), (48, -2, Level::AtLevel));
    }
}

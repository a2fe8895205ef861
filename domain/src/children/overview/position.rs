//! Where a judgement puts a child on a development line.

use serde::Serialize;

use crate::children::framework::{IndexedLine, PhaseBand};
use crate::children::registration::{Completeness, LineJudgement};
use crate::values::text::code_list;

/// Where a child is on a development line, as an age.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The age in months at which most children are there; see [`line_position`].
    pub months: u16,
    /// How many months that is above (positive) or below the child's own age.
    pub difference_months: i16,
    /// How the phase compares with the child's age.
    pub level: Level,
}

code_list! {
    /// How the phase a child is in compares with the child's age.
    ///
    /// The framework's own phases are the measure: within the ages of its phase a child is at level, whether
    /// it has begun or completed it. A difference in months alone would call nearly every child ahead or
    /// behind.
    pub enum Level {
        /// The whole phase is of older children.
        Ahead = "ahead",
        /// The phase is of the child's age.
        AtLevel = "at-level",
        /// The whole phase is of younger children.
        Behind = "behind",
    }
}

/// The age in months that a phase stands for: where it begins, halfway (rounded down) or where it ends. It
/// never falls when a child moves on, and a completed phase is where the next begins.
pub fn line_position(phase: PhaseBand, completeness: Completeness) -> u16 {
    match completeness {
        Completeness::Begun => phase.from_month,
        Completeness::Partly => phase.from_month.midpoint(phase.to_month),
        Completeness::Complete => phase.to_month,
    }
}

impl Level {
    fn of(phase: PhaseBand, age_months: u16) -> Self {
        if age_months < phase.from_month {
            Self::Ahead
        } else if age_months > phase.to_month {
            Self::Behind
        } else {
            Self::AtLevel
        }
    }
}

impl Position {
    /// Where `judgement` puts a child of this age on `line`; `None` when it names no phase of that line.
    pub(super) fn of(line: &IndexedLine, judgement: &LineJudgement, age_months: u16) -> Option<Self> {
        let (from_month, completeness) = judgement.phase()?;
        let phase = line.phase_from(from_month)?;
        let months = line_position(phase, completeness);
        Some(Self {
            months,
            difference_months: months.checked_signed_diff(age_months)?,
            level: Level::of(phase, age_months),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::children::framework::fixture;

    fn phase(from_month: u16, to_month: u16) -> PhaseBand {
        PhaseBand { from_month, to_month }
    }

    #[test]
    fn a_phase_stands_for_its_begin_middle_and_end() {
        let phase = phase(42, 49);
        assert_eq!(line_position(phase, Completeness::Begun), 42);
        assert_eq!(line_position(phase, Completeness::Partly), 45);
        assert_eq!(line_position(phase, Completeness::Complete), 49);
    }

    proptest! {
        #[test]
        fn positions_grow_with_completeness_and_phase(
            from in 0u16..90,
            length in 1u16..24,
            next in 1u16..24,
        ) {
            let this = phase(from, from + length);
            let following = phase(this.to_month, this.to_month + next);
            let path = [
                line_position(this, Completeness::Begun),
                line_position(this, Completeness::Partly),
                line_position(this, Completeness::Complete),
                line_position(following, Completeness::Begun),
                line_position(following, Completeness::Partly),
                line_position(following, Completeness::Complete),
            ];
            prop_assert!(path.is_sorted(), "{path:?}");
            prop_assert!(path[0] < path[2] && path[2] == path[3] && path[3] < path[5]);
        }

        #[test]
        fn the_level_never_contradicts_the_difference(from in 0u16..16, part in 0usize..3, age in 0u16..96) {
            let framework = fixture::index();
            let completeness = [Completeness::Begun, Completeness::Partly, Completeness::Complete][part];
            let judgement = LineJudgement {
                phase_from_month: Some(from * 6),
                completeness: Some(completeness),
                attention: false,
            };
            let position = Position::of(framework.line("gross-motor").unwrap(), &judgement, age).unwrap();
            prop_assert_eq!(position.months.checked_add_signed(-position.difference_months), Some(age));
            match position.level {
                Level::Ahead => prop_assert!(position.difference_months > 0),
                Level::Behind => prop_assert!(position.difference_months < 0),
                Level::AtLevel => prop_assert!(position.difference_months.abs() <= 6),
            }
        }
    }

    #[test]
    fn no_phase_no_position() {
        let framework = fixture::index();
        let line = framework.line("gross-motor").unwrap();
        let attention = LineJudgement { attention: true, ..LineJudgement::default() };
        assert_eq!(Position::of(line, &attention, 40), None);
        let unknown = LineJudgement {
            phase_from_month: Some(43),
            completeness: Some(Completeness::Begun),
            attention: false,
        };
        assert_eq!(Position::of(line, &unknown, 40), None);
    }
}

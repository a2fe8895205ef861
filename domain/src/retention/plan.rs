//! What goes, on which day, and by which rule. The forecast and the daily run ask the same function.

use jiff::civil::Date;
use uuid::Uuid;

use super::term::{RetentionPolicy, Term};
use crate::values::ids::{InstitutionId, PupilId};
use crate::values::text::code_list;

code_list! {
    /// Why something is destroyed: what its term counts from.
    pub enum Rule {
        /// The child moved to the next form of education (C105).
        NextEducation = "next-education",
        /// The child left for elsewhere.
        Departure = "departure",
        /// The child is in no group any more, or in one of a school year that is over, and nobody entered that it left.
        LastPlacement = "last-placement",
        /// The child was entered and never placed.
        NeverPlaced = "never-placed",
        /// The contract ended, and its grace too (C106, C107, C109).
        ContractEnd = "contract-end",
        /// The administrators asked for it.
        Request = "request",
    }
}

code_list! {
    /// What is destroyed, or held.
    pub enum SubjectKind {
        /// A child, with everything that is about it.
        Pupil = "pupil",
        /// An institution, with everything that it has.
        Institution = "institution",
    }
}

/// What is known of a child that its term depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PupilFacts {
    /// The child.
    pub id: PupilId,
    /// When it was entered, as a day in Amsterdam.
    pub entered_on: Date,
    /// Its last day at the institution, and whether it moved to the next form of education then.
    pub departure: Option<(Date, bool)>,
    /// The first day on which no placement holds any more; one that has no end lasts as long as the school year of its
    /// group.
    pub placed_until: Option<Date>,
    /// The day on which a hold on it has to be reviewed, if there is one (C109).
    pub held: Option<Date>,
}

/// What is known of an institution that the terms of what it has depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionFacts {
    /// The institution.
    pub id: InstitutionId,
    /// Its terms for children.
    pub policy: RetentionPolicy,
    /// The day on which everything goes, with the months of grace before it, when its contract ends (C106, C107).
    pub ends: Option<ContractEnd>,
    /// The day on which a hold on all that it has must be reviewed, if there is one (C109).
    pub held: Option<Date>,
}

/// The end of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractEnd {
    /// The day on which the institution's data go.
    pub on: Date,
    /// Calendar months of grace before that.
    pub grace_months: u8,
}

/// That something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which one.
    pub subject: Uuid,
    /// The first day on which it goes, in Amsterdam.
    pub on: Date,
    /// By which rule.
    pub rule: Rule,
    /// By which term.
    pub term: Term,
    /// The day on which the hold that keeps it must be reviewed. As long as there is one it stays (C109).
    pub held: Option<Date>,
}

impl Due {
    /// Whether it goes on the day `on`.
    pub fn goes(&self, on: Date) -> bool {
        self.on <= on && self.held.is_none()
    }
}

/// When a child goes: at the end of its term, or before that with the institution.
pub fn pupil_due(pupil: &PupilFacts, institution: &InstitutionFacts) -> Due {
    let (start, rule) = match (pupil.departure, pupil.placed_until) {
        (Some((day, true)), _) => (day, Rule::NextEducation),
        (Some((day, false)), _) => (day, Rule::Departure),
        (None, Some(day)) => (day, Rule::LastPlacement),
        (None, None) => (pupil.entered_on, Rule::NeverPlaced),
    };
    let term = institution.policy.term();
    let own = Due {
        kind: SubjectKind::Pupil,
        subject: pupil.id.as_uuid(),
        on: term.goes_on(start),
        rule,
        term,
        held: pupil.held.max(institution.held),
    };
    match institution.ends {
        Some(end) if end.on <= own.on => {
            Due { on: end.on, rule: Rule::ContractEnd, term: Term::of_contract(end.grace_months), ..own }
        }
        _ => own,
    }
}

/// When everything that an institution has goes; `None` as long as its contract runs.
pub fn institution_due(institution: &InstitutionFacts) -> Option<Due> {
    let end = institution.ends?;
    Some(Due {
        kind: SubjectKind::Institution,
        subject: institution.id.as_uuid(),
        on: end.on,
        rule: Rule::ContractEnd,
        term: Term::of_contract(end.grace_months),
        held: institution.held,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::retention::term::{StatutoryKind, StatutoryTerm};

    fn pupil() -> PupilFacts {
        PupilFacts {
            id: PupilId::from_uuid(Uuid::from_u128(7)),
            entered_on: date(2024, 9, 1),
            departure: None,
            placed_until: None,
            held: None,
        }
    }

    fn institution() -> InstitutionFacts {
        InstitutionFacts {
            id: InstitutionId::from_uuid(Uuid::from_u128(1)),
            policy: RetentionPolicy::default(),
            ends: None,
            held: None,
        }
    }

    #[test]
    fn c105_two_years_after_the_move_to_the_next_education() {
        let moved = PupilFacts { departure: Some((date(2026, 7, 17), true)), ..pupil() };
        let due = pupil_due(&moved, &institution());
        assert_eq!((due.on, due.rule), (date(2028, 7, 18), Rule::NextEducation));
        assert!(!due.goes(date(2028, 7, 17)));
        assert!(due.goes(date(2028, 7, 18)));
    }

    #[test]
    fn c105_a_departure_that_nobody_entered_keeps_nothing_for_ever() {
        let unplaced = PupilFacts { placed_until: Some(date(2026, 8, 1)), ..pupil() };
        assert_eq!(pupil_due(&unplaced, &institution()).on, date(2028, 8, 2));
        let never = pupil_due(&pupil(), &institution());
        assert_eq!((never.on, never.rule), (date(2026, 9, 2), Rule::NeverPlaced));
    }

    #[test]
    fn c106_the_end_of_the_contract_takes_everything_along() {
        let ends = Some(ContractEnd { on: date(2027, 2, 28), grace_months: 3 });
        let ending = InstitutionFacts { ends, ..institution() };
        let moved = PupilFacts { departure: Some((date(2026, 7, 17), true)), ..pupil() };
        assert_eq!(pupil_due(&moved, &ending).rule, Rule::ContractEnd);
        assert_eq!(pupil_due(&moved, &ending).on, date(2027, 2, 28));
        let sooner = PupilFacts { departure: Some((date(2024, 7, 17), true)), ..pupil() };
        assert_eq!(pupil_due(&sooner, &ending).on, date(2026, 7, 18));
        assert_eq!(institution_due(&ending).map(|due| due.on), Some(date(2027, 2, 28)));
        assert_eq!(institution_due(&institution()), None);
    }

    #[test]
    fn c109_what_is_held_stays() {
        let moved = PupilFacts { departure: Some((date(2020, 7, 17), true)), ..pupil() };
        let held = PupilFacts { held: Some(date(2027, 1, 1)), ..moved.clone() };
        assert!(!pupil_due(&held, &institution()).goes(Date::MAX));
        let all_held = InstitutionFacts { held: Some(date(2027, 1, 1)), ..institution() };
        assert!(!pupil_due(&moved, &all_held).goes(Date::MAX));
    }

    proptest! {
        #[test]
        fn c108_nothing_goes_before_a_statutory_term_unless_the_contract_ends(
            days in 0i32..4000, least in 1u8..=240, own in proptest::option::of(1u8..=240),
        ) {
            use jiff::ToSpan;
            let left = date(2020, 1, 1) + days.days();
            let statutory = vec![StatutoryTerm { kind: StatutoryKind::AtLeast, months: least }];
            let policy = RetentionPolicy { own_months: own, statutory };
            let facts = InstitutionFacts { policy, ..institution() };
            let gone = PupilFacts { departure: Some((left, true)), ..pupil() };
            prop_assert!(pupil_due(&gone, &facts).on >= left + i32::from(least).months());
        }
    }
}

//! The term for which a child's data are kept: the contract's, the institution's own, or that of a law (C105, C108).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::code_list;

/// The contract's term in calendar months: two years after a child moved to the next form of education (C105).
pub const CONTRACT_MONTHS: u8 = 24;

/// The longest term, in calendar months: of a law, or an institution's own.
pub const LONGEST_MONTHS: u8 = 240;

code_list! {
    /// Which way a law binds (C108).
    pub enum StatutoryKind {
        /// The data have to be kept for the term at least.
        AtLeast = "at-least",
        /// The data may be kept for the term at most.
        AtMost = "at-most",
    }
}

code_list! {
    /// What a term rests on.
    pub enum TermBasis {
        /// The contract with the processor (C105–C107).
        Contract = "contract",
        /// What the institution's administrator set (C105).
        Institution = "institution",
        /// A law that the institution registered (C108).
        Statutory = "statutory",
        /// A request of the institution's administrators.
        Request = "request",
    }
}

/// A term by law, as an institution registers it (C108).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatutoryTerm {
    /// Which way it binds.
    pub kind: StatutoryKind,
    /// Calendar months after the child left.
    pub months: u8,
}

/// A term that holds, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Calendar months.
    pub months: u8,
    /// What it rests on.
    pub basis: TermBasis,
}

impl Term {
    /// A term of the contract.
    pub const fn of_contract(months: u8) -> Self {
        Self { months, basis: TermBasis::Contract }
    }

    /// The day on which what the term counts for goes: the one after the last day of a term from `start`. A day that the
    /// later month does not have becomes its last one.
    pub fn goes_on(self, start: Date) -> Date {
        start.saturating_add(i32::from(self.months).months()).saturating_add(1.day())
    }
}

/// The terms of one institution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetentionPolicy {
    /// The institution's own term in calendar months, if its administrator set one.
    pub own_months: Option<u8>,
    /// The laws that it registered.
    pub statutory: Vec<StatutoryTerm>,
}

impl RetentionPolicy {
    /// The term for children. A law goes before what the institution set, and that before the contract (C105, C108).
    pub fn term(&self) -> Term {
        let chosen = match self.own_months {
            Some(months) => Term { months, basis: TermBasis::Institution },
            None => Term { months: CONTRACT_MONTHS, basis: TermBasis::Contract },
        };
        let by_law = |months| Term { months, basis: TermBasis::Statutory };
        match (self.least(), self.most()) {
            (Some(least), _) if chosen.months < least => by_law(least),
            (_, Some(most)) if chosen.months > most => by_law(most),
            _ => chosen,
        }
    }

    /// The months for which every registered law has the data kept.
    pub fn least(&self) -> Option<u8> {
        self.months_of(StatutoryKind::AtLeast).max()
    }

    /// The months after which a registered law has the data gone.
    pub fn most(&self) -> Option<u8> {
        self.months_of(StatutoryKind::AtMost).min()
    }

    fn months_of(&self, kind: StatutoryKind) -> impl Iterator<Item = u8> {
        self.statutory.iter().filter(move |term| term.kind == kind).map(|term| term.months)
    }

    /// That the institution may have these terms.
    ///
    /// # Errors
    /// For `months_after_leaving` `below-statutory` and `above-statutory`, and `out-of-range` unless there is at least one
    /// month; for `statutory_terms` `contradictory` when no term satisfies them all.
    pub fn check(&self) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        let (least, most) = (self.least(), self.most());
        if least.zip(most).is_some_and(|(least, most)| least > most) {
            let detail = "one law has the data kept for longer than another one allows";
            refusals.refuse("statutory_terms", Refusal::new("contradictory", detail));
        }
        if let Some(months) = self.own_months {
            let outcome = check_months(months).and_then(|()| {
                if least.is_some_and(|least| months < least) {
                    let detail = "a registered law has the data kept for longer";
                    return Err(Refusal::new("below-statutory", detail));
                }
                if most.is_some_and(|most| months > most) {
                    let detail = "a registered law does not allow the data to be kept for so long";
                    return Err(Refusal::new("above-statutory", detail));
                }
                Ok(())
            });
            refusals.check("months_after_leaving", outcome);
        }
        for (index, term) in self.statutory.iter().enumerate() {
            refusals.check(format!("statutory_terms/{index}/months"), check_months(term.months));
        }
        refusals.or(())
    }
}

/// That a term can have so many calendar months.
///
/// # Errors
/// `out-of-range`.
pub fn check_months(months: u8) -> Result<(), Refusal> {
    if (1..=LONGEST_MONTHS).contains(&months) {
        return Ok(());
    }
    Err(Refusal::new("out-of-range", format!("must be from 1 to {LONGEST_MONTHS} months")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn policy(own_months: Option<u8>, statutory: &[(StatutoryKind, u8)]) -> RetentionPolicy {
        let statutory = statutory.iter().map(|&(kind, months)| StatutoryTerm { kind, months }).collect();
        RetentionPolicy { own_months, statutory }
    }

    #[test]
    fn c105_two_years_unless_the_administrator_sets_otherwise() {
        assert_eq!(policy(None, &[]).term(), Term { months: 24, basis: TermBasis::Contract });
        assert_eq!(policy(Some(12), &[]).term(), Term { months: 12, basis: TermBasis::Institution });
    }

    #[test]
    fn c108_a_statutory_term_goes_first() {
        let kept = policy(None, &[(StatutoryKind::AtLeast, 60)]).term();
        assert_eq!(kept, Term { months: 60, basis: TermBasis::Statutory });
        let gone = policy(None, &[(StatutoryKind::AtMost, 6)]).term();
        assert_eq!(gone, Term { months: 6, basis: TermBasis::Statutory });
        let within = policy(Some(24), &[(StatutoryKind::AtLeast, 12), (StatutoryKind::AtMost, 36)]);
        assert_eq!(within.term().basis, TermBasis::Institution);
    }

    #[test]
    fn c108_a_term_against_a_law_is_refused() {
        let codes = |policy: &RetentionPolicy| {
            let refused = policy.check().err().into_iter().flatten();
            refused.map(|(field, refusal)| format!("{field} {}", refusal.code)).collect::<Vec<_>>()
        };
        let least = [(StatutoryKind::AtLeast, 60)];
        assert_eq!(codes(&policy(Some(59), &least)), ["months_after_leaving below-statutory"]);
        assert!(codes(&policy(Some(60), &least)).is_empty());
        let most = [(StatutoryKind::AtMost, 6)];
        assert_eq!(codes(&policy(Some(7), &most)), ["months_after_leaving above-statutory"]);
        let both = [(StatutoryKind::AtLeast, 60), (StatutoryKind::AtMost, 6)];
        assert_eq!(codes(&policy(None, &both)), ["statutory_terms contradictory"]);
        assert_eq!(codes(&policy(Some(0), &[])), ["months_after_leaving out-of-range"]);
        let nothing = [(StatutoryKind::AtLeast, 0)];
        assert_eq!(codes(&policy(None, &nothing)), ["statutory_terms/0/months out-of-range"]);
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let months = |months| Term { months, basis: TermBasis::Contract };
        assert_eq!(months(24).goes_on(date(2024, 2, 29)), date(2026, 3, 1));
        assert_eq!(months(48).goes_on(date(2024, 2, 29)), date(2028, 3, 1));
        assert_eq!(months(1).goes_on(date(2026, 1, 31)), date(2026, 3, 1));
        assert_eq!(months(24).goes_on(Date::MAX), Date::MAX);
    }

    proptest! {
        #[test]
        fn c108_no_law_is_broken_by_a_policy_that_was_accepted(
            own in proptest::option::of(1u8..=240),
            laws in proptest::collection::vec((any::<bool>(), 1u8..=240), 0..4),
        ) {
            let laws: Vec<_> = laws
                .into_iter()
                .map(|(least, months)| (if least { StatutoryKind::AtLeast } else { StatutoryKind::AtMost }, months))
                .collect();
            let policy = policy(own, &laws);
            if policy.check().is_err() {
                return Ok(());
            }
            let term = policy.term().months;
            for (kind, months) in laws {
                match kind {
                    StatutoryKind::AtLeast => prop_assert!(term >= months),
                    StatutoryKind::AtMost => prop_assert!(term <= months),
                }
            }
        }
    }
}

//! Every clause of the contracts, in the order of their numbers: a file for each section.
//!
//! A clause is `met` when somebody read what the software does and the tests that prove it. It names what is missing
//! otherwise.

mod contract;
mod control;
mod data;
mod incidents;
mod login;
mod monitoring;
mod parties;
mod purposes;
mod retention;
mod second_reading;
mod security;
mod subject_rights;

use super::clause::{Clause, ClauseId};

/// The sections, in the order of the numbers of their clauses.
const SECTIONS: [&[Clause]; 12] = [
    parties::CLAUSES,
    data::CLAUSES,
    purposes::CLAUSES,
    login::CLAUSES,
    security::CLAUSES,
    control::CLAUSES,
    monitoring::CLAUSES,
    retention::CLAUSES,
    subject_rights::CLAUSES,
    incidents::CLAUSES,
    contract::CLAUSES,
    second_reading::CLAUSES,
];

/// All of them, in the order of their numbers.
pub fn all() -> impl Iterator<Item = &'static Clause> {
    SECTIONS.into_iter().flatten()
}

/// The clause with this number.
pub fn find(id: ClauseId) -> Option<&'static Clause> {
    all().find(|clause| clause.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::clause::ClauseState;

    #[test]
    fn every_number_is_there_once_and_in_order() {
        let numbers: Vec<_> = all().map(|clause| clause.id.number()).collect();
        assert_eq!(numbers, (1..=154).collect::<Vec<u8>>());
    }

    #[test]
    fn every_clause_stands_in_the_file_of_its_section() {
        for section in SECTIONS {
            let first = section.first().unwrap().section();
            assert!(section.iter().all(|clause| clause.section() == first), "{first:?}");
        }
    }

    #[test]
    fn what_is_not_met_says_what_is_missing_and_what_is_says_how() {
        for clause in all() {
            let is_met = clause.state == ClauseState::Met;
            assert_eq!(clause.missing.is_none(), is_met, "{}", clause.id);
            let missing = clause.missing.unwrap_or("not a thing is missing");
            let is_said = |text: &str| text.len() > 15 && text.ends_with('.');
            assert!(is_said(clause.text) && (is_met || is_said(missing)), "{}", clause.id);
            assert!(!clause.source.is_empty(), "{}", clause.id);
            let is_open = clause.state == ClauseState::Open;
            assert!(is_open || clause.met_by().next().is_some(), "{}: by what?", clause.id);
            assert!(clause.met_by().all(|(_, how)| is_said(how)), "{}", clause.id);
        }
    }
}

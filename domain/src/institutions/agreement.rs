//! What an institution agreed upon, and what binds it on a day (C139, C140, C149).
//!
//! Nothing that is proposed holds before an administrator of the institution accepted it. What was accepted last takes the
//! place of what was accepted before it about the same subject.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract_document::DocumentKind;
use crate::values::calendar::amsterdam_date;
use crate::values::ids::UserId;
use crate::values::refusal::Refusal;
use crate::values::text::code_list;

code_list! {
    /// What an agreement is about.
    pub enum AgreementSubject {
        /// What is told before anything is signed: which processing is inseparable and which is optional (C149).
        Parts = "parts",
        /// The licence terms (C004).
        Terms = "terms",
        /// A version of a document (C139).
        Document = "document",
        /// Whose rules the contract follows.
        Profile = "profile",
    }
}

/// Where an institution agrees upon something else than a document says (annex 3 of the model agreement), and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// Which provision.
    pub provision: String,
    /// What is agreed in its place.
    pub agreed: String,
    /// Why.
    pub reason: String,
}

/// That somebody decided about what was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: UserId,
    /// When, in UTC.
    pub at: Timestamp,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// That nothing was decided yet.
///
/// # Errors
/// `already-decided`.
pub fn check_open(decision: Option<&Decision>) -> Result<(), Refusal> {
    match decision {
        None => Ok(()),
        Some(_) => Err(Refusal::new("already-decided", "This was accepted or refused already.")),
    }
}

/// That a contract profile can be changed without the institution: only as long as it did not accept any terms (C140).
///
/// # Errors
/// `needs-acceptance`.
pub fn check_profile_change(changes: bool, accepted_terms: bool) -> Result<(), Refusal> {
    if changes && accepted_terms {
        let detail = "is proposed to the institution, and changes when its administrator accepts it";
        return Err(Refusal::new("needs-acceptance", detail));
    }
    Ok(())
}

/// What takes whose place: a document that of the same kind, in whatever language.
pub type Slot = (AgreementSubject, Option<DocumentKind>);

/// Which of these bind on the day `on`, in Amsterdam: of each slot the one that was accepted last, up to that day.
pub fn bound_on<T>(
    all: impl IntoIterator<Item = T>,
    on: Date,
    read: impl Fn(&T) -> (Slot, Option<Decision>),
) -> Vec<T> {
    let mut bound: BTreeMap<Slot, (Timestamp, T)> = BTreeMap::new();
    for one in all {
        let (slot, decision) = read(&one);
        let Some(decision) = decision.filter(|decision| decision.accepted) else { continue };
        let is_earlier = bound.get(&slot).is_some_and(|(at, _)| decision.at < *at);
        if amsterdam_date(decision.at) <= on && !is_earlier {
            bound.insert(slot, (decision.at, one));
        }
    }
    bound.into_values().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNEX: Slot = (AgreementSubject::Document, Some(DocumentKind::ProductAnnex));
    const TERMS: Slot = (AgreementSubject::Terms, None);

    fn decided(at: &str, accepted: bool) -> Option<Decision> {
        Some(Decision { by: UserId::from_uuid(Uuid::nil()), at: at.parse().unwrap(), accepted })
    }

    #[test]
    fn c139_on_each_day_binds_what_was_accepted_last() {
        let all = [
            (1, TERMS, decided("2026-01-10T09:00:00Z", true)),
            (2, ANNEX, decided("2026-02-01T09:00:00Z", true)),
            // In Amsterdam this is 1 March.
            (3, ANNEX, decided("2026-02-28T23:30:00Z", true)),
            (4, ANNEX, decided("2026-03-15T09:00:00Z", false)),
            (5, ANNEX, None),
            (6, TERMS, decided("2026-06-01T09:00:00Z", true)),
        ];
        let on = |day: &str| -> Vec<i32> {
            let bound = bound_on(all, day.parse().unwrap(), |&(_, slot, decision)| (slot, decision));
            bound.into_iter().map(|(id, ..)| id).collect()
        };
        assert_eq!(on("2026-01-09"), [0; 0]);
        assert_eq!(on("2026-01-10"), [1]);
        assert_eq!(on("2026-02-28"), [1, 2]);
        assert_eq!(on("2026-03-01"), [1, 3]);
        assert_eq!(on("2026-05-31"), [1, 3]);
        assert_eq!(on("2027-01-01"), [6, 3]);
    }

    #[test]
    fn c140_a_profile_changes_without_the_institution_only_before_it_accepted_anything() {
        assert_eq!(check_profile_change(true, false), Ok(()));
        assert_eq!(check_profile_change(false, true), Ok(()));
        assert_eq!(check_profile_change(true, true).unwrap_err().code, "needs-acceptance");
    }

    #[test]
    fn c140_what_was_decided_stays_decided() {
        assert_eq!(check_open(None), Ok(()));
        let accepted = decided("2026-01-10T09:00:00Z", true);
        assert_eq!(check_open(accepted.as_ref()).unwrap_err().code, "already-decided");
    }
}

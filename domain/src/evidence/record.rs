//! Evidence records: what was examined or stated outside the software, with the digest of the document that says so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::clause::ClauseId;
use super::clauses;
use super::kind::EvidenceKind;
use crate::values::ids::{InstitutionId, UserId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::{Label, code_list};

/// How far ahead a record may be left alone, in calendar years: the longest that a certificate lasts.
const LONGEST_UNSEEN_YEARS: i32 = 3;

code_list! {
    /// What came of it.
    pub enum EvidenceOutcome {
        /// Nothing has to be done.
        InOrder = "in-order",
        /// Something has to be done, and is.
        WithFindings = "with-findings",
        /// It is not in order: the record proves that it was looked at, and nothing else.
        NotInOrder = "not-in-order",
    }
}

/// What is put on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFields {
    /// What it is.
    pub kind: EvidenceKind,
    /// What people know it by.
    pub title: Label,
    /// The day of the document, in Amsterdam.
    pub dated_on: Date,
    /// The last day on which it counts, in Amsterdam; without one it counts until another takes its place.
    pub valid_until: Option<Date>,
    /// SHA-256 of the document, which is kept elsewhere.
    pub document_sha256: [u8; 32],
    /// How many bytes the document has.
    pub document_bytes: u64,
    /// What came of it.
    pub outcome: EvidenceOutcome,
    /// Who of the processor answers for it.
    pub owner: UserId,
    /// The day by which it is looked at again, in Amsterdam.
    pub review_on: Date,
    /// The clauses that it is evidence for.
    pub clauses: Vec<ClauseId>,
    /// The institution that it concerns; `None` for all of them.
    pub institution: Option<InstitutionId>,
}

impl EvidenceFields {
    /// That this can be on record on the day `today`, in Amsterdam.
    ///
    /// # Errors
    /// For `dated_on` `in-the-future`; for `valid_until` `before-start` when it is before the document; for
    /// `document_bytes` `out-of-range`; for `review_on` `in-the-past` and `too-far-ahead`; for `clause_ids` `empty`, and below it `repeated` and `unknown-clause`.
    pub fn check(&self, today: Date) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if self.dated_on > today {
            refusals.refuse("dated_on", Refusal::new("in-the-future", "a document has a day that was"));
        }
        if self.valid_until.is_some_and(|until| until < self.dated_on) {
            let detail = "must not be before the day of the document";
            refusals.refuse("valid_until", Refusal::new("before-start", detail));
        }
        if self.document_bytes == 0 {
            refusals.refuse("document_bytes", Refusal::new("out-of-range", "no document is empty"));
        }
        if self.review_on < today {
            refusals.refuse("review_on", Refusal::new("in-the-past", "must not be a day that has passed"));
        }
        if self.review_on > today.saturating_add(LONGEST_UNSEEN_YEARS.years()) {
            let detail = format!("must be within {LONGEST_UNSEEN_YEARS} years");
            refusals.refuse("review_on", Refusal::new("too-far-ahead", detail));
        }
        if self.clauses.is_empty() {
            refusals.refuse("clause_ids", Refusal::new("empty", "must name at least one clause"));
        }
        let mut seen = BTreeSet::new();
        for (index, clause) in self.clauses.iter().enumerate() {
            if clauses::find(*clause).is_none() {
                let refusal = Refusal::new("unknown-clause", "there is no clause of this number");
                refusals.refuse(format!("clause_ids/{index}"), refusal);
            } else if !seen.insert(clause) {
                let refusal = Refusal::new("repeated", "is named before");
                refusals.refuse(format!("clause_ids/{index}"), refusal);
            }
        }
        refusals.or(())
    }

    /// That it may take the place of an `earlier` record: of one of the same kind, about the same institution.
    ///
    /// # Errors
    /// For `replaces_id` `not-of-the-kind`.
    pub fn check_replaces(&self, earlier: &Self) -> Result<(), FieldRefusals> {
        if (self.kind, self.institution) == (earlier.kind, earlier.institution) {
            return Ok(());
        }
        let detail = "must be a record of this kind about the same institution";
        Err(FieldRefusals::one("replaces_id", Refusal::new("not-of-the-kind", detail)))
    }

    /// Whether it counts on the day `today`, in Amsterdam, unless another took its place: its days are not over, nobody has
    /// yet to look at it again, and what was examined was in order.
    pub fn counts(&self, today: Date) -> bool {
        self.valid_until.is_none_or(|until| today <= until)
            && today <= self.review_on
            && self.outcome != EvidenceOutcome::NotInOrder
    }
}

/// The kinds of which the newest document counts on the day `today`: one that is not in order undoes what an earlier one
/// proved.
pub fn kinds_that_count<'r>(
    records: impl IntoIterator<Item = &'r EvidenceFields>,
    today: Date,
) -> BTreeSet<EvidenceKind> {
    let mut newest: BTreeMap<EvidenceKind, &EvidenceFields> = BTreeMap::new();
    for record in records {
        let known = newest.entry(record.kind).or_insert(record);
        // Of two of one day the one that proves less decides.
        if record.dated_on > known.dated_on || (record.dated_on == known.dated_on && !record.counts(today)) {
            *known = record;
        }
    }
    newest.into_iter().filter(|(_, record)| record.counts(today)).map(|(kind, _)| kind).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn fields() -> EvidenceFields {
        EvidenceFields {
            kind: EvidenceKind::PenetrationTest,
            title: Label::kept("Test van het najaar".to_owned()),
            dated_on: date(2026, 11, 1),
            valid_until: Some(date(2027, 10, 31)),
            document_sha256: [1; 32],
            document_bytes: 1,
            outcome: EvidenceOutcome::InOrder,
            owner: UserId::from_uuid(Uuid::from_u128(1)),
            review_on: date(2027, 5, 1),
            clauses: vec![ClauseId::from_number(82)],
            institution: None,
        }
    }

    #[test]
    fn the_newest_document_of_a_kind_decides() {
        let today = date(2026, 11, 21);
        let on = |dated_on, outcome| EvidenceFields { dated_on, outcome, ..fields() };
        let counted = |records: &[EvidenceFields]| !kinds_that_count(records, today).is_empty();
        let good = on(date(2026, 11, 1), EvidenceOutcome::InOrder);
        let bad = |day| on(date(2026, 11, day), EvidenceOutcome::NotInOrder);
        assert!(counted(std::slice::from_ref(&good)));
        assert!(counted(&[bad(1), on(date(2026, 11, 2), EvidenceOutcome::InOrder)]));
        assert!(!counted(&[good.clone(), bad(20)]));
        assert!(!counted(&[bad(20), good.clone()]));
        assert!(!counted(&[bad(1), good.clone()]) && !counted(&[good, bad(1)]));
    }

    #[test]
    fn everything_wrong_with_a_record_is_told_at_once() {
        let today = date(2026, 11, 21);
        assert!(fields().check(today).is_ok());
        let wrong = EvidenceFields {
            dated_on: date(2026, 11, 22),
            valid_until: Some(date(2026, 11, 21)),
            document_bytes: 0,
            review_on: date(2026, 11, 20),
            clauses: [82, 82, 200].map(ClauseId::from_number).to_vec(),
            ..fields()
        };
        let told: Vec<_> = wrong.check(today).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            told,
            ["dated_on", "valid_until", "document_bytes", "review_on", "clause_ids/1", "clause_ids/2"]
        );
        assert!(EvidenceFields { clauses: Vec::new(), ..fields() }.check(today).is_err());
    }

    #[test]
    fn a_record_counts_until_its_last_day_its_review_or_a_bad_outcome() {
        let record = fields();
        assert!(record.counts(date(2027, 5, 1)));
        assert!(!record.counts(date(2027, 5, 2)));
        let reviewed = EvidenceFields { review_on: date(2028, 1, 1), ..fields() };
        assert!(reviewed.counts(date(2027, 10, 31)));
        assert!(!reviewed.counts(date(2027, 11, 1)));
        let lasting = EvidenceFields { valid_until: None, ..reviewed.clone() };
        assert!(lasting.counts(date(2028, 1, 1)));
        let bad = EvidenceFields { outcome: EvidenceOutcome::NotInOrder, ..reviewed };
        assert!(!bad.counts(date(2026, 11, 21)));
    }

    #[test]
    fn a_record_takes_the_place_of_one_of_its_kind_about_the_same() {
        let scan = EvidenceFields { kind: EvidenceKind::VulnerabilityScan, ..fields() };
        assert!(fields().check_replaces(&fields()).is_ok());
        assert!(fields().check_replaces(&scan).is_err());
        let institution = Some(InstitutionId::from_uuid(Uuid::from_u128(9)));
        assert!(fields().check_replaces(&EvidenceFields { institution, ..fields() }).is_err());
    }
}

//! What an administrator said of records that may be about a child who is there already.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::values::ids::PupilId;
use crate::values::refusal::{FieldRefusals, Refusal};

/// Which children records are about. A record is told by its number among the pupils of the file, from 1: a file may have all of
/// them on one line. A file that is planned again is planned with the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// Records about a child who is there.
    pub same: Vec<(u64, PupilId)>,
    /// Records about another child than these, who have the same name and birth date.
    pub other: Vec<(u64, Vec<PupilId>)>,
}

impl Answers {
    /// That each answer is to something that was asked: `proposed` has the children whom each record
    /// may be about.
    ///
    /// # Errors
    /// For `same_pupils/…/number`, `same_pupils/…/pupil_id` and `other_pupils/…` `not-proposed`; `repeated` for a
    /// record that was answered before, and for a child who was named before.
    pub fn check(&self, proposed: &BTreeMap<u64, Vec<PupilId>>) -> Result<(), FieldRefusals> {
        let (mut refusals, mut answered) = (FieldRefusals::new(), BTreeSet::new());
        let mut check_record = |field: String, number: u64| match proposed.get(&number) {
            _ if !answered.insert(number) => {
                refusals.refuse(field, Refusal::new("repeated", "this record was answered before"));
                None
            }
            None => {
                let detail =
                    "the report does not ask of this pupil of the file whether the child is there already";
                refusals.refuse(field, Refusal::new("not-proposed", detail));
                None
            }
            proposed => proposed,
        };
        let (mut strangers, mut doubles, mut named) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (index, (number, pupil)) in self.same.iter().enumerate() {
            let Some(proposed) = check_record(format!("same_pupils/{index}/number"), *number) else {
                continue;
            };
            if !proposed.contains(pupil) {
                strangers.push(format!("same_pupils/{index}/pupil_id"));
            } else if !named.insert(pupil) {
                doubles.push(format!("same_pupils/{index}/pupil_id"));
            }
        }
        for (index, (number, _)) in self.other.iter().enumerate() {
            check_record(format!("other_pupils/{index}"), *number);
        }
        for field in strangers {
            let detail = "must be one of the children whom the report proposes for the record";
            refusals.refuse(field, Refusal::new("not-proposed", detail));
        }
        for field in doubles {
            let detail = "another record was said to be about this child: take one of them out of the file";
            refusals.refuse(field, Refusal::new("repeated", detail));
        }
        refusals.or(())
    }

    /// The same answers: that a record is about another child is said of those whom its report proposed, and of nobody who came
    /// since.
    #[must_use]
    pub fn about(mut self, proposed: &BTreeMap<u64, Vec<PupilId>>) -> Self {
        for (number, others) in &mut self.other {
            *others = proposed.get(number).cloned().unwrap_or_default();
        }
        self
    }

    /// The child that a record is about, if that was said.
    pub(super) fn same(&self, number: u64) -> Option<PupilId> {
        self.same.iter().find(|(answered, _)| *answered == number).map(|(_, pupil)| *pupil)
    }

    /// Whether it was said that a record is about another child than all of these.
    pub(super) fn is_other_than(&self, number: u64, alike: &[PupilId]) -> bool {
        let mut said = self.other.iter().filter(|(answered, _)| *answered == number);
        said.any(|(_, others)| alike.iter().all(|pupil| others.contains(pupil)))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_is_to_what_was_asked_and_each_wrong_one_is_told() {
        let [noor, sem] = [1, 2].map(|id| PupilId::from_uuid(Uuid::from_u128(id)));
        let proposed = BTreeMap::from([(2, vec![noor]), (3, vec![noor, sem]), (4, vec![sem])]);
        let right = Answers { same: vec![(2, noor), (3, sem)], other: vec![(4, Vec::new())] };
        assert!(right.check(&proposed).is_ok());
        assert!(Answers::default().check(&BTreeMap::new()).is_ok());
        let wrong = Answers {
            same: vec![(2, sem), (3, sem), (3, noor), (9, noor)],
            other: vec![(8, Vec::new()), (2, Vec::new())],
        };
        let refused: Vec<_> = wrong.check(&proposed).unwrap_err().into_iter().collect();
        let refused: Vec<_> = refused.iter().map(|(field, refusal)| (field.as_str(), refusal.code)).collect();
        assert_eq!(
            refused,
            [
                ("same_pupils/2/number", "repeated"),
                ("same_pupils/3/number", "not-proposed"),
                ("other_pupils/0", "not-proposed"),
                ("other_pupils/1", "repeated"),
                ("same_pupils/0/pupil_id", "not-proposed"),
            ]
        );
    }
}

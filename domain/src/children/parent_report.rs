//! What somebody wants of the report for a talk with a child's parents (C085).

use std::collections::HashSet;

use crate::values::ids::{NoteId, PupilId, RegistrationId};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::ShortText;

/// How many notes a report holds at most.
pub const MOST_NOTES: usize = 20;

/// How many registrations can be chosen at most: more than a child has in eight years.
pub const MOST_REGISTRATIONS: usize = 50;

/// What somebody wants of a report.
pub struct ReportWish {
    /// The child.
    pub pupil: PupilId,
    /// The final registrations that are told; all of them when absent.
    pub registrations: Option<Vec<RegistrationId>>,
    /// The notes that are in it.
    pub notes: Vec<NoteId>,
    /// For whom it is, when it is not for the parents or guardians in general.
    pub recipient: Option<ShortText>,
}

impl ReportWish {
    /// What is wrong with it, whatever the child: for `registration_ids` `empty`; for that and `note_ids` `too-many`; for an
    /// element of either `repeated`.
    pub fn refusals(&self) -> FieldRefusals {
        let mut refusals = FieldRefusals::new();
        if let Some(chosen) = &self.registrations {
            let ids: Vec<_> = chosen.iter().map(RegistrationId::as_uuid).collect();
            if ids.is_empty() {
                let refusal = Refusal::new("empty", "must name one at least, or be absent for all of them");
                refusals.refuse("registration_ids", refusal);
            }
            check(&mut refusals, "registration_ids", &ids, MOST_REGISTRATIONS);
        }
        let ids: Vec<_> = self.notes.iter().map(NoteId::as_uuid).collect();
        check(&mut refusals, "note_ids", &ids, MOST_NOTES);
        refusals
    }
}

fn check(refusals: &mut FieldRefusals, field: &str, ids: &[uuid::Uuid], most: usize) {
    if ids.len() > most {
        refusals.refuse(field, Refusal::new("too-many", format!("must name at most {most}")));
    }
    let mut named = HashSet::new();
    for (at, id) in ids.iter().enumerate() {
        if !named.insert(id) {
            refusals.refuse(format!("{field}/{at}"), Refusal::new("repeated", "is named before"));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn c085_what_is_chosen_is_named_once_and_not_without_end() {
        let refused = |registrations: Option<&[u128]>, notes: &[u128]| {
            let id = |number: &u128| Uuid::from_u128(*number);
            let wish = ReportWish {
                pupil: PupilId::from_uuid(Uuid::from_u128(1)),
                registrations: registrations
                    .map(|ids| ids.iter().map(|number| RegistrationId::from_uuid(id(number))).collect()),
                notes: notes.iter().map(|number| NoteId::from_uuid(id(number))).collect(),
                recipient: None,
            };
            wish.refusals().into_iter().map(|(field, refusal)| (field, refusal.code)).collect::<Vec<_>>()
        };
        let one = |field: &str, code: &'static str| vec![(field.to_owned(), code)];
        assert_eq!(refused(None, &[]), []);
        assert_eq!(refused(Some(&[1, 2]), &[1, 2]), []);
        assert_eq!(refused(Some(&[]), &[]), one("registration_ids", "empty"));
        assert_eq!(refused(Some(&[1, 1]), &[]), one("registration_ids/1", "repeated"));
        assert_eq!(refused(None, &[3, 4, 3]), one("note_ids/2", "repeated"));
        assert_eq!(refused(None, &(0..21).collect::<Vec<_>>()), one("note_ids", "too-many"));
        assert_eq!(refused(Some(&(0..51).collect::<Vec<_>>()), &[]), one("registration_ids", "too-many"));
    }
}

//! What a request of an institution is about: which children, which group and which parts (C010).

use std::collections::{BTreeSet, HashSet};

use super::support_session::SupportKind;
use crate::access::Part;
use crate::access::principal::SupportReach;
use crate::values::ids::{GroupId, PupilId, SupportRequestId};
use crate::values::refusal::{FieldRefusals, Refusal};

/// How many children one request names at most: about one question, not about a school.
pub const MOST_PUPILS: usize = 35;

/// What a request is about. One that names neither children nor a group shows no child.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestSubject {
    /// These children.
    pub pupils: Vec<PupilId>,
    /// The children who are in this group.
    pub group: Option<GroupId>,
    /// The parts that are needed.
    pub parts: BTreeSet<Part>,
}

impl RequestSubject {
    /// What a request is about that names these; without parts, all that an adviser can be shown.
    ///
    /// # Errors
    /// For `pupil_ids` `too-many`, and `repeated` with the place; for `group_id` `not-beside-pupils`; for `parts`, `empty`
    /// and `beyond-the-kind` with the place.
    pub fn new(
        pupils: Vec<PupilId>,
        group: Option<GroupId>,
        parts: Option<&[Part]>,
    ) -> Result<Self, FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        if pupils.len() > MOST_PUPILS {
            let detail = format!("must name at most {MOST_PUPILS} children");
            refusals.refuse("pupil_ids", Refusal::new("too-many", detail));
        }
        let mut named = HashSet::new();
        for (at, pupil) in pupils.iter().enumerate() {
            if !named.insert(pupil) {
                refusals.refuse(format!("pupil_ids/{at}"), Refusal::new("repeated", "is named before"));
            }
        }
        if group.is_some() && !pupils.is_empty() {
            let detail = "a request is about children by name or about a group, not both";
            refusals.refuse("group_id", Refusal::new("not-beside-pupils", detail));
        }
        let parts = SupportKind::Case.parts(parts).map_err(|(at, refusal)| {
            let field = at.map_or_else(|| "parts".to_owned(), |at| format!("parts/{at}"));
            refusals.refuse(field, refusal);
        });
        refusals.or(Self { pupils, group, parts: parts.unwrap_or_default() })
    }
}

/// How far a look reaches that rests on a request: the children that it names, or those in the group.
pub fn reach_of_request(id: SupportRequestId, group: Option<GroupId>) -> SupportReach {
    group.map_or(SupportReach::Request(id), SupportReach::Group)
}

/// The parts that a look shows which was asked for with `asked`, when the request is about `allowed`: both.
///
/// # Errors
/// `beyond-the-request` when nothing is left.
pub fn parts_of_request(asked: &BTreeSet<Part>, allowed: &BTreeSet<Part>) -> Result<BTreeSet<Part>, Refusal> {
    let both: BTreeSet<Part> = asked.intersection(allowed).copied().collect();
    if both.is_empty() {
        return Err(Refusal::new("beyond-the-request", "the request is about none of these parts"));
    }
    Ok(both)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn refused(pupils: &[u128], group: Option<u128>, parts: Option<&[Part]>) -> Vec<(String, &'static str)> {
        let pupils = pupils.iter().map(|&id| PupilId::from_uuid(Uuid::from_u128(id))).collect();
        let group = group.map(|id| GroupId::from_uuid(Uuid::from_u128(id)));
        let refusals = RequestSubject::new(pupils, group, parts).err().into_iter().flatten();
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn c010_a_request_is_about_few_children_or_one_group() {
        assert!(refused(&[1, 2], None, None).is_empty());
        assert!(refused(&[], Some(1), Some(&[Part::Groups])).is_empty());
        assert!(refused(&[], None, Some(&[Part::Frameworks])).is_empty());
        let many: Vec<u128> = (0..=MOST_PUPILS as u128).collect();
        assert_eq!(refused(&many, None, None), [("pupil_ids".to_owned(), "too-many")]);
        assert_eq!(
            refused(&[1, 1], Some(1), Some(&[Part::Users])),
            [
                ("pupil_ids/1".to_owned(), "repeated"),
                ("group_id".to_owned(), "not-beside-pupils"),
                ("parts/0".to_owned(), "beyond-the-kind"),
            ]
        );
    }

    #[test]
    fn c010_a_look_shows_no_part_that_the_request_is_not_about() {
        let set = |parts: &[Part]| parts.iter().copied().collect::<BTreeSet<_>>();
        let both = parts_of_request(&set(&[Part::Pupils, Part::Groups]), &set(&[Part::Pupils]));
        assert_eq!(both, Ok(set(&[Part::Pupils])));
        let none = parts_of_request(&set(&[Part::Groups]), &set(&[Part::Pupils]));
        assert_eq!(none.unwrap_err().code, "beyond-the-request");
    }
}

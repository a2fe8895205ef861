//! Where an institution is, and by which number the authorities know it there.

use super::institution::{Brin, ChildcareNumber, InstitutionKind, check_register};
use crate::values::refusal::{FieldRefusals, Refusal};
use crate::values::text::Label;

/// A location of an institution. It has a number of the register that its kind of institution is in, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationFields {
    /// What it is called.
    pub name: Label,
    /// Its number in the register of schools.
    pub brin: Option<Brin>,
    /// Its number in the register of childcare.
    pub childcare_number: Option<ChildcareNumber>,
}

impl LocationFields {
    /// That a location of an institution of this kind can have these numbers.
    ///
    /// # Errors
    /// For `brin` `not-a-location` without the digits of one; for either number what [`check_register`] refuses.
    pub fn check(&self, kind: InstitutionKind) -> Result<(), FieldRefusals> {
        let mut refusals = FieldRefusals::new();
        refusals.extend(check_register(kind, self.brin.is_some(), self.childcare_number.is_some()));
        if self.brin.as_ref().is_some_and(|brin| !brin.is_of_location()) {
            refusals
                .refuse("brin", Refusal::new("not-a-location", "must be that of a location, such as 99XX01"));
        }
        refusals.or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(
        kind: InstitutionKind,
        brin: Option<&str>,
        number: Option<&str>,
    ) -> Vec<(String, &'static str)> {
        let fields = LocationFields {
            name: Label::parse("Noord").unwrap(),
            brin: brin.map(|brin| Brin::parse(brin).unwrap()),
            childcare_number: number.map(|number| ChildcareNumber::parse(number).unwrap()),
        };
        let refusals = fields.check(kind).err().into_iter().flat_map(FieldRefusals::into_iter);
        refusals.map(|(field, refusal)| (field, refusal.code)).collect()
    }

    #[test]
    fn a_location_is_in_the_register_of_its_kind() {
        use InstitutionKind::*;
        let none: Vec<(String, &str)> = Vec::new();
        assert_eq!(refused(SchoolBoard, Some("99XX01"), None), none);
        assert_eq!(refused(SchoolBoard, None, None), none);
        assert_eq!(refused(SchoolBoard, Some("99XX"), None), [("brin".to_owned(), "not-a-location")]);
        let number = ("childcare_number".to_owned(), "not-of-the-kind");
        assert_eq!(refused(SchoolBoard, None, Some("100200301")), [number]);
        for kind in [ChildcareOrganisation, Playgroup, Preschool] {
            assert_eq!(refused(kind, None, Some("100200301")), none);
            assert_eq!(refused(kind, Some("99XX01"), None), [("brin".to_owned(), "not-of-the-kind")]);
        }
    }
}

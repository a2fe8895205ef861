//! How much both databases hold, and the ids of what is in that of the bare server: they follow from a number, so
//! that the load can be aimed without asking for them.

use uuid::{Builder, Uuid};

/// Institutions.
pub(crate) const INSTITUTIONS: u64 = 50;
/// Groups of each institution: with the pupils of each it has a thousand.
pub(crate) const GROUPS: u64 = 34;
/// Pupils of each group.
pub(crate) const PUPILS: u64 = 30;

/// Milliseconds since 1970 of the first id: somewhere in 2026.
const BEGINNING: u64 = 1_780_000_000_000;

/// The institution with this number.
pub(crate) fn institution(number: u64) -> Uuid {
    id(1, number)
}

/// The one who is logged in at the institution with this number.
pub(crate) fn teacher(institution: u64) -> Uuid {
    id(2, institution)
}

/// The session of the one who is logged in at the institution with this number.
pub(crate) fn session(institution: u64) -> Uuid {
    id(5, institution)
}

/// The groups of the institution with this number.
pub(crate) fn groups(institution: u64) -> impl Iterator<Item = Uuid> {
    (institution * GROUPS..(institution + 1) * GROUPS).map(group)
}

/// The group with this number, counted over all institutions.
pub(crate) fn group(number: u64) -> Uuid {
    id(3, number)
}

/// The pupils of the institution with this number, in the order of their ids, each with the number of its group.
pub(crate) fn pupils(institution: u64) -> impl Iterator<Item = (u64, Uuid)> {
    let of_institution = GROUPS * PUPILS;
    (institution * of_institution..(institution + 1) * of_institution)
        .map(|number| (number / PUPILS, id(4, number)))
}

/// A UUIDv7 that grows with `number`, as ids do that are made one after another.
fn id(kind: u8, number: u64) -> Uuid {
    Builder::from_unix_timestamp_millis(BEGINNING + number, &[kind; 10]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pupils_of_an_institution_are_in_its_groups() {
        let found: Vec<(u64, Uuid)> = pupils(3).collect();
        assert_eq!(found.len(), 1020);
        assert!(found.is_sorted());
        let groups: Vec<Uuid> = groups(3).collect();
        assert_eq!((groups.first(), groups.last()), (Some(&group(found[0].0)), Some(&group(found[1019].0))));
        assert!(pupils(2).all(|before| before < found[0]));
    }
}

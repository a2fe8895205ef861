//! Institutions, licence holders and contact persons as owners of keys.

use groeilijn_domain::values::ids::{ContactPersonId, InstitutionId, LicenceHolderId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::institutions::schema::{contact_person as contact_person_table, institution, licence_holder};

/// An institution. Its own key is above those of its owners of other kinds.
pub static INSTITUTION: KeyKind = KeyKind::new("institution", |connection, _, ids| {
    let found: Vec<InstitutionId> = institution::table
        .filter(institution::id.eq_any(ids.iter().map(|&id| OneOf(InstitutionId::from_uuid(id)))))
        .select(institution::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// An institution.
pub const fn institution(id: InstitutionId) -> KeyOwner {
    KeyOwner::new(&INSTITUTION, id.as_uuid())
}

/// The person with whom a licence was agreed.
pub static LICENCE_HOLDER: KeyKind = KeyKind::new("licence-holder", |connection, institution, ids| {
    let found: Vec<LicenceHolderId> = licence_holder::table
        .filter(licence_holder::institution_id.is(institution))
        .filter(licence_holder::id.eq_any(ids.iter().map(|&id| OneOf(LicenceHolderId::from_uuid(id)))))
        .select(licence_holder::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// The person with whom a licence was agreed.
pub const fn licence_holder(id: LicenceHolderId) -> KeyOwner {
    KeyOwner::new(&LICENCE_HOLDER, id.as_uuid())
}

/// A contact person; those of the processor are in the platform's realm.
pub static CONTACT_PERSON: KeyKind = KeyKind::new("contact-person", |connection, institution, ids| {
    let found: Vec<ContactPersonId> = contact_person_table::table
        .filter(contact_person_table::institution_id.is(institution))
        .filter(contact_person_table::id.eq_any(ids.iter().map(|&id| OneOf(ContactPersonId::from_uuid(id)))))
        .select(contact_person_table::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// A contact person.
pub const fn contact_person(id: ContactPersonId) -> KeyOwner {
    KeyOwner::new(&CONTACT_PERSON, id.as_uuid())
}

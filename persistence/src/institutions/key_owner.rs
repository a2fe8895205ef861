//! Institutions as owners of keys.

use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::institutions::schema::institution;

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

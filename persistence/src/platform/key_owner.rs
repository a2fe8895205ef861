//! Whose keys protect what is about the processor's own staff.

use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::platform::schema::processor_staff;

/// A member of the processor's staff; the key is in the platform's realm.
pub static STAFF: KeyKind = KeyKind::new("processor-staff", |connection, _, ids| {
    let found: Vec<UserId> = processor_staff::table
        .filter(processor_staff::id.eq_any(ids.iter().map(|&id| OneOf(UserId::from_uuid(id)))))
        .select(processor_staff::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// A member of the processor's staff.
pub const fn staff(id: UserId) -> KeyOwner {
    KeyOwner::new(&STAFF, id.as_uuid())
}

//! What of support has a key of its own.

use groeilijn_domain::values::ids::SupportRequestId;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::support::schema::support_request;

/// A request of an institution: what it asks, which may tell of children.
pub static SUPPORT_REQUEST: KeyKind = KeyKind::new("support-request", |connection, institution, ids| {
    let found: Vec<SupportRequestId> = support_request::table
        .filter(support_request::institution_id.is(institution))
        .filter(support_request::id.eq_any(ids.iter().map(|&id| OneOf(SupportRequestId::from_uuid(id)))))
        .select(support_request::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// A request of an institution.
pub const fn support_request(id: SupportRequestId) -> KeyOwner {
    KeyOwner::new(&SUPPORT_REQUEST, id.as_uuid())
}

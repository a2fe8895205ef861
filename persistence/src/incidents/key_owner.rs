//! Incidents as owners of keys.

use groeilijn_domain::values::ids::IncidentId;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::incidents::schema::incident as incident_table;

/// An incident: what was told of it, and the texts that were added since, which may tell of children.
pub static INCIDENT: KeyKind = KeyKind::new("incident", |connection, institution, ids| {
    let found: Vec<IncidentId> = incident_table::table
        .filter(incident_table::institution_id.is(institution))
        .filter(incident_table::id.eq_any(ids.iter().map(|&id| OneOf(IncidentId::from_uuid(id)))))
        .select(incident_table::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// An incident.
pub const fn incident(id: IncidentId) -> KeyOwner {
    KeyOwner::new(&INCIDENT, id.as_uuid())
}

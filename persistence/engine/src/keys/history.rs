//! What a key store tells of when something was last made or destroyed in it, and of what.
//!
//! These are questions about a key store that nothing runs on: one that is about to be copied, or put back.

use diesel::dsl::max;
use groeilijn_domain::values::ids::InstitutionId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::database::connection::AnyConnection;
use crate::database::query::prelude::*;
use crate::error::Result;
use crate::schema::subject_key;

/// The owner of a key that was destroyed: whose realm, the code of its kind, and which one.
pub type DestroyedOwner = (InstitutionId, String, Uuid);

/// When a key was last destroyed, in UTC.
///
/// # Errors
/// What the key store refuses.
pub fn newest_destruction(keys: &mut AnyConnection) -> Result<Option<Timestamp>> {
    Ok(subject_key::table.select(max(subject_key::destroyed_at)).first(keys)?)
}

/// When a key was last made or destroyed, in UTC.
///
/// # Errors
/// What the key store refuses.
pub fn newest_change(keys: &mut AnyConnection) -> Result<Option<Timestamp>> {
    let made: Option<Timestamp> = subject_key::table.select(max(subject_key::created_at)).first(keys)?;
    Ok(made.max(newest_destruction(keys)?))
}

/// The owners of all keys that were destroyed, by institution and kind.
///
/// # Errors
/// What the key store refuses.
pub fn destroyed_owners(keys: &mut AnyConnection) -> Result<Vec<DestroyedOwner>> {
    Ok(subject_key::table
        .filter(subject_key::wrapped.is_null())
        .order((subject_key::institution_id, subject_key::kind, subject_key::subject_id))
        .select((subject_key::institution_id, subject_key::kind, subject_key::subject_id))
        .load(keys)?)
}

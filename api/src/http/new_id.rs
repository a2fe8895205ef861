//! The id of something new: the client's own, or one that is made here.

use groeilijn_domain::values::ids::check_new;
use groeilijn_persistence::Result;
use groeilijn_persistence::environment::Environment;
use uuid::Uuid;

use super::failure::invalid_field;

/// The id that the client gave, or a new one.
///
/// # Errors
/// [`Error::Invalid`](groeilijn_persistence::Error::Invalid) `reserved-id` for the field `id`.
pub fn new_id<I: From<Uuid> + Into<Uuid>>(given: Option<I>, environment: &Environment) -> Result<I> {
    let Some(id) = given else { return Ok(environment.uuid().into()) };
    let id = id.into();
    check_new(id).map_err(invalid_field("id"))?;
    Ok(id.into())
}

//! The network address in an entry: personal data, so it is sealed under the actor's own key, or under the shared key of
//! whose log it is when the actor has none.

use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;

use crate::audit::context::AuditContext;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::keys::{KeyOwner, KeyRing};
use crate::sealing::{RowOpener, RowPlace, RowSealer};

const TABLE: &str = "audit_entry";
const COLUMN: &str = "address";

/// Whose address it is: an actor with a key of their own and the realm that it is in, or nobody with one.
pub type OwnKey = Option<(InstitutionId, KeyOwner)>;

/// Where the address of an entry may be sealed: under the actor's own key, or else under the shared one.
fn places(institution: InstitutionId, own: OwnKey, trace_id: [u8; 16]) -> impl Iterator<Item = RowPlace> {
    let shared = (institution, KeyOwner::shared(institution));
    own.into_iter().chain([shared]).map(move |(institution, owner)| RowPlace {
        institution,
        table: TABLE,
        row: Uuid::from_bytes(trace_id),
        owner,
    })
}

/// Seals the address from which a request of a trace was sent, for the log of `institution`. `None` for the service
/// itself, which has none, and where every key that it would be sealed under was destroyed.
///
/// # Errors
/// What the key store refuses: without a key to seal it under there is no entry.
pub fn seal(
    keys: &KeyRing,
    environment: &Environment,
    institution: InstitutionId,
    own: OwnKey,
    context: &AuditContext,
) -> Result<Option<Vec<u8>>> {
    let (address, trace_id) = (context.address.as_str(), context.trace.trace_id);
    if address.is_empty() {
        return Ok(None);
    }
    let mut refused = Error::Unreadable(TABLE);
    for place in places(institution, own, trace_id) {
        match RowSealer::new(keys, environment, place) {
            Ok(mut row) => return Ok(Some(row.text(COLUMN, Some(address)))),
            Err(error) if error.is_passing() => return Err(error),
            // The actor has no key, or no longer.
            Err(error) => refused = error,
        }
    }
    match refused {
        // Where the institution's own key is destroyed too, it is on record what was tried, and not from where.
        Error::Destroyed => Ok(None),
        refused => Err(refused),
    }
}

/// Opens the sealed address of an entry in the log of `institution`.
///
/// # Errors
/// [`Error::Unreadable`] when its key was destroyed, or it was moved or altered.
pub fn open(
    keys: &KeyRing,
    institution: InstitutionId,
    own: OwnKey,
    trace_id: [u8; 16],
    sealed: &[u8],
) -> Result<Option<String>> {
    let mut refused = Error::Unreadable(TABLE);
    for place in places(institution, own, trace_id) {
        match RowOpener::new(keys, place).text(COLUMN, sealed) {
            Ok(address) => return Ok(address),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

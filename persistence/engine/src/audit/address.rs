//! The network address in an entry: personal data, so it is sealed under the actor's own key, or under the shared key of
//! whose log it is when the actor has none.

use groeilijn_domain::access::principal::Principal;
use groeilijn_domain::audit::entry::ActorKind;
use groeilijn_domain::values::ids::InstitutionId;
use uuid::Uuid;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::keys::KeyRing;
use crate::sealing::{RowOpener, RowPlace, RowSealer};

const TABLE: &str = "audit_entry";
const COLUMN: &str = "address";

/// Where the address of an entry is sealed, for one actor: under their own key, or under the shared one.
fn places(institution: InstitutionId, actor: Principal, trace_id: [u8; 16]) -> [Option<RowPlace>; 2] {
    let row = Uuid::from_bytes(trace_id);
    let person = actor.as_actor().filter(|actor| !actor.account.as_uuid().is_nil());
    // The processor's staff have their keys with the platform, also while they act in an institution.
    let own = person.map(|person| RowPlace {
        institution: match actor.kind() {
            ActorKind::PlatformUser => InstitutionId::PLATFORM,
            _ => person.realm(),
        },
        table: TABLE,
        row,
        subject: Some(person.account.as_uuid()),
    });
    [own, Some(RowPlace { institution, table: TABLE, row, subject: None })]
}

/// Seals the address from which `actor` sent the request of a trace, for the log of `institution`. `None` for the
/// service itself, which has none.
pub(super) fn seal(
    keys: &KeyRing,
    environment: &Environment,
    institution: InstitutionId,
    actor: Principal,
    trace_id: [u8; 16],
    address: &str,
) -> Result<Option<Vec<u8>>> {
    if address.is_empty() {
        return Ok(None);
    }
    let mut refused = Error::Unreadable(TABLE);
    for place in places(institution, actor, trace_id).into_iter().flatten() {
        match RowSealer::new(keys, environment, place) {
            Ok(mut row) => return Ok(Some(row.text(COLUMN, Some(address)))),
            // The actor has no key of their own, or no longer.
            Err(error @ Error::Unreadable(_)) => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

/// Opens the sealed address of an entry in the log of `institution`, which says that `actor` sent it.
///
/// # Errors
/// [`Error::Unreadable`] when its key was destroyed, or it was moved or altered.
pub fn open(
    keys: &KeyRing,
    institution: InstitutionId,
    actor: Principal,
    trace_id: [u8; 16],
    sealed: &[u8],
) -> Result<Option<String>> {
    let mut refused = Error::Unreadable(TABLE);
    for place in places(institution, actor, trace_id).into_iter().flatten() {
        match RowOpener::new(keys, place).text(COLUMN, sealed) {
            Err(error @ Error::Unreadable(_)) => refused = error,
            opened => return opened,
        }
    }
    Err(refused)
}

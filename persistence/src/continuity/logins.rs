//! Logins of users who are taken in: none comes along, so each has to be accepted anew.

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Function, UserRights};
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, UserId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::error::{Error, Result};

use super::resource::Cells;
use crate::access::account;
use crate::access::membership::{self, MembershipRow};
use crate::handles::tenant::TenantWriter;

/// Enters a user's membership: as one who is invited, or who is blocked, as she was. Where somebody logs in with her address
/// already, it is her login; of whom nothing is known any more, nobody's.
///
/// # Errors
/// As [`TenantWriter::login_of`] and [`membership::insert`].
pub(super) fn enter_login(writer: &mut TenantWriter<'_>, cells: &Cells) -> Result<()> {
    let wrong = |column: &'static str| {
        Error::invalid(column, Refusal::new("required", "is missing or cannot be read"))
    };
    let id = cells.id("id").map(UserId::from_uuid).ok_or_else(|| wrong("id"))?;
    let function = cells.text("m.function").and_then(Function::from_code).ok_or_else(|| wrong("function"))?;
    let state = cells.text("m.state").and_then(AccountState::from_code).ok_or_else(|| wrong("state"))?;
    let rights: Option<UserRights> = cells.text("m.rights").and_then(|text| serde_json::from_str(text).ok());
    let login = match cells.text("email") {
        Some(email) => {
            let email = EmailAddress::parse(email).map_err(|refusal| Error::invalid("email", refusal))?;
            writer.login_of(&email)?.id
        }
        None => nobody(writer)?,
    };
    let (store, institution) = (writer.store(), writer.institution());
    let is_blocked = state == AccountState::Blocked || cells.text("email").is_none();
    let mut row = MembershipRow::new((institution, id), login, function);
    if is_blocked {
        row.state = AccountState::Blocked;
    }
    row.rights = rights.filter(|rights| !rights.is_empty());
    row.last_day = cells.text("m.last_day").and_then(|day| day.parse().ok());
    row.limit_to_locations(cells.number("m.limited_to_locations").is_some_and(|limited| limited != 0));
    membership::insert(writer.connection, store, row)
}

fn nobody(writer: &mut TenantWriter<'_>) -> Result<AccountId> {
    let (store, now) = (writer.store(), writer.now());
    let id = AccountId::from_uuid(writer.environment().uuid());
    account::insert_ended(writer.connection, store, id, now)?;
    Ok(id)
}

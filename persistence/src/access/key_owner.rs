//! Whose keys protect what is about logging in and about users.

use groeilijn_domain::access::Role;
use groeilijn_domain::access::principal::{Actor, Person, Principal};
use groeilijn_domain::values::ids::{AccountId, InstitutionId, UserId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::keys::{KeyKind, KeyOwner};

use crate::access::schema::{account, users};
use crate::platform::key_owner::staff;

/// A user of an institution.
pub static USER: KeyKind = KeyKind::new("user", |connection, institution, ids| {
    let found: Vec<UserId> = users::table
        .filter(users::institution_id.is(institution))
        .filter(users::id.eq_any(ids.iter().map(|&id| OneOf(UserId::from_uuid(id)))))
        .select(users::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// A person who logs in, whatever institutions she is a user of; her key is in the platform's realm.
pub static PERSON: KeyKind = KeyKind::new("person", |connection, _, ids| {
    let found: Vec<AccountId> = account::table
        .filter(account::id.eq_any(ids.iter().map(|&id| OneOf(AccountId::from_uuid(id)))))
        .select(account::id)
        .load(connection)?;
    Ok(found.into_iter().map(|id| id.as_uuid()).collect())
});

/// A user of an institution.
pub const fn user(id: UserId) -> KeyOwner {
    KeyOwner::new(&USER, id.as_uuid())
}

/// Whoever logs in with the actor's account, whatever institutions she is a user of. The key is in the platform's realm.
pub fn login(actor: Actor) -> KeyOwner {
    match actor.role {
        Role::Institution(_) => KeyOwner::new(&PERSON, actor.account.as_uuid()),
        Role::Processor(_) => staff(actor.user),
    }
}

/// A person as her institution knows her, or a member of the processor's staff.
pub fn of(person: Person) -> KeyOwner {
    match person.institution {
        Some(_) => user(person.user),
        None => staff(person.user),
    }
}

/// Who acts, with the realm that their key is in; `None` for a token and for the service itself, who have none. The
/// processor's staff have theirs with the platform, also while they act in an institution.
pub fn of_principal(principal: Principal) -> Option<(InstitutionId, KeyOwner)> {
    let actor = principal.as_actor().filter(|actor| !actor.user.as_uuid().is_nil())?;
    Some(match actor.role {
        Role::Processor(_) => (InstitutionId::PLATFORM, staff(actor.user)),
        Role::Institution(_) => (actor.realm(), user(actor.user)),
    })
}

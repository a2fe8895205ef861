//! What a change of a login has to know of whose it is.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::{RowOpener, RowPlace};

use crate::access::key_owner;
use crate::access::schema::users;
use crate::access::user::TABLE;
use crate::handles::store::Store;
use crate::person_name::open_name;
use crate::platform::processor_staff;

/// As whom somebody is known, and what she logs in with.
pub struct OwnDetails {
    /// Her name.
    pub name: PersonName,
    /// Her address.
    pub email: EmailAddress,
}

impl Store {
    /// The details of who changes her own login: her password must not hold them, and her app shows her address. It has no entry
    /// in the log of its own, because the one of the change names her, and nobody else gets to see them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when she is a user no more, or staff no more.
    pub async fn own_details(&self, actor: Actor) -> Result<OwnDetails> {
        let store = self.clone();
        self.data()
            .read_at_one_moment(Cost::Rows, move |connection| match actor.institution {
                Some(institution) => of_user(connection, &store, institution, actor.user),
                None => {
                    let fields = processor_staff::load(connection, &store, actor.user)?.fields;
                    Ok(OwnDetails { name: fields.name, email: fields.email })
                }
            })
            .await
    }
}

fn of_user(
    connection: &mut AnyConnection,
    store: &Store,
    institution: InstitutionId,
    id: UserId,
) -> Result<OwnDetails> {
    dialect::enter_institution(connection, institution)?;
    let (name, email): (Vec<u8>, Vec<u8>) = users::table
        .filter(users::institution_id.is(institution))
        .filter(users::id.is(id))
        .filter(users::ended_at.is_null())
        .select((users::name, users::email))
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    let owner = key_owner::user(id);
    let mut opener =
        RowOpener::new(store.keys(), RowPlace { institution, table: TABLE, row: id.as_uuid(), owner });
    Ok(OwnDetails {
        name: open_name(&mut opener, &name)?,
        email: opener.required_kept("email", &email, EmailAddress::kept)?,
    })
}

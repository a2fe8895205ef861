//! The names that stand beside what users wrote and did.
//!
//! Such a name is no look at the user: what she wrote is on record, and that names her (ADR 66).

use groeilijn_domain::access::author::Author;
use groeilijn_domain::values::ids::UserId;
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use uuid::Uuid;

use crate::access::key_owner;
use crate::access::schema::users;
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

const TABLE: &str = "users";

impl TenantReader<'_> {
    /// A user as her colleagues know her, as long as her name is kept, though she left. Whoever is no colleague of hers gets
    /// the id alone (C050).
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub fn author(&mut self, id: UserId) -> Result<Author> {
        if !self.is_colleague() {
            return Ok(Author::unnamed(id));
        }
        if let Some(name) = self.names.get(&id) {
            return Ok(Author { id, name: name.clone() });
        }
        let name = self.name_of(id)?;
        self.names.insert(id, name.clone());
        Ok(Author { id, name })
    }

    /// The user behind an id that may also be a token's, if her name is known.
    pub(crate) fn named_author(&mut self, id: Uuid) -> Result<Option<Author>> {
        let author = self.author(UserId::from_uuid(id))?;
        Ok(author.name.is_some().then_some(author))
    }

    /// Who acts, as the author of what is written now.
    ///
    /// # Errors
    /// [`Error::Internal`](groeilijn_engine::error::Error::Internal) for a token, which is no author.
    pub(crate) fn acting_author(&mut self) -> Result<Author> {
        let user = self.actor()?.user;
        self.author(user)
    }

    fn name_of(&mut self, id: UserId) -> Result<Option<PersonName>> {
        let stored: Option<Vec<u8>> = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::id.is(id))
            .filter(users::ended_at.is_null())
            .select(users::name)
            .first(self.connection)
            .optional()?;
        let Some(stored) = stored else { return Ok(None) };
        let opened = open_name(&mut self.opener(TABLE, id.as_uuid(), key_owner::user(id)), &stored);
        self.readable(id, opened)
    }
}

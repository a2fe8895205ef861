//! Contact persons: who speaks for an institution, or for the processor, when an instruction is given (C019). Those of the
//! processor are kept in the platform's realm.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::terms::PERSON;
use groeilijn_domain::values::calendar::months_later;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{ContactPersonId, UserId};
use groeilijn_domain::values::person::PersonName;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::ends;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;

use crate::access::letter::{Addressee, queue_to};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::key_owner;
use crate::institutions::schema::contact_person;
use crate::person_name::{open_name, seal_name};

const TABLE: &str = "contact_person";

/// Who a contact person is.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactPersonFields {
    /// Her name.
    pub name: PersonName,
    /// Where she is written to.
    pub email: EmailAddress,
}

/// A contact person as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredContactPerson {
    /// Her id.
    pub id: ContactPersonId,
    /// Who she is.
    pub fields: ContactPersonFields,
    /// Who registered her.
    pub created_by: UserId,
    /// When she was registered, in UTC.
    pub created_at: Timestamp,
    /// When she was one no longer, in UTC.
    pub ended_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = contact_person)]
struct ContactPersonRow {
    id: ContactPersonId,
    name: Vec<u8>,
    email: Vec<u8>,
    created_by: UserId,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The contact persons, those who ended too, in the order in which they were registered, after the one with id
    /// `after`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn contact_persons(
        &mut self,
        after: Option<ContactPersonId>,
        limit: i64,
    ) -> Result<Vec<StoredContactPerson>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &ContactPersonId, limit| {
            let rows: Vec<ContactPersonRow> = contact_person::table
                .filter(contact_person::institution_id.is(institution))
                .filter(contact_person::id.after(*after))
                .order(contact_person::id)
                .limit(limit)
                .select(columns::<ContactPersonRow>())
                .load(reader.connection)?;
            reader.open_keys(rows.iter().map(|row| key_owner::contact_person(row.id)))?;
            Ok(rows)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row| row.id,
            |reader, row| {
                let id = row.id;
                let opened = reader.open_contact_person(&row);
                reader.readable(id, opened)
            },
        )
    }

    /// One contact person.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn contact_person(&mut self, id: ContactPersonId) -> Result<StoredContactPerson> {
        let row: Option<ContactPersonRow> = contact_person::table
            .filter(contact_person::institution_id.is(self.institution()))
            .filter(contact_person::id.is(id))
            .select(columns::<ContactPersonRow>())
            .first(self.connection)
            .optional()?;
        self.open_contact_person(&row.ok_or(Error::NotFound)?)
    }

    /// Whether somebody is registered as a contact person now.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn is_registered(&mut self, id: ContactPersonId) -> Result<bool> {
        let registered = contact_person::table
            .filter(contact_person::institution_id.is(self.institution()))
            .filter(contact_person::id.is(id))
            .filter(contact_person::ended_at.is_null());
        Ok(diesel::select(diesel::dsl::exists(registered)).get_result(self.connection)?)
    }

    fn open_contact_person(&mut self, row: &ContactPersonRow) -> Result<StoredContactPerson> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::contact_person(row.id));
        let fields = ContactPersonFields {
            name: open_name(&mut opener, &row.name)?,
            email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
        };
        self.touch(ObjectKind::ContactPerson, row.id.as_uuid());
        Ok(StoredContactPerson {
            id: row.id,
            fields,
            created_by: row.created_by,
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Leaves a letter to every administrator who can log in, and to every contact person who did not end.
    pub(crate) fn write_to_institution(&mut self, content: &LetterContent) -> Result<()> {
        let (store, institution) = (self.store(), self.institution());
        self.write_to_administrators(content)?;
        let registered: Vec<ContactPersonId> = contact_person::table
            .filter(contact_person::institution_id.is(institution))
            .filter(contact_person::ended_at.is_null())
            .order(contact_person::id)
            .select(contact_person::id)
            .load(self.connection)?;
        for id in registered {
            queue_to(self.connection, store, Addressee::ContactPerson { institution, id }, content)?;
        }
        Ok(())
    }

    /// Registers a contact person, whose key was made before.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn register_contact_person(
        &mut self,
        id: ContactPersonId,
        fields: &ContactPersonFields,
    ) -> Result<StoredContactPerson> {
        let (institution, now, created_by) = (self.institution(), self.now(), self.actor()?.user);
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::contact_person(id))?;
        let name = seal_name(&mut row, &fields.name);
        let email = row.text("email", Some(fields.email.as_str()));
        self.sealed(row);
        diesel::insert_into(contact_person::table)
            .values((
                contact_person::institution_id.is(institution),
                contact_person::id.is(id),
                contact_person::name.eq(name),
                contact_person::email.eq(email),
                contact_person::created_by.is(created_by),
                contact_person::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.contact_person(id)
    }

    /// Ends a contact person: no instruction goes by her any more. Her key is destroyed a while later.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `contact-person-ended`.
    pub fn end_contact_person(&mut self, id: ContactPersonId) -> Result<()> {
        let (institution, now, ended_by) = (self.institution(), self.now(), self.actor()?.user);
        self.contact_person(id)?;
        let open = contact_person::table
            .filter(contact_person::institution_id.is(institution))
            .filter(contact_person::id.is(id))
            .filter(contact_person::ended_at.is_null());
        let ended = diesel::update(open)
            .set((contact_person::ended_by.is(Some(ended_by)), contact_person::ended_at.is(Some(now))))
            .execute(self.connection)?;
        if ended == 0 {
            return Err(Error::conflict("contact-person-ended", "this contact person was ended before"));
        }
        let over = months_later(now, PERSON.0.try_into().unwrap_or(i8::MAX));
        ends::end_at(self.connection, institution, key_owner::contact_person(id), over)
    }
}

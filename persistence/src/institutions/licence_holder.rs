//! Licence holders (C007, C021): one an institution, under a key of her own.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::licence_holder::LicenceHolder;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::LicenceHolderId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::key_owner;
use crate::institutions::schema::licence_holder;
use crate::person_name::{open_name, seal_name};

const TABLE: &str = "licence_holder";

/// A licence holder as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredLicenceHolder {
    /// Her id.
    pub id: LicenceHolderId,
    /// Who she is.
    pub fields: LicenceHolder,
    /// How often she was changed.
    pub revision: i32,
    /// When she was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = licence_holder)]
struct LicenceHolderRow {
    id: LicenceHolderId,
    name: Vec<u8>,
    address: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
}

struct SealedLicenceHolder {
    name: Vec<u8>,
    address: Vec<u8>,
    email: Vec<u8>,
}

impl SealedLicenceHolder {
    fn seal(row: &mut RowSealer<'_>, fields: &LicenceHolder) -> Self {
        Self {
            name: seal_name(row, &fields.name),
            address: row.text("address", Some(fields.address.as_str())),
            email: row.text("email", Some(fields.email.as_str())),
        }
    }
}

impl TenantReader<'_> {
    /// The institution's licence holder.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none was entered.
    pub fn licence_holder(&mut self) -> Result<StoredLicenceHolder> {
        let row: LicenceHolderRow = licence_holder::table
            .filter(licence_holder::institution_id.is(self.institution()))
            .select(columns::<LicenceHolderRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.touch(ObjectKind::LicenceHolder, row.id.as_uuid());
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::licence_holder(row.id));
        Ok(StoredLicenceHolder {
            id: row.id,
            fields: LicenceHolder {
                name: open_name(&mut opener, &row.name)?,
                address: opener.required_kept("address", &row.address, Label::kept)?,
                email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
            },
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters the licence holder.
    ///
    /// # Errors
    /// [`Error::Conflict`] `already-exists`.
    pub fn create_licence_holder(
        &mut self,
        id: LicenceHolderId,
        fields: &LicenceHolder,
    ) -> Result<StoredLicenceHolder> {
        let (institution, now) = (self.institution(), self.now());
        dialect::lock_institution(self.connection, institution)?;
        let own = licence_holder::table.filter(licence_holder::institution_id.is(institution));
        if diesel::select(diesel::dsl::exists(own)).get_result(self.connection)? {
            let detail = "The institution has a licence holder: change her.";
            return Err(Error::Conflict(Refusal::new("already-exists", detail)));
        }
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::licence_holder(id))?;
        let sealed = SealedLicenceHolder::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(licence_holder::table)
            .values((
                licence_holder::institution_id.is(institution),
                licence_holder::id.is(id),
                licence_holder::name.eq(sealed.name),
                licence_holder::address.eq(sealed.address),
                licence_holder::email.eq(sealed.email),
                licence_holder::revision.eq(1),
                licence_holder::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.licence_holder()
    }

    /// Replaces what is known of the licence holder, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_licence_holder(
        &mut self,
        stored: &StoredLicenceHolder,
        fields: &LicenceHolder,
    ) -> Result<StoredLicenceHolder> {
        let institution = self.institution();
        let mut row = self.sealer(TABLE, stored.id.as_uuid(), key_owner::licence_holder(stored.id))?;
        let sealed = SealedLicenceHolder::seal(&mut row, fields);
        self.sealed(row);
        let unchanged = licence_holder::table
            .filter(licence_holder::institution_id.is(institution))
            .filter(licence_holder::revision.eq(stored.revision));
        let updated = diesel::update(unchanged)
            .set((
                licence_holder::name.eq(sealed.name),
                licence_holder::address.eq(sealed.address),
                licence_holder::email.eq(sealed.email),
                licence_holder::revision.eq(stored.revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.licence_holder()
    }
}

//! Licences (C004): one per institution.

use std::collections::BTreeSet;

use groeilijn_domain::{
    audit::ObjectKind,
    ids::InstitutionId,
    licence::{Licence, LicenceState, Product},
};

use crate::{
    convert::{code, date, micros},
    database::{AnyConnection, query::prelude::*},
    error::{Error, Result},
    schema::licence,
    tenant::{TenantReader, TenantWriter},
};

const TABLE: &str = "licence";

/// A licence as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLicence {
    /// What it allows, and when.
    pub licence: Licence,
    /// How often it was changed.
    pub revision: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = licence)]
pub(crate) struct LicenceRow {
    products: String,
    start_date: String,
    end_date: Option<String>,
    state: String,
    revision: i32,
}

impl LicenceRow {
    pub(crate) fn read(&self) -> Result<StoredLicence> {
        let products = self.products.split(',').filter(|product| !product.is_empty());
        Ok(StoredLicence {
            licence: Licence {
                products: products
                    .map(|product| code(Product::from_code, product, TABLE))
                    .collect::<Result<BTreeSet<_>>>()?,
                start: date(&self.start_date, TABLE)?,
                end: self.end_date.as_deref().map(|end| date(end, TABLE)).transpose()?,
                state: code(LicenceState::from_code, &self.state, TABLE)?,
            },
            revision: self.revision,
        })
    }
}

fn products(licence: &Licence) -> String {
    licence.products.iter().map(|product| product.code()).collect::<Vec<_>>().join(",")
}

pub(crate) fn load(connection: &mut AnyConnection, institution: InstitutionId) -> Result<StoredLicence> {
    licence::table
        .find(institution.as_bytes().as_slice())
        .select(columns::<LicenceRow>())
        .first::<LicenceRow>(connection)
        .optional()?
        .ok_or(Error::NotFound)?
        .read()
}

impl TenantReader<'_> {
    /// The institution's licence.
    pub fn licence(&mut self) -> Result<StoredLicence> {
        let institution = self.institution();
        load(self.connection, institution)
    }
}

impl TenantWriter<'_> {
    /// Gives a new institution its licence.
    pub fn create_licence(&mut self, new: &Licence) -> Result<()> {
        let institution = self.institution();
        let created_at = micros(self.now());
        diesel::insert_into(licence::table)
            .values((
                licence::institution_id.eq(institution.as_bytes().as_slice()),
                licence::products.eq(products(new)),
                licence::start_date.eq(new.start.to_string()),
                licence::end_date.eq(new.end.map(|end| end.to_string())),
                licence::state.eq(new.state.code()),
                licence::revision.eq(1),
                licence::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Licence, institution.as_uuid());
        Ok(())
    }

    /// Replaces what the licence says, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_licence(&mut self, revision: i32, changed: &Licence) -> Result<StoredLicence> {
        let institution = self.institution();
        let updated = diesel::update(
            licence::table.find(institution.as_bytes().as_slice()).filter(licence::revision.eq(revision)),
        )
        .set((
            licence::products.eq(products(changed)),
            licence::start_date.eq(changed.start.to_string()),
            licence::end_date.eq(changed.end.map(|end| end.to_string())),
            licence::state.eq(changed.state.code()),
            licence::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        self.touch(ObjectKind::Licence, institution.as_uuid());
        Ok(StoredLicence { licence: changed.clone(), revision: revision + 1 })
    }
}

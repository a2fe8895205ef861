//! Licences (C004): one per institution.

use std::collections::BTreeSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::licence::{Licence, LicenceState, Product, TERMS_VERSION};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::convert::{code, date, micros, timestamp, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::licence;

const TABLE: &str = "licence";

/// A licence as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLicence {
    /// What it allows, and when.
    pub licence: Licence,
    /// The terms that were accepted last, if any were.
    pub terms: Option<AcceptedTerms>,
    /// How often it was changed.
    pub revision: i32,
}

/// That licence terms were accepted (C004).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedTerms {
    /// Which version of them.
    pub version: String,
    /// By whom.
    pub accepted_by: UserId,
    /// When, in UTC.
    pub accepted_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = licence)]
pub(crate) struct LicenceRow {
    products: String,
    start_date: String,
    end_date: Option<String>,
    state: String,
    terms_version: Option<String>,
    terms_accepted_by: Option<Vec<u8>>,
    terms_accepted_at: Option<i64>,
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
            terms: self.terms()?,
            revision: self.revision,
        })
    }

    fn terms(&self) -> Result<Option<AcceptedTerms>> {
        let accepted = (&self.terms_version, &self.terms_accepted_by, self.terms_accepted_at);
        let (Some(version), Some(by), Some(at)) = accepted else { return Ok(None) };
        Ok(Some(AcceptedTerms {
            version: version.clone(),
            accepted_by: UserId::from_uuid(uuid(by, TABLE)?),
            accepted_at: timestamp(at, TABLE)?,
        }))
    }
}

impl StoredLicence {
    /// Whether the terms that hold now were accepted (C004).
    pub fn has_accepted_terms(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.version == TERMS_VERSION)
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
        load(self.connection, institution)
    }

    /// Accepts the terms that hold now, in the actor's name (C004).
    pub fn accept_terms(&mut self) -> Result<StoredLicence> {
        let institution = self.institution();
        let (accepted_by, accepted_at) = (self.actor()?.account, micros(self.now()));
        diesel::update(licence::table.find(institution.as_bytes().as_slice()))
            .set((
                licence::terms_version.eq(TERMS_VERSION),
                licence::terms_accepted_by.eq(accepted_by.as_bytes().as_slice()),
                licence::terms_accepted_at.eq(accepted_at),
                licence::revision.eq(licence::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Licence, institution.as_uuid());
        load(self.connection, institution)
    }
}

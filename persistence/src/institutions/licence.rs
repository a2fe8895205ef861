//! Licences (C004): one per institution.

use std::collections::BTreeSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::licence::{AcceptedTerms, Licence, LicenceState, Product, TERMS_VERSION};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::licence;

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

#[derive(Queryable, Selectable)]
#[diesel(table_name = licence)]
pub(crate) struct LicenceRow {
    products: BTreeSet<Product>,
    start_date: Date,
    end_date: Option<Date>,
    state: LicenceState,
    terms_version: Option<String>,
    terms_accepted_by: Option<UserId>,
    terms_accepted_at: Option<Timestamp>,
    revision: i32,
}

impl From<LicenceRow> for StoredLicence {
    fn from(row: LicenceRow) -> Self {
        let terms = match (row.terms_version, row.terms_accepted_by, row.terms_accepted_at) {
            (Some(version), Some(accepted_by), Some(accepted_at)) => {
                Some(AcceptedTerms { version, accepted_by, accepted_at })
            }
            _ => None,
        };
        Self {
            licence: Licence {
                products: row.products,
                start: row.start_date,
                end: row.end_date,
                state: row.state,
            },
            terms,
            revision: row.revision,
        }
    }
}

impl StoredLicence {
    /// Whether the terms that hold now were accepted (C004).
    pub fn has_accepted_terms(&self) -> bool {
        self.terms.as_ref().is_some_and(AcceptedTerms::are_current)
    }
}

/// The licence of an institution.
pub(crate) fn load(connection: &mut AnyConnection, institution: InstitutionId) -> Result<StoredLicence> {
    let row: LicenceRow = licence::table
        .filter(licence::institution_id.is(institution))
        .select(columns::<LicenceRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    Ok(row.into())
}

impl PlatformReader<'_> {
    /// The licence of an institution.
    pub fn licence_of(&mut self, institution: InstitutionId) -> Result<StoredLicence> {
        load(self.connection, institution)
    }
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
        let created_at = self.now();
        diesel::insert_into(licence::table)
            .values((
                licence::institution_id.is(institution),
                licence::products.is(&new.products),
                licence::start_date.is(new.start),
                licence::end_date.is(new.end),
                licence::state.is(new.state),
                licence::revision.eq(1),
                licence::created_at.is(created_at),
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
        let unchanged = licence::table
            .filter(licence::institution_id.is(institution))
            .filter(licence::revision.eq(revision));
        let updated = diesel::update(unchanged)
            .set((
                licence::products.is(&changed.products),
                licence::start_date.is(changed.start),
                licence::end_date.is(changed.end),
                licence::state.is(changed.state),
                licence::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Licence, institution.as_uuid());
        load(self.connection, institution)
    }

    /// Accepts the terms that hold now, in the actor's name (C004).
    pub fn accept_terms(&mut self) -> Result<StoredLicence> {
        let institution = self.institution();
        let (accepted_by, accepted_at) = (self.actor()?.user, self.now());
        diesel::update(licence::table.filter(licence::institution_id.is(institution)))
            .set((
                licence::terms_version.eq(TERMS_VERSION),
                licence::terms_accepted_by.is(Some(accepted_by)),
                licence::terms_accepted_at.is(Some(accepted_at)),
                licence::revision.eq(licence::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Licence, institution.as_uuid());
        load(self.connection, institution)
    }
}

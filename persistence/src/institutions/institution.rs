//! Institutions: the tenants (C001).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::institution::{
    Brin, ChildcareNumber, ContractProfile, InstitutionFields, InstitutionKind,
};
use groeilijn_domain::values::email::MailDomain;
use groeilijn_domain::values::ids::{InstitutionId, OrganisationId, check_new};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::organisation;
use crate::institutions::schema::{institution, institution_domain};

/// An institution as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstitution {
    /// Its id.
    pub id: InstitutionId,
    /// What it is.
    pub fields: InstitutionFields,
    /// Its own mail domains (C054).
    pub domains: Vec<MailDomain>,
    /// The board that it belongs to, if it belongs to one.
    pub organisation: Option<OrganisationId>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = institution)]
struct InstitutionRow {
    id: InstitutionId,
    kind: InstitutionKind,
    name: String,
    brin: Option<Brin>,
    childcare_number: Option<ChildcareNumber>,
    contract_profile: ContractProfile,
    organisation_id: Option<OrganisationId>,
    revision: i32,
    created_at: Timestamp,
}

impl InstitutionRow {
    fn read(self, connection: &mut AnyConnection) -> Result<StoredInstitution> {
        Ok(StoredInstitution {
            id: self.id,
            fields: InstitutionFields {
                kind: self.kind,
                name: self.name,
                brin: self.brin,
                childcare_number: self.childcare_number,
                contract_profile: self.contract_profile,
            },
            domains: load_domains(connection, self.id)?,
            organisation: self.organisation_id,
            revision: self.revision,
            created_at: self.created_at,
        })
    }
}

fn load(connection: &mut AnyConnection, id: InstitutionId) -> Result<StoredInstitution> {
    let row: InstitutionRow = institution::table
        .filter(institution::id.is(id))
        .select(columns::<InstitutionRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    row.read(connection)
}

pub(crate) fn load_domains(connection: &mut AnyConnection, id: InstitutionId) -> Result<Vec<MailDomain>> {
    Ok(institution_domain::table
        .filter(institution_domain::institution_id.is(id))
        .order(institution_domain::domain)
        .select(institution_domain::domain)
        .load(connection)?)
}

impl PlatformReader<'_> {
    /// Institutions in the order of their ids, after the one with id `after`.
    pub fn institutions(
        &mut self,
        after: Option<InstitutionId>,
        limit: i64,
    ) -> Result<Vec<StoredInstitution>> {
        let rows: Vec<InstitutionRow> = institution::table
            .filter(institution::id.after(page_start(after)))
            .order(institution::id)
            .limit(limit)
            .select(columns::<InstitutionRow>())
            .load(self.connection)?;
        rows.into_iter().map(|row| row.read(self.connection)).collect()
    }

    /// One institution.
    pub fn institution(&mut self, id: InstitutionId) -> Result<StoredInstitution> {
        load(self.connection, id)
    }
}

impl TenantReader<'_> {
    /// The institution itself.
    pub fn own_institution(&mut self) -> Result<StoredInstitution> {
        let id = self.institution();
        load(self.connection, id)
    }
}

impl TenantWriter<'_> {
    /// Enters the institution itself, with its mail domains, as one of a board if it is one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a domain of an institution of another board, for an unknown board, and for an `id` that no
    /// institution has.
    pub fn create_institution(
        &mut self,
        fields: &InstitutionFields,
        domains: &[MailDomain],
        organisation: Option<OrganisationId>,
    ) -> Result<()> {
        let id = self.institution();
        check_new(id.as_uuid()).map_err(|refusal| Error::invalid("id", refusal))?;
        let created_at = self.now();
        if let Some(organisation) = organisation {
            organisation::require(self.connection, organisation, "organisation_id")?;
        }
        diesel::insert_into(institution::table)
            .values((
                institution::id.is(id),
                institution::kind.is(fields.kind),
                institution::name.eq(&fields.name),
                institution::brin.is(fields.brin.as_ref()),
                institution::childcare_number.is(fields.childcare_number.as_ref()),
                institution::contract_profile.is(fields.contract_profile),
                institution::organisation_id.is(organisation),
                institution::revision.eq(1),
                institution::created_at.is(created_at),
            ))
            .execute(self.connection)?;
        self.insert_domains(id, domains, organisation)?;
        self.touch(ObjectKind::Institution, id.as_uuid());
        Ok(())
    }

    /// Replaces what is known of the institution, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime; [`Error::Invalid`] for a domain of an institution of another
    /// board.
    pub fn change_institution(
        &mut self,
        revision: i32,
        fields: &InstitutionFields,
        domains: &[MailDomain],
    ) -> Result<StoredInstitution> {
        let id = self.institution();
        let unchanged =
            institution::table.filter(institution::id.is(id)).filter(institution::revision.eq(revision));
        let updated = diesel::update(unchanged)
            .set((
                institution::kind.is(fields.kind),
                institution::name.eq(&fields.name),
                institution::brin.is(fields.brin.as_ref()),
                institution::childcare_number.is(fields.childcare_number.as_ref()),
                institution::contract_profile.is(fields.contract_profile),
                institution::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        diesel::delete(institution_domain::table.filter(institution_domain::institution_id.is(id)))
            .execute(self.connection)?;
        let organisation = institution::table
            .filter(institution::id.is(id))
            .select(institution::organisation_id)
            .first(self.connection)?;
        self.insert_domains(id, domains, organisation)?;
        self.settle_addresses()?;
        self.touch(ObjectKind::Institution, id.as_uuid());
        load(self.connection, id)
    }

    fn insert_domains(
        &mut self,
        id: InstitutionId,
        domains: &[MailDomain],
        organisation: Option<OrganisationId>,
    ) -> Result<()> {
        organisation::check_domains_free(self.connection, (id, organisation), domains)?;
        for domain in domains {
            diesel::insert_into(institution_domain::table)
                .values((institution_domain::institution_id.is(id), institution_domain::domain.is(domain)))
                .execute(self.connection)?;
        }
        Ok(())
    }
}

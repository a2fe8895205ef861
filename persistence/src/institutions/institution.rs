//! Institutions: the tenants (C001).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::institution::{Brin, ContractProfile, InstitutionKind};
use groeilijn_domain::values::email::MailDomain;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_domain::values::network::Network;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::access::account::read_networks;
use crate::convert::{code, micros, timestamp, uuid};
use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::licence::{self, StoredLicence};
use crate::institutions::schema::{institution, institution_domain};

const TABLE: &str = "institution";

/// What an institution is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionFields {
    /// Its kind.
    pub kind: InstitutionKind,
    /// Its name; that of an organisation, not of a person.
    pub name: String,
    /// Its number in the register of schools, if it has one.
    pub brin: Option<Brin>,
    /// Whose rules its contract follows.
    pub contract_profile: ContractProfile,
}

/// An institution as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstitution {
    /// Its id.
    pub id: InstitutionId,
    /// What it is.
    pub fields: InstitutionFields,
    /// Its own mail domains (C054).
    pub domains: Vec<MailDomain>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

/// Who gets into an institution, beside having a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// The networks from which users log in and work; without any there is no limit (C065).
    pub login_networks: Vec<Network>,
    /// Whether every administrator needs a second factor. A contract profile may ask it all the same.
    pub administrators_need_second_factor: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = institution)]
struct InstitutionRow {
    id: Vec<u8>,
    kind: String,
    name: String,
    brin: Option<String>,
    contract_profile: String,
    revision: i32,
    created_at: i64,
}

impl InstitutionRow {
    fn read(self, connection: &mut AnyConnection) -> Result<StoredInstitution> {
        let id = InstitutionId::from_uuid(uuid(&self.id, TABLE)?);
        let unreadable = |_| Error::Unreadable(TABLE);
        Ok(StoredInstitution {
            id,
            fields: InstitutionFields {
                kind: code(InstitutionKind::from_code, &self.kind, TABLE)?,
                name: self.name,
                brin: self.brin.as_deref().map(Brin::parse).transpose().map_err(unreadable)?,
                contract_profile: code(ContractProfile::from_code, &self.contract_profile, TABLE)?,
            },
            domains: load_domains(connection, id)?,
            revision: self.revision,
            created_at: timestamp(self.created_at, TABLE)?,
        })
    }
}

fn load(connection: &mut AnyConnection, id: InstitutionId) -> Result<StoredInstitution> {
    institution::table
        .find(id.as_bytes().as_slice())
        .select(columns::<InstitutionRow>())
        .first::<InstitutionRow>(connection)
        .optional()?
        .ok_or(Error::NotFound)?
        .read(connection)
}

fn load_domains(connection: &mut AnyConnection, id: InstitutionId) -> Result<Vec<MailDomain>> {
    let domains: Vec<String> = institution_domain::table
        .filter(institution_domain::institution_id.eq(id.as_bytes().as_slice()))
        .order(institution_domain::domain)
        .select(institution_domain::domain)
        .load(connection)?;
    domains.iter().map(|domain| MailDomain::parse(domain).map_err(|_| Error::Unreadable(TABLE))).collect()
}

impl PlatformReader<'_> {
    /// Institutions in the order of their ids, after the one with id `after`.
    pub fn institutions(
        &mut self,
        after: Option<InstitutionId>,
        limit: i64,
    ) -> Result<Vec<StoredInstitution>> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<InstitutionRow> = institution::table
            .filter(institution::id.gt(after))
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

    /// The licence of an institution.
    pub fn licence_of(&mut self, id: InstitutionId) -> Result<StoredLicence> {
        licence::load(self.connection, id)
    }
}

impl TenantReader<'_> {
    /// The institution itself.
    pub fn own_institution(&mut self) -> Result<StoredInstitution> {
        let id = self.institution();
        load(self.connection, id)
    }
}

impl TenantReader<'_> {
    /// Who gets in, and the revision of the institution that this is of.
    pub fn access_settings(&mut self) -> Result<(AccessSettings, i32)> {
        let id = self.institution();
        let (networks, second_factor, revision): (String, i32, i32) = institution::table
            .find(id.as_bytes().as_slice())
            .select((
                institution::login_networks,
                institution::administrators_need_second_factor,
                institution::revision,
            ))
            .first(self.connection)?;
        let settings = AccessSettings {
            login_networks: read_networks(&networks)?,
            administrators_need_second_factor: second_factor != 0,
        };
        Ok((settings, revision))
    }
}

impl TenantWriter<'_> {
    /// Replaces who gets in, if the institution still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_access_settings(
        &mut self,
        revision: i32,
        settings: &AccessSettings,
    ) -> Result<(AccessSettings, i32)> {
        let id = self.institution();
        let networks: Vec<_> = settings.login_networks.iter().map(Network::to_string).collect();
        let updated = diesel::update(
            institution::table.find(id.as_bytes().as_slice()).filter(institution::revision.eq(revision)),
        )
        .set((
            institution::login_networks.eq(networks.join(",")),
            institution::administrators_need_second_factor
                .eq(i32::from(settings.administrators_need_second_factor)),
            institution::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        self.touch(ObjectKind::Institution, id.as_uuid());
        self.access_settings()
    }

    /// Enters the institution itself, with its mail domains.
    pub fn create_institution(&mut self, fields: &InstitutionFields, domains: &[MailDomain]) -> Result<()> {
        let id = self.institution();
        let created_at = micros(self.now());
        diesel::insert_into(institution::table)
            .values((
                institution::id.eq(id.as_bytes().as_slice()),
                institution::kind.eq(fields.kind.code()),
                institution::name.eq(&fields.name),
                institution::brin.eq(fields.brin.as_ref().map(Brin::as_str)),
                institution::contract_profile.eq(fields.contract_profile.code()),
                institution::revision.eq(1),
                institution::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        self.insert_domains(id, domains)?;
        self.touch(ObjectKind::Institution, id.as_uuid());
        Ok(())
    }

    /// Replaces what is known of the institution, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_institution(
        &mut self,
        revision: i32,
        fields: &InstitutionFields,
        domains: &[MailDomain],
    ) -> Result<StoredInstitution> {
        let id = self.institution();
        let updated = diesel::update(
            institution::table.find(id.as_bytes().as_slice()).filter(institution::revision.eq(revision)),
        )
        .set((
            institution::kind.eq(fields.kind.code()),
            institution::name.eq(&fields.name),
            institution::brin.eq(fields.brin.as_ref().map(Brin::as_str)),
            institution::contract_profile.eq(fields.contract_profile.code()),
            institution::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        diesel::delete(
            institution_domain::table.filter(institution_domain::institution_id.eq(id.as_bytes().as_slice())),
        )
        .execute(self.connection)?;
        self.insert_domains(id, domains)?;
        self.touch(ObjectKind::Institution, id.as_uuid());
        load(self.connection, id)
    }

    fn insert_domains(&mut self, id: InstitutionId, domains: &[MailDomain]) -> Result<()> {
        for domain in domains {
            diesel::insert_into(institution_domain::table)
                .values((
                    institution_domain::institution_id.eq(id.as_bytes().as_slice()),
                    institution_domain::domain.eq(domain.as_str()),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }
}

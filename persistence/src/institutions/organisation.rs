//! Organisations: boards of several institutions, which may share mail domains (C055).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::organisation::{check_joining, check_leaving, check_shared_domain};
use groeilijn_domain::values::email::MailDomain;
use groeilijn_domain::values::ids::{InstitutionId, OrganisationId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::schema::{institution, institution_domain, organisation};

/// Of two who give or share domains at once, one waits for the other.
const DOMAINS: &[u8] = b"mail-domains";

/// An organisation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// The institutions that belong to it.
    pub institutions: Vec<InstitutionId>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organisation)]
struct OrganisationRow {
    id: OrganisationId,
    name: String,
    revision: i32,
    created_at: Timestamp,
}

impl OrganisationRow {
    fn read(self, connection: &mut AnyConnection) -> Result<StoredOrganisation> {
        let institutions = institution::table
            .filter(institution::organisation_id.is(Some(self.id)))
            .order(institution::id)
            .select(institution::id)
            .load(connection)?;
        let Self { id, name, revision, created_at } = self;
        Ok(StoredOrganisation { id, name, institutions, revision, created_at })
    }
}

fn load(connection: &mut AnyConnection, id: OrganisationId) -> Result<StoredOrganisation> {
    let row: OrganisationRow = organisation::table
        .filter(organisation::id.is(id))
        .select(columns::<OrganisationRow>())
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    row.read(connection)
}

/// That there is such an organisation.
///
/// # Errors
/// [`Error::Invalid`] `unknown-organisation` of `field`.
pub(crate) fn require(connection: &mut AnyConnection, id: OrganisationId, field: &str) -> Result<()> {
    match load(connection, id) {
        Err(Error::NotFound) => {
            let refusal = Refusal::new("unknown-organisation", "there is no such organisation");
            Err(Error::invalid(field, refusal))
        }
        found => found.map(drop),
    }
}

/// That an institution can have these domains: nobody has them but institutions of its own organisation.
///
/// # Errors
/// [`Error::Invalid`] `domain-in-use` for `mail_domains/…`.
pub(crate) fn check_domains_free(
    connection: &mut AnyConnection,
    (own, organisation): (InstitutionId, Option<OrganisationId>),
    domains: &[MailDomain],
) -> Result<()> {
    dialect::lock(connection, DOMAINS)?;
    let mut refusals = FieldRefusals::new();
    for (index, domain) in domains.iter().enumerate() {
        let others: Vec<Option<OrganisationId>> = institution_domain::table
            .inner_join(institution::table.on(institution::id.eq(institution_domain::institution_id)))
            .filter(institution_domain::domain.is(domain))
            .filter(institution_domain::institution_id.other_than(own))
            .select(institution::organisation_id)
            .load(connection)?;
        let refused = others.into_iter().find_map(|other| check_shared_domain(organisation, other).err());
        if let Some(refusal) = refused {
            refusals.refuse(format!("mail_domains/{index}"), refusal);
        }
    }
    Ok(refusals.or(())?)
}

impl PlatformReader<'_> {
    /// Organisations in the order of their ids, after the one with id `after`.
    pub fn organisations(
        &mut self,
        after: Option<OrganisationId>,
        limit: i64,
    ) -> Result<Vec<StoredOrganisation>> {
        let rows: Vec<OrganisationRow> = organisation::table
            .filter(organisation::id.after(page_start(after)))
            .order(organisation::id)
            .limit(limit)
            .select(columns::<OrganisationRow>())
            .load(self.connection)?;
        rows.into_iter().map(|row| row.read(self.connection)).collect()
    }

    /// One organisation.
    pub fn organisation(&mut self, id: OrganisationId) -> Result<StoredOrganisation> {
        load(self.connection, id)
    }
}

impl PlatformWriter<'_> {
    /// Enters an organisation without institutions.
    pub fn create_organisation(&mut self, id: OrganisationId, name: &Label) -> Result<StoredOrganisation> {
        let now = self.now();
        diesel::insert_into(organisation::table)
            .values((
                organisation::id.is(id),
                organisation::name.eq(name.as_str()),
                organisation::revision.eq(1),
                organisation::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Organisation, id.as_uuid());
        load(self.connection, id)
    }

    /// Gives an organisation another name, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn rename_organisation(
        &mut self,
        id: OrganisationId,
        revision: i32,
        name: &str,
    ) -> Result<StoredOrganisation> {
        let unchanged =
            organisation::table.filter(organisation::id.is(id)).filter(organisation::revision.eq(revision));
        let renamed = diesel::update(unchanged)
            .set((organisation::name.eq(name), organisation::revision.eq(revision + 1)))
            .execute(self.connection)?;
        if renamed == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Organisation, id.as_uuid());
        load(self.connection, id)
    }

    /// Takes an institution into an organisation; one that belongs to it stays. Both logs have it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `in-another-organisation`.
    pub fn join_organisation(&mut self, id: OrganisationId, institution: InstitutionId) -> Result<()> {
        load(self.connection, id)?;
        dialect::lock(self.connection, DOMAINS)?;
        let present = self.reader().institution(institution)?.organisation;
        check_joining(present, id).map_err(Error::Conflict)?;
        if present.is_some() {
            return Ok(());
        }
        self.set_organisation(id, institution, Some(id))
    }

    /// Takes an institution out of an organisation.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not belong to it; [`Error::Conflict`] `shares-mail-domains`.
    pub fn leave_organisation(&mut self, id: OrganisationId, institution: InstitutionId) -> Result<()> {
        dialect::lock(self.connection, DOMAINS)?;
        let stored = self.reader().institution(institution)?;
        if stored.organisation != Some(id) {
            return Err(Error::NotFound);
        }
        let shared = stored.domains.iter().map(|domain| {
            let others = institution_domain::table
                .filter(institution_domain::domain.is(domain))
                .filter(institution_domain::institution_id.other_than(institution));
            Ok(diesel::select(diesel::dsl::exists(others)).get_result::<bool>(self.connection)?)
        });
        let shared = shared.collect::<Result<Vec<bool>>>()?.into_iter().filter(|&shared| shared).count();
        check_leaving(shared).map_err(Error::Conflict)?;
        self.set_organisation(id, institution, None)
    }

    fn set_organisation(
        &mut self,
        id: OrganisationId,
        institution: InstitutionId,
        to: Option<OrganisationId>,
    ) -> Result<()> {
        diesel::update(institution::table.filter(institution::id.is(institution)))
            .set((institution::organisation_id.is(to), institution::revision.eq(institution::revision + 1)))
            .execute(self.connection)?;
        diesel::update(organisation::table.filter(organisation::id.is(id)))
            .set(organisation::revision.eq(organisation::revision + 1))
            .execute(self.connection)?;
        self.touch(ObjectKind::Organisation, id.as_uuid());
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::Organisation, id.as_uuid());
            Ok(())
        })
    }
}

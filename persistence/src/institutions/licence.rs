//! Licences (C004): one per institution.

use std::collections::BTreeSet;

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::institution::ContractProfile;
use groeilijn_domain::institutions::licence::{AcceptedTerms, Licence, LicenceState, Product, TERMS_VERSION};
use groeilijn_domain::institutions::licence_state::{LicenceFacts, TermsStanding};
use groeilijn_domain::institutions::service::{PARTS_VERSION, Service};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::connection::AnyConnection;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::letter::{Addressee, queue_to};
use crate::handles::platform::PlatformReader;
use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::{institution, licence};

/// A licence as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLicence {
    /// What it allows, and when.
    pub licence: Licence,
    /// The terms that were accepted last, if any were.
    pub terms: Option<AcceptedTerms>,
    /// That it was cancelled, if it was.
    pub cancellation: Option<Cancellation>,
    /// When the institution's data was destroyed, in UTC.
    pub destroyed_at: Option<Timestamp>,
    /// Whose rules the institution's contract follows.
    pub profile: ContractProfile,
    /// How often it was changed.
    pub revision: i32,
}

/// That a licence was cancelled. Its last day is the licence's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancellation {
    /// By whom: a user of the institution or a member of the processor's staff.
    pub by: UserId,
    /// When, in UTC.
    pub at: Timestamp,
    /// The last day that the licence had before, if it had one.
    pub agreed_end: Option<Date>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = licence)]
pub(crate) struct LicenceRow {
    products: BTreeSet<Product>,
    services: BTreeSet<Service>,
    start_date: Date,
    end_date: Option<Date>,
    state: LicenceState,
    terms_version: Option<String>,
    terms_accepted_by: Option<UserId>,
    terms_accepted_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    cancelled_by: Option<UserId>,
    agreed_end_date: Option<Date>,
    destroyed_at: Option<Timestamp>,
    revision: i32,
}

impl LicenceRow {
    /// The licence, of an institution whose contract follows the rules of `profile`.
    pub(crate) fn under(self, profile: ContractProfile) -> StoredLicence {
        let terms = match (self.terms_version, self.terms_accepted_by, self.terms_accepted_at) {
            (Some(version), Some(accepted_by), Some(accepted_at)) => {
                Some(AcceptedTerms { version, accepted_by, accepted_at })
            }
            _ => None,
        };
        let cancelled = self.cancelled_by.zip(self.cancelled_at);
        StoredLicence {
            licence: Licence {
                products: self.products,
                services: self.services,
                start: self.start_date,
                end: self.end_date,
                state: self.state,
            },
            terms,
            cancellation: cancelled.map(|(by, at)| Cancellation { by, at, agreed_end: self.agreed_end_date }),
            destroyed_at: self.destroyed_at,
            profile,
            revision: self.revision,
        }
    }
}

impl StoredLicence {
    /// What its state follows from.
    pub fn facts(&self) -> LicenceFacts {
        let terms = match &self.terms {
            None => TermsStanding::Never,
            Some(terms) if terms.are_current() => TermsStanding::Current,
            Some(_) => TermsStanding::Outdated,
        };
        LicenceFacts {
            licence: self.licence.clone(),
            terms,
            cancelled: self.cancellation.is_some(),
            destroyed: self.destroyed_at.is_some(),
            profile: self.profile,
        }
    }
}

/// The licence of an institution.
pub(crate) fn load(connection: &mut AnyConnection, institution: InstitutionId) -> Result<StoredLicence> {
    let (row, profile): (LicenceRow, ContractProfile) = licence::table
        .inner_join(institution::table)
        .filter(licence::institution_id.is(institution))
        .select((columns::<LicenceRow>(), institution::contract_profile))
        .first(connection)
        .optional()?
        .ok_or(Error::NotFound)?;
    Ok(row.under(profile))
}

impl PlatformReader<'_> {
    /// The licence of an institution.
    pub fn licence_of(&mut self, institution: InstitutionId) -> Result<StoredLicence> {
        load(self.connection, institution)
    }

    /// The licences of all institutions, in the order of their ids.
    pub fn licences(&mut self) -> Result<Vec<(InstitutionId, StoredLicence)>> {
        let rows: Vec<(InstitutionId, LicenceRow, ContractProfile)> = licence::table
            .inner_join(institution::table)
            .order(licence::institution_id)
            .select((licence::institution_id, columns::<LicenceRow>(), institution::contract_profile))
            .load(self.connection)?;
        Ok(rows.into_iter().map(|(id, row, profile)| (id, row.under(profile))).collect())
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
                licence::services.is(&new.services),
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
        let updated = diesel::update(
            licence::table
                .filter(licence::institution_id.is(institution))
                .filter(licence::revision.eq(revision)),
        )
        .set((
            licence::products.is(&changed.products),
            licence::services.is(&changed.services),
            licence::start_date.is(changed.start),
            licence::end_date.is(changed.end),
            licence::state.is(changed.state),
            licence::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        self.licence_changed(updated)
    }

    /// Cancels the licence in the actor's name, so that `last_day` is its last one, if it still stands at `revision`.
    /// One that was cancelled before gets another last day. `agreed_end` is the one that it would have anyhow.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn cancel_licence(
        &mut self,
        revision: i32,
        last_day: Date,
        agreed_end: Option<Date>,
    ) -> Result<StoredLicence> {
        let institution = self.institution();
        let (cancelled_by, cancelled_at) = (self.actor()?.user, self.now());
        let updated = diesel::update(
            licence::table
                .filter(licence::institution_id.is(institution))
                .filter(licence::revision.eq(revision)),
        )
        .set((
            licence::end_date.is(Some(last_day)),
            licence::agreed_end_date.is(agreed_end),
            licence::cancelled_by.is(Some(cancelled_by)),
            licence::cancelled_at.is(Some(cancelled_at)),
            licence::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        let stored = self.licence_changed(updated)?;
        self.write_to_parties(&LetterContent::LicenceCancelled { last_day })?;
        Ok(stored)
    }

    /// Takes back that the licence was cancelled: `agreed_end` is its last day again. If it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn withdraw_cancellation(
        &mut self,
        revision: i32,
        agreed_end: Option<Date>,
    ) -> Result<StoredLicence> {
        let institution = self.institution();
        let updated = diesel::update(
            licence::table
                .filter(licence::institution_id.is(institution))
                .filter(licence::revision.eq(revision)),
        )
        .set((
            licence::end_date.is(agreed_end),
            licence::agreed_end_date.is(None::<Date>),
            licence::cancelled_by.is(None::<UserId>),
            licence::cancelled_at.is(None::<Timestamp>),
            licence::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        let stored = self.licence_changed(updated)?;
        self.write_to_parties(&LetterContent::CancellationWithdrawn)?;
        Ok(stored)
    }

    /// Leaves a letter to everybody who is to know how the licence stands: the institution, and the licence holder.
    fn write_to_parties(&mut self, content: &LetterContent) -> Result<()> {
        let (store, institution) = (self.store(), self.institution());
        match self.licence_holder() {
            Ok(holder) => {
                let to = Addressee::LicenceHolder { institution, id: holder.id };
                queue_to(self.connection, store, to, content)?;
            }
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        self.write_to_institution(content)
    }

    /// Puts down that the institution's data was destroyed: from then on its licence admits nobody.
    pub fn mark_destroyed(&mut self) -> Result<StoredLicence> {
        let (institution, destroyed_at) = (self.institution(), self.now());
        let updated = diesel::update(licence::table.filter(licence::institution_id.is(institution)))
            .set((licence::destroyed_at.is(Some(destroyed_at)), licence::revision.eq(licence::revision + 1)))
            .execute(self.connection)?;
        self.licence_changed(updated)
    }

    fn licence_changed(&mut self, updated: usize) -> Result<StoredLicence> {
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        let institution = self.institution();
        self.touch(ObjectKind::Licence, institution.as_uuid());
        load(self.connection, institution)
    }

    /// Accepts the terms that hold now, in the actor's name (C004), who was told of the parts of the service (C149).
    pub fn accept_terms(&mut self) -> Result<StoredLicence> {
        let institution = self.institution();
        let earlier = load(self.connection, institution)?.terms;
        self.record_acceptance(earlier.as_ref(), (TERMS_VERSION, PARTS_VERSION))?;
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

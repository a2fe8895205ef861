//! What institutions have to say about a subprocessor: objections, and consents to its country (C135, C137).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::platform::subprocessor::check_consent;
use groeilijn_domain::platform::transfer::{Country, Safeguard};
use groeilijn_domain::values::ids::{InstitutionId, SubprocessorId, SubprocessorObjectionId, UserId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRing};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace};
use jiff::Timestamp;
use uuid::Uuid;

use super::read::Viewer;
use super::standing::Standings;
use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::platform::schema::{subprocessor_objection, transfer_consent};

const TABLE: &str = "subprocessor_objection";

/// An objection as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObjection {
    /// Its id.
    pub id: SubprocessorObjectionId,
    /// Which institution objected.
    pub institution: InstitutionId,
    /// Why.
    pub reason: ShortText,
    /// Who made it.
    pub made_by: UserId,
    /// When, in UTC.
    pub made_at: Timestamp,
    /// When it was withdrawn, in UTC; as long as it is not, it stands.
    pub withdrawn_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = subprocessor_objection)]
struct ObjectionRow {
    id: SubprocessorObjectionId,
    institution_id: InstitutionId,
    reason: Vec<u8>,
    made_by: UserId,
    made_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
}

impl ObjectionRow {
    fn read(self, keys: &KeyRing) -> Result<StoredObjection> {
        let (institution, row) = (self.institution_id, self.id.as_uuid());
        let owner = KeyOwner::shared(institution);
        let mut opener = RowOpener::new(keys, RowPlace { institution, table: TABLE, row, owner });
        Ok(StoredObjection {
            id: self.id,
            institution,
            reason: opener.required_kept("reason", &self.reason, ShortText::kept)?,
            made_by: self.made_by,
            made_at: self.made_at,
            withdrawn_at: self.withdrawn_at,
        })
    }
}

impl PlatformReader<'_> {
    /// The objections to a subprocessor that somebody sees, in the order in which they were made, after the one with id
    /// `after`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such subprocessor.
    pub fn subprocessor_objections(
        &mut self,
        viewer: Viewer,
        subprocessor: SubprocessorId,
        after: Option<SubprocessorObjectionId>,
        limit: i64,
    ) -> Result<Vec<StoredObjection>> {
        self.require_subprocessor(subprocessor)?;
        let rows = |reader: &mut Self, after: &SubprocessorObjectionId, limit| {
            Ok(load_boxed!(&mut *reader.connection, {
                let query = subprocessor_objection::table
                    .filter(subprocessor_objection::subprocessor_id.is(subprocessor))
                    .filter(subprocessor_objection::id.after(*after))
                    .order(subprocessor_objection::id)
                    .limit(limit)
                    .select(columns::<ObjectionRow>())
                    .into_boxed();
                match viewer.institution() {
                    None => query,
                    Some(own) => query.filter(subprocessor_objection::institution_id.is(own)),
                }
            })?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ObjectionRow| row.id,
            |reader, row| {
                let id = row.id;
                reader.store.damaged_rows().readable(id, row.read(reader.store.keys()))
            },
        )
    }
}

impl PlatformWriter<'_> {
    /// Has an institution object to a subprocessor. One that stands is withdrawn, and this one takes its place.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `objection-too-late`, `subprocessor-ended`.
    pub fn object_to_subprocessor(
        &mut self,
        institution: InstitutionId,
        subprocessor: SubprocessorId,
        reason: &ShortText,
    ) -> Result<()> {
        dialect::lock_institution(self.connection, institution)?;
        let now = self.now();
        Standings::load(self.connection, now)?
            .of(institution, subprocessor)?
            .check_objection(now)
            .map_err(Error::Conflict)?;
        self.end_objections(institution, subprocessor)?;
        let made_by = self.actor()?.user;
        let id = SubprocessorObjectionId::from_uuid(self.store().environment().uuid());
        self.enter(institution, |tenant| {
            let mut row = tenant.sealer(TABLE, id.as_uuid(), tenant.shared_owner())?;
            let sealed = row.text("reason", Some(reason.as_str()));
            tenant.sealed(row);
            diesel::insert_into(subprocessor_objection::table)
                .values((
                    subprocessor_objection::id.is(id),
                    subprocessor_objection::institution_id.is(institution),
                    subprocessor_objection::subprocessor_id.is(subprocessor),
                    subprocessor_objection::reason.eq(sealed),
                    subprocessor_objection::made_by.is(made_by),
                    subprocessor_objection::made_at.is(now),
                ))
                .execute(tenant.connection)?;
            tenant.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
        Ok(())
    }

    /// Withdraws the objection of an institution that stands, if one does.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn withdraw_objection(
        &mut self,
        institution: InstitutionId,
        subprocessor: SubprocessorId,
    ) -> Result<()> {
        self.reader().require_subprocessor(subprocessor)?;
        match self.end_objections(institution, subprocessor)? {
            0 => Ok(()),
            _ => self.note(institution, subprocessor),
        }
    }

    fn end_objections(&mut self, institution: InstitutionId, subprocessor: SubprocessorId) -> Result<usize> {
        let (now, actor) = (self.now(), self.actor()?.user);
        let standing = subprocessor_objection::table
            .filter(subprocessor_objection::institution_id.is(institution))
            .filter(subprocessor_objection::subprocessor_id.is(subprocessor))
            .filter(subprocessor_objection::withdrawn_at.is_null());
        Ok(diesel::update(standing)
            .set((
                subprocessor_objection::withdrawn_by.is(Some(actor)),
                subprocessor_objection::withdrawn_at.is(Some(now)),
            ))
            .execute(self.connection)?)
    }

    /// Records that an institution consents to the country of a subprocessor, and to the safeguard, as it states them
    /// (C137).
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] as [`check_consent`]; [`Error::Conflict`] `subprocessor-ended`.
    pub fn consent_to_transfer(
        &mut self,
        institution: InstitutionId,
        subprocessor: SubprocessorId,
        country: &Country,
        safeguard: Safeguard,
    ) -> Result<()> {
        dialect::lock_institution(self.connection, institution)?;
        let now = self.now();
        let announced = self.reader().subprocessor(Viewer::Institution(institution), subprocessor)?;
        Standings::load(self.connection, now)?
            .of(institution, subprocessor)?
            .check_open()
            .map_err(Error::Conflict)?;
        check_consent((&announced.fields.country, announced.fields.safeguard), country, safeguard)
            .map_err(Error::Invalid)?;
        self.end_consents(institution, subprocessor)?;
        let (id, given_by): (Uuid, _) = (self.store().environment().uuid(), self.actor()?.user);
        diesel::insert_into(transfer_consent::table)
            .values((
                transfer_consent::id.is(id),
                transfer_consent::institution_id.is(institution),
                transfer_consent::subprocessor_id.is(subprocessor),
                transfer_consent::country.is(country),
                transfer_consent::safeguard.is(safeguard),
                transfer_consent::given_by.is(given_by),
                transfer_consent::given_at.is(now),
            ))
            .execute(self.connection)?;
        self.note(institution, subprocessor)
    }

    /// Withdraws the consent of an institution, if it gave one: its data go to that country no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn withdraw_transfer_consent(
        &mut self,
        institution: InstitutionId,
        subprocessor: SubprocessorId,
    ) -> Result<()> {
        self.reader().require_subprocessor(subprocessor)?;
        match self.end_consents(institution, subprocessor)? {
            0 => Ok(()),
            _ => self.note(institution, subprocessor),
        }
    }

    fn end_consents(&mut self, institution: InstitutionId, subprocessor: SubprocessorId) -> Result<usize> {
        let (now, actor) = (self.now(), self.actor()?.user);
        let held = transfer_consent::table
            .filter(transfer_consent::institution_id.is(institution))
            .filter(transfer_consent::subprocessor_id.is(subprocessor))
            .filter(transfer_consent::withdrawn_at.is_null());
        Ok(diesel::update(held)
            .set((
                transfer_consent::withdrawn_by.is(Some(actor)),
                transfer_consent::withdrawn_at.is(Some(now)),
            ))
            .execute(self.connection)?)
    }

    /// Puts on record at the institution, and on the platform, that it had something to say.
    fn note(&mut self, institution: InstitutionId, subprocessor: SubprocessorId) -> Result<()> {
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::Subprocessor, subprocessor.as_uuid());
        Ok(())
    }
}

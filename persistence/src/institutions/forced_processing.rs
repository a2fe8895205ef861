//! Processing that a law forces upon the processor (C039). It is kept in the platform's realm: what may not be told to the
//! institution is neither in its log nor under its key.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::forced_processing::ForcedProcessing;
use groeilijn_domain::values::ids::{ForcedProcessingId, InstitutionId, UserId};
use groeilijn_domain::values::text::{FreeText, ShortText};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::{KeyOwner, KeyRing};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::institutions::schema::{forced_processing, institution};

const TABLE: &str = "forced_processing";

/// A forced processing as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredForcedProcessing {
    /// Its id.
    pub id: ForcedProcessingId,
    /// What it is.
    pub fields: ForcedProcessing,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When it was recorded, in UTC.
    pub recorded_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = forced_processing)]
struct ForcedProcessingRow {
    id: ForcedProcessingId,
    provision: Vec<u8>,
    content: Vec<u8>,
    told_on: Option<Date>,
    not_told_because: Vec<u8>,
    recorded_by: UserId,
    recorded_at: Timestamp,
}

fn place(id: ForcedProcessingId) -> RowPlace {
    let institution = InstitutionId::PLATFORM;
    RowPlace { institution, table: TABLE, row: id.as_uuid(), owner: KeyOwner::shared(institution) }
}

impl ForcedProcessingRow {
    fn read(self, keys: &KeyRing) -> Result<StoredForcedProcessing> {
        let mut opener = RowOpener::new(keys, place(self.id));
        Ok(StoredForcedProcessing {
            id: self.id,
            fields: ForcedProcessing {
                provision: opener.required_kept("provision", &self.provision, ShortText::kept)?,
                what: opener.required_kept("content", &self.content, FreeText::kept)?,
                told_on: self.told_on,
                not_told_because: opener.kept("not_told_because", &self.not_told_because, ShortText::kept)?,
            },
            recorded_by: self.recorded_by,
            recorded_at: self.recorded_at,
        })
    }
}

impl PlatformReader<'_> {
    /// The forced processings of an institution in the order in which they were recorded, after the one with id `after`: all
    /// of them, or those that the institution may see.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such institution.
    pub fn forced_processings(
        &mut self,
        institution: InstitutionId,
        all: bool,
        after: Option<ForcedProcessingId>,
        limit: i64,
    ) -> Result<Vec<StoredForcedProcessing>> {
        let own = institution::table.filter(institution::id.is(institution));
        if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(self.connection)? {
            return Err(Error::NotFound);
        }
        let rows = |reader: &mut Self, after: &ForcedProcessingId, limit| {
            Ok(load_boxed!(&mut *reader.connection, {
                let query = forced_processing::table
                    .filter(forced_processing::institution_id.is(institution))
                    .filter(forced_processing::id.after(*after))
                    .order(forced_processing::id)
                    .limit(limit)
                    .select(columns::<ForcedProcessingRow>())
                    .into_boxed();
                if all { query } else { query.filter(forced_processing::told_on.is_not_null()) }
            })?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ForcedProcessingRow| row.id,
            |reader, row| {
                let id = row.id;
                reader.store.damaged_rows().readable(id, row.read(reader.store.keys()))
            },
        )
    }

    /// One forced processing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn forced_processing(&mut self, id: ForcedProcessingId) -> Result<StoredForcedProcessing> {
        let row: Option<ForcedProcessingRow> = forced_processing::table
            .filter(forced_processing::id.is(id))
            .select(columns::<ForcedProcessingRow>())
            .first(self.connection)
            .optional()?;
        row.ok_or(Error::NotFound)?.read(self.store.keys())
    }
}

impl PlatformWriter<'_> {
    /// Records a forced processing, which was checked. The institution has it in its log, unless it may not be told.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such institution.
    pub fn record_forced_processing(
        &mut self,
        institution: InstitutionId,
        id: ForcedProcessingId,
        fields: &ForcedProcessing,
    ) -> Result<StoredForcedProcessing> {
        self.reader().forced_processings(institution, false, None, 0)?;
        let (store, now, recorded_by) = (self.store(), self.now(), self.actor()?.user);
        let mut row = RowSealer::new(store.keys(), store.environment(), place(id))?;
        let because = fields.not_told_because.as_ref().map(ShortText::as_str);
        diesel::insert_into(forced_processing::table)
            .values((
                forced_processing::id.is(id),
                forced_processing::institution_id.is(institution),
                forced_processing::provision.eq(row.text("provision", Some(fields.provision.as_str()))),
                forced_processing::content.eq(row.text("content", Some(fields.what.as_str()))),
                forced_processing::told_on.is(fields.told_on),
                forced_processing::not_told_because.eq(row.text("not_told_because", because)),
                forced_processing::recorded_by.is(recorded_by),
                forced_processing::recorded_at.is(now),
            ))
            .execute(self.connection)?;
        if fields.is_visible() {
            self.enter(institution, |tenant| {
                tenant.touch(ObjectKind::Institution, institution.as_uuid());
                Ok(())
            })?;
        }
        self.touch(ObjectKind::Institution, institution.as_uuid());
        self.reader().forced_processing(id)
    }
}

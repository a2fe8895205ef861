//! The locations of an institution.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::institutions::institution::{Brin, ChildcareNumber};
use groeilijn_domain::institutions::location::LocationFields;
use groeilijn_domain::values::ids::LocationId;
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::location;

const TABLE: &str = "location";

/// A location as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLocation {
    /// Its id.
    pub id: LocationId,
    /// What it is called, and its number.
    pub fields: LocationFields,
    /// When it was put in the archive, in UTC.
    pub archived_at: Option<Timestamp>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = location)]
struct LocationRow {
    id: LocationId,
    name: Vec<u8>,
    brin: Vec<u8>,
    childcare_number: Vec<u8>,
    archived_at: Option<Timestamp>,
    revision: i32,
    created_at: Timestamp,
}

struct SealedLocation {
    name: Vec<u8>,
    brin: Vec<u8>,
    childcare_number: Vec<u8>,
}

impl SealedLocation {
    fn seal(row: &mut RowSealer<'_>, fields: &LocationFields) -> Self {
        let number = fields.childcare_number.as_ref().map(ChildcareNumber::as_str);
        Self {
            name: row.text("name", Some(fields.name.as_str())),
            brin: row.text("brin", fields.brin.as_ref().map(Brin::as_str)),
            childcare_number: row.text("childcare_number", number),
        }
    }
}

impl TenantReader<'_> {
    /// Locations in the order of their ids, after the one with id `after`; those in the archive only if they are wanted.
    pub fn locations(
        &mut self,
        archived: bool,
        after: Option<LocationId>,
        limit: i64,
    ) -> Result<Vec<StoredLocation>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &LocationId, limit| {
            Ok(load_boxed!(&mut *reader.connection, {
                let query = location::table
                    .filter(location::institution_id.is(institution))
                    .filter(location::id.after(*after))
                    .order(location::id)
                    .limit(limit)
                    .select(columns::<LocationRow>())
                    .into_boxed();
                if archived { query } else { query.filter(location::archived_at.is_null()) }
            })?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &LocationRow| row.id,
            |reader, row| {
                let opened = reader.open_location(&row);
                reader.readable(row.id, opened)
            },
        )
    }

    /// One location.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn location(&mut self, id: LocationId) -> Result<StoredLocation> {
        let row: LocationRow = location::table
            .filter(location::institution_id.is(self.institution()))
            .filter(location::id.is(id))
            .select(columns::<LocationRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_location(&row)
    }

    /// That a location of the institution is there, and not in the archive: what is there already stays, nothing else is put
    /// at one that is.
    pub(crate) fn check_location_in_use(
        &mut self,
        id: LocationId,
    ) -> Result<std::result::Result<(), Refusal>> {
        let found: Option<Option<Timestamp>> = location::table
            .filter(location::institution_id.is(self.institution()))
            .filter(location::id.is(id))
            .select(location::archived_at)
            .first(self.connection)
            .optional()?;
        Ok(match found {
            None => Err(Refusal::new("unknown-location", "there is no such location")),
            Some(Some(_)) => Err(Refusal::new("archived", "must be a location that is not in the archive")),
            Some(None) => Ok(()),
        })
    }

    fn open_location(&mut self, row: &LocationRow) -> Result<StoredLocation> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        Ok(StoredLocation {
            id: row.id,
            fields: LocationFields {
                name: opener.required_kept("name", &row.name, Label::kept)?,
                brin: opener.parsed("brin", &row.brin, Brin::parse)?,
                childcare_number: opener.parsed(
                    "childcare_number",
                    &row.childcare_number,
                    ChildcareNumber::parse,
                )?,
            },
            archived_at: row.archived_at,
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters a location.
    pub fn create_location(&mut self, id: LocationId, fields: &LocationFields) -> Result<StoredLocation> {
        let (institution, now) = (self.institution(), self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let sealed = SealedLocation::seal(&mut row, fields);
        self.sealed(row);
        diesel::insert_into(location::table)
            .values((
                location::institution_id.is(institution),
                location::id.is(id),
                location::name.eq(sealed.name),
                location::brin.eq(sealed.brin),
                location::childcare_number.eq(sealed.childcare_number),
                location::revision.eq(1),
                location::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Location, id.as_uuid());
        self.location(id)
    }

    /// Replaces what is known of a location, and whether it is in the archive, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_location(
        &mut self,
        stored: &StoredLocation,
        fields: &LocationFields,
        archived_at: Option<Timestamp>,
    ) -> Result<StoredLocation> {
        let (institution, id) = (self.institution(), stored.id);
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let sealed = SealedLocation::seal(&mut row, fields);
        self.sealed(row);
        let unchanged = location::table
            .filter(location::institution_id.is(institution))
            .filter(location::id.is(id))
            .filter(location::revision.eq(stored.revision));
        let updated = diesel::update(unchanged)
            .set((
                location::name.eq(sealed.name),
                location::brin.eq(sealed.brin),
                location::childcare_number.eq(sealed.childcare_number),
                location::archived_at.is(archived_at),
                location::revision.eq(stored.revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Location, id.as_uuid());
        self.location(id)
    }
}

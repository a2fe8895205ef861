//! Birth dates that turned out wrong: each is kept, and what was shown by it is shown anew.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable};
use groeilijn_domain::children::pupil::{Birth, Known};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{PupilId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{StoredPupil, open_birth_date};
use crate::children::reach::Child;
use crate::children::schema::{earlier_birth_date, note, registration};
use crate::children::stay::stay;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// A birth date that a child had until it was corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierBirthDate {
    /// The last revision of the pupil that had it.
    pub revision: i32,
    /// The day itself.
    pub birth_date: Date,
    /// Who corrected it; `None` when a school file or a program did.
    pub corrected_by: Option<UserId>,
    /// When it was corrected, in UTC.
    pub corrected_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = earlier_birth_date)]
struct EarlierRow {
    revision: i32,
    birth_date: Vec<u8>,
    corrected_by: Option<UserId>,
    corrected_at: Timestamp,
}

impl TenantReader<'_> {
    /// The birth dates that a pupil had before each correction, the last one first; those before the revision `before`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within the caller's reach.
    pub fn earlier_birth_dates(
        &mut self,
        pupil: PupilId,
        before: Option<i32>,
        limit: i64,
    ) -> Result<Vec<EarlierBirthDate>> {
        let child = self.child(pupil)?;
        let rows = |reader: &mut Self, before: &i32, limit| {
            Ok(earlier_birth_date::table
                .filter(earlier_birth_date::institution_id.is(reader.institution()))
                .filter(earlier_birth_date::pupil_id.is(pupil))
                .filter(earlier_birth_date::revision.lt(*before))
                .order(earlier_birth_date::revision.desc())
                .limit(limit)
                .select(columns::<EarlierRow>())
                .load(reader.connection)?)
        };
        let position = |row: &EarlierRow| row.revision;
        fill_page(self, before.unwrap_or(i32::MAX), limit, rows, position, |reader, row| {
            // What was sealed for the pupil was copied unopened when it was corrected.
            let opened = open_birth_date(reader, child, &row.birth_date);
            let birth_date = reader.readable(format_args!("{pupil} {}", row.revision), opened)?;
            Ok(birth_date.map(|birth_date| EarlierBirthDate {
                revision: row.revision,
                birth_date,
                corrected_by: row.corrected_by,
                corrected_at: row.corrected_at,
            }))
        })
    }

    /// When a child was born, and how early; `None` when it cannot be read, which is logged.
    pub(in crate::children) fn known_birth(&mut self, child: Child) -> Result<Option<Birth>> {
        let birth = self.birth(child);
        self.readable(child.id(), birth)
    }

    /// What a correction of a pupil's birth date is held against.
    pub(super) fn known_of(&mut self, child: Child, stored: &StoredPupil) -> Result<Known> {
        let institution = self.institution();
        let placed: Option<Date> = stay::table
            .filter(stay::institution_id.is(institution))
            .filter(stay::pupil_id.is(child.id()))
            .order(stay::placed_on)
            .select(stay::placed_on)
            .first(self.connection)
            .optional()?;
        let observed: Option<Date> = note::table
            .filter(note::institution_id.is(institution))
            .filter(note::pupil_id.is(child.id()))
            .filter(note::withdrawn_at.is_null())
            .order(note::observed_on)
            .select(note::observed_on)
            .first(self.connection)
            .optional()?;
        let registered: Option<Date> = registration::table
            .filter(registration::institution_id.is(institution))
            .filter(registration::pupil_id.is(child.id()))
            .filter(registration::withdrawn_at.is_null())
            .order(registration::registered_on)
            .select(registration::registered_on)
            .first(self.connection)
            .optional()?;
        Ok(Known {
            today: self.today(),
            entered_on: amsterdam_date(stored.created_at),
            first_day: [placed, observed, registered].into_iter().flatten().min(),
        })
    }
}

impl TenantWriter<'_> {
    /// Keeps the birth date of a pupil, which is about to be corrected. [`Self::raise_registrations`] goes with it.
    ///
    /// # Errors
    /// [`Error::Stale`] when the pupil was changed since `revision`.
    pub(crate) fn keep_birth_date(&mut self, id: PupilId, revision: i32) -> Result<()> {
        let institution = self.institution();
        let corrected_by = self.actor().ok().map(|actor| actor.user.as_bytes().to_vec());
        let kept = sql_query(
            "INSERT INTO earlier_birth_date (institution_id, pupil_id, revision, birth_date, corrected_by, corrected_at) \
             SELECT institution_id, id, revision, birth_date, $1, $2 FROM pupil \
             WHERE institution_id = $3 AND id = $4 AND revision = $5 ON CONFLICT DO NOTHING",
        )
        .bind::<Nullable<Binary>, _>(corrected_by)
        .bind::<BigInt, _>(self.now().as_microsecond())
        .bind::<Binary, _>(institution.as_bytes().to_vec())
        .bind::<Binary, _>(id.as_bytes().to_vec())
        .bind::<Integer, _>(revision)
        .execute(self.connection)?;
        if kept == 0 {
            return Err(Error::Stale(None));
        }
        Ok(())
    }

    /// The ages in the registrations of a pupil change, so their revisions tell of it.
    pub(crate) fn raise_registrations(&mut self, id: PupilId) -> Result<()> {
        let own = registration::table
            .filter(registration::institution_id.is(self.institution()))
            .filter(registration::pupil_id.is(id));
        diesel::update(own)
            .set(registration::revision.eq(registration::revision + 1))
            .execute(self.connection)?;
        Ok(())
    }
}

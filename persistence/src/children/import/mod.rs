//! Imports of school files (C023, C030): a file is examined first and carried out afterwards, all of it or
//! nothing.
//!
//! What the file says is kept sealed, without what was dropped unread, from the examination until it is carried
//! out. The report stays: it tells what became of each line and names nobody.

mod apply;
mod examine;
mod parts;
mod report;

use std::collections::BTreeMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::import::{Counts, Failure, ImportState};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{ImportId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use examine::Examined;
pub use report::{ReportLine, ReportReason};

use crate::access::job::JobKind;
use crate::children::schema::{import, import_part};
use crate::convert::{code, micros, timestamp, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

const TABLE: &str = "import";

/// An import as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImport {
    /// Its id.
    pub id: ImportId,
    /// The format of the file.
    pub format: FileFormat,
    /// How far it is.
    pub state: ImportState,
    /// Who sent the file.
    pub author: UserId,
    /// How many records the file has.
    pub lines_total: u32,
    /// How many of them are done.
    pub lines_done: u32,
    /// How many records meet each outcome.
    pub counts: ImportCounts,
    /// What else there is to say about the file.
    pub notices: Notices,
    /// Why nothing of it was carried out.
    pub failure: Option<Failure>,
    /// How often it was changed.
    pub revision: i32,
    /// When the file was sent, in UTC.
    pub created_at: Timestamp,
    /// When it was carried out or failed, in UTC.
    pub finished_at: Option<Timestamp>,
}

/// How many groups and pupils of a file meet each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// The groups.
    pub groups: Counts,
    /// The pupils.
    pub pupils: Counts,
}

/// What else there is to say about a file. It holds texts from the file's first line, so it is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// The school year that the file's groups are in.
    #[serde(deserialize_with = "stored_school_year")]
    pub school_year: SchoolYear,
    /// How many values were dropped unread, by the name of the element or column (C030).
    pub dropped: BTreeMap<String, u64>,
    /// Headers of columns that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// How many teachers the file holds; they are not taken over.
    pub teachers_seen: u64,
}

fn stored_school_year<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<SchoolYear, D::Error> {
    SchoolYear::parse(&String::deserialize(stored)?).map_err(serde::de::Error::custom)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = import)]
struct ImportRow {
    id: Vec<u8>,
    format: String,
    state: String,
    author_id: Vec<u8>,
    lines_total: i32,
    lines_done: i32,
    counts: String,
    failure: Option<String>,
    revision: i32,
    created_at: i64,
    finished_at: Option<i64>,
}

impl TenantReader<'_> {
    /// The institution's imports in the order of their ids, after the one with id `after`.
    pub fn imports(&mut self, after: Option<ImportId>, limit: i64) -> Result<Vec<StoredImport>> {
        let institution = self.institution();
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<ImportRow> = import::table
            .filter(import::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(import::id.gt(after))
            .order(import::id)
            .limit(limit)
            .select(columns::<ImportRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_import(row)).collect()
    }

    /// One import.
    pub fn import(&mut self, id: ImportId) -> Result<StoredImport> {
        let institution = self.institution();
        let row = import::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<ImportRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_import(&row)
    }

    fn open_import(&mut self, row: &ImportRow) -> Result<StoredImport> {
        let id = ImportId::from_uuid(uuid(&row.id, TABLE)?);
        let count = |number: i32| u32::try_from(number).map_err(|_| Error::Unreadable(TABLE));
        Ok(StoredImport {
            id,
            format: code(FileFormat::from_code, &row.format, TABLE)?,
            state: code(ImportState::from_code, &row.state, TABLE)?,
            author: UserId::from_uuid(uuid(&row.author_id, TABLE)?),
            lines_total: count(row.lines_total)?,
            lines_done: count(row.lines_done)?,
            counts: serde_json::from_str(&row.counts).map_err(|_| Error::Unreadable(TABLE))?,
            notices: self.notices(id)?,
            failure: row
                .failure
                .as_deref()
                .map(|failure| code(Failure::from_code, failure, TABLE))
                .transpose()?,
            revision: row.revision,
            created_at: timestamp(row.created_at, TABLE)?,
            finished_at: row.finished_at.map(|time| timestamp(time, TABLE)).transpose()?,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters an examined file.
    pub fn create_import(
        &mut self,
        id: ImportId,
        format: FileFormat,
        examined: Examined,
    ) -> Result<StoredImport> {
        let institution = self.institution();
        let author = self.actor()?.account;
        let created_at = micros(self.now());
        diesel::insert_into(import::table)
            .values((
                import::institution_id.eq(institution.as_bytes().as_slice()),
                import::id.eq(id.as_bytes().as_slice()),
                import::format.eq(format.code()),
                import::state.eq(ImportState::Examined.code()),
                import::author_id.eq(author.as_bytes().as_slice()),
                import::lines_total.eq(examined.lines_total),
                import::lines_done.eq(0),
                import::counts.eq(stored_counts(&examined.counts)?),
                import::revision.eq(1),
                import::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        self.insert_parts(id, examined.parts)?;
        self.touch(ObjectKind::Import, id.as_uuid());
        self.import(id)
    }

    /// Leaves an import to be carried out, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime; [`Error::Conflict`] `being-applied` or
    /// `already-applied`.
    pub fn queue_import(&mut self, id: ImportId, revision: i32) -> Result<StoredImport> {
        self.import(id)?.state.may_apply().map_err(Error::Conflict)?;
        let institution = self.institution();
        let queued = diesel::update(
            import::table
                .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
                .filter(import::revision.eq(revision)),
        )
        .set((
            import::state.eq(ImportState::Applying.code()),
            import::lines_done.eq(0),
            import::failure.eq(None::<String>),
            import::finished_at.eq(None::<i64>),
            import::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if queued == 0 {
            return Err(Error::Stale);
        }
        self.queue_job(id.as_uuid(), JobKind::ApplyImport)?;
        self.touch(ObjectKind::Import, id.as_uuid());
        self.import(id)
    }

    /// Notes how many lines of an import that is being carried out are done.
    fn note_progress(&mut self, id: ImportId, lines_done: i32) -> Result<()> {
        let institution = self.institution();
        diesel::update(being_applied(institution.as_bytes(), id.as_bytes()))
            .set((import::lines_done.eq(lines_done), import::revision.eq(import::revision + 1)))
            .execute(self.connection)?;
        Ok(())
    }

    /// Notes that nothing of an import was carried out, and ends its job. It stays as it is when it is not being
    /// carried out any more.
    pub fn fail_import(&mut self, id: ImportId, failure: Failure) -> Result<()> {
        let institution = self.institution();
        let finished_at = micros(self.now());
        let failed = diesel::update(being_applied(institution.as_bytes(), id.as_bytes()))
            .set((
                import::state.eq(ImportState::Failed.code()),
                import::failure.eq(failure.code()),
                import::lines_done.eq(0),
                import::finished_at.eq(finished_at),
                import::revision.eq(import::revision + 1),
            ))
            .execute(self.connection)?;
        if failed == 1 {
            self.remove_job(id.as_uuid())?;
            self.touch(ObjectKind::Import, id.as_uuid());
        }
        Ok(())
    }

    /// Notes that an import has been carried out: of two who try, one succeeds.
    ///
    /// # Errors
    /// [`Error::Conflict`] `already-applied` when it is not being carried out any more.
    fn finish_import(&mut self, id: ImportId, examined: Examined) -> Result<()> {
        let institution = self.institution();
        let finished_at = micros(self.now());
        let finished = diesel::update(being_applied(institution.as_bytes(), id.as_bytes()))
            .set((
                import::state.eq(ImportState::Applied.code()),
                import::lines_total.eq(examined.lines_total),
                import::lines_done.eq(examined.lines_total),
                import::counts.eq(stored_counts(&examined.counts)?),
                import::finished_at.eq(finished_at),
                import::revision.eq(import::revision + 1),
            ))
            .execute(self.connection)?;
        if finished == 0 {
            return Err(Error::conflict("already-applied", "the import is not being carried out"));
        }
        diesel::delete(
            import_part::table
                .filter(import_part::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(import_part::import_id.eq(id.as_bytes().as_slice())),
        )
        .execute(self.connection)?;
        self.insert_parts(id, examined.parts)?;
        self.remove_job(id.as_uuid())?;
        self.touch(ObjectKind::Import, id.as_uuid());
        Ok(())
    }
}

/// The import, as long as it is being carried out.
#[diesel::dsl::auto_type]
fn being_applied<'a>(institution: &'a [u8], id: &'a [u8]) -> _ {
    let applying: &'static str = ImportState::Applying.code();
    import::table
        .filter(import::institution_id.eq(institution))
        .filter(import::id.eq(id))
        .filter(import::state.eq(applying))
}

fn stored_counts(counts: &ImportCounts) -> Result<String> {
    serde_json::to_string(counts).map_err(Error::internal)
}

#[cfg(test)]
mod tests;

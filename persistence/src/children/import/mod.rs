//! Imports of school files (C023, C030): a file is examined first and carried out afterwards, all of it or
//! nothing.
//!
//! What the file says is kept sealed, without what was dropped unread, from the examination until it is carried
//! out. The report stays: it tells what became of each line and names nobody.

mod apply;
mod examine;
mod facts;
mod parts;
mod report;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::import::{Failure, ImportState};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::values::ids::{ImportId, InstitutionId, UserId};
use groeilijn_engine::columns::{self, Bound, bound};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;

pub use examine::Examined;
pub use facts::{ImportCounts, Notices};
pub use report::{ReportLine, ReportReason};

use crate::access::job::JobKind;
use crate::children::schema::{self, import, import_part};
use crate::handles::tenant::{TenantReader, TenantWriter};

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

#[derive(Queryable, Selectable)]
#[diesel(table_name = import)]
struct ImportRow {
    id: ImportId,
    format: FileFormat,
    state: ImportState,
    author_id: UserId,
    lines_total: i32,
    lines_done: i32,
    counts: String,
    failure: Option<Failure>,
    revision: i32,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl TenantReader<'_> {
    /// The institution's imports in the order of their ids, after the one with id `after`.
    pub fn imports(&mut self, after: Option<ImportId>, limit: i64) -> Result<Vec<StoredImport>> {
        let rows = |reader: &mut Self, after: &ImportId, limit| {
            Ok(import::table
                .filter(import::institution_id.is(reader.institution()))
                .filter(import::id.after(*after))
                .order(import::id)
                .limit(limit)
                .select(columns::<ImportRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &ImportRow| row.id,
            |reader, row| {
                let opened = reader.open_import(&row);
                reader.readable(row.id, opened)
            },
        )
    }

    /// One import.
    pub fn import(&mut self, id: ImportId) -> Result<StoredImport> {
        let row = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(id))
            .select(columns::<ImportRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_import(&row)
    }

    fn open_import(&mut self, row: &ImportRow) -> Result<StoredImport> {
        let count = |number: i32| u32::try_from(number).map_err(|_| Error::Unreadable(TABLE));
        Ok(StoredImport {
            id: row.id,
            format: row.format,
            state: row.state,
            author: row.author_id,
            lines_total: count(row.lines_total)?,
            lines_done: count(row.lines_done)?,
            counts: serde_json::from_str(&row.counts).map_err(|_| Error::Unreadable(TABLE))?,
            notices: self.notices(row.id)?,
            failure: row.failure,
            revision: row.revision,
            created_at: row.created_at,
            finished_at: row.finished_at,
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
        let author = self.actor()?.user;
        let now = self.now();
        diesel::insert_into(import::table)
            .values((
                import::institution_id.is(institution),
                import::id.is(id),
                import::format.is(format),
                import::state.is(ImportState::Examined),
                import::author_id.is(author),
                import::lines_total.eq(examined.lines_total),
                import::lines_done.eq(0),
                import::counts.eq(stored_counts(&examined.counts)?),
                import::revision.eq(1),
                import::created_at.is(now),
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
        let own = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(id))
            .filter(import::revision.eq(revision));
        let queued = diesel::update(own)
            .set((
                import::state.is(ImportState::Applying),
                import::lines_done.eq(0),
                import::failure.is(None::<Failure>),
                import::finished_at.is(None::<Timestamp>),
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
        diesel::update(being_applied(institution, id))
            .set((import::lines_done.eq(lines_done), import::revision.eq(import::revision + 1)))
            .execute(self.connection)?;
        Ok(())
    }

    /// Notes that nothing of an import was carried out, and ends its job. It stays as it is when it is not being
    /// carried out any more.
    pub fn fail_import(&mut self, id: ImportId, failure: Failure) -> Result<()> {
        let institution = self.institution();
        let now = self.now();
        let failed = diesel::update(being_applied(institution, id))
            .set((
                import::state.is(ImportState::Failed),
                import::failure.is(Some(failure)),
                import::lines_done.eq(0),
                import::finished_at.is(Some(now)),
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
        let now = self.now();
        let finished = diesel::update(being_applied(institution, id))
            .set((
                import::state.is(ImportState::Applied),
                import::lines_total.eq(examined.lines_total),
                import::lines_done.eq(examined.lines_total),
                import::counts.eq(stored_counts(&examined.counts)?),
                import::finished_at.is(Some(now)),
                import::revision.eq(import::revision + 1),
            ))
            .execute(self.connection)?;
        if finished == 0 {
            return Err(Error::conflict("already-applied", "the import is not being carried out"));
        }
        diesel::delete(
            import_part::table
                .filter(import_part::institution_id.is(institution))
                .filter(import_part::import_id.is(id)),
        )
        .execute(self.connection)?;
        self.insert_parts(id, examined.parts)?;
        self.remove_job(id.as_uuid())?;
        self.touch(ObjectKind::Import, id.as_uuid());
        Ok(())
    }
}

/// The import, as long as it is being carried out.
#[diesel::dsl::auto_type(no_type_alias)]
fn being_applied(institution: InstitutionId, id: ImportId) -> _ {
    let institution: Bound<columns::InstitutionId, InstitutionId> = bound(institution);
    let id: Bound<schema::ImportId, ImportId> = bound(id);
    let applying: Bound<schema::ImportState, ImportState> = bound(ImportState::Applying);
    import::table
        .filter(import::institution_id.eq(institution))
        .filter(import::id.eq(id))
        .filter(import::state.eq(applying))
}

fn stored_counts(counts: &ImportCounts) -> Result<String> {
    serde_json::to_string(counts).map_err(Error::internal)
}

#[cfg(test)]
pub(crate) mod tests;

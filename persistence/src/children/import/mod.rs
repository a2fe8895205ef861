//! Imports of school files (C023, C030): a file is examined first and carried out afterwards, all of it or
//! nothing.
//!
//! What the file says is kept sealed, without what was dropped unread, under a key of its own that is destroyed when the
//! import was carried out or failed, or nobody carried it out for a time. The report tells what became of each line and
//! names the children as the file does; it has another key, which outlives the file for as long.

mod apply;
mod ending;
mod examine;
mod facts;
mod parts;
mod report;

use std::collections::BTreeMap;

use groeilijn_domain::access::author::Author;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::import::{
    Answers, Failure, ImportState, KEPT, Outcome, check_confirmed, check_school,
};
use groeilijn_domain::children::school_file::FileFormat;
use groeilijn_domain::values::ids::{ImportId, InstitutionId, PupilId, UserId};
use groeilijn_engine::columns::{self, Bound, bound};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::ends;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use uuid::Uuid;

pub use examine::{Examined, UNREADABLE_RECORDS};
pub use facts::{ImportCounts, Notices};
pub use report::{ReportLine, ReportReason};

use self::parts::{ImportKeys, PartKind, ReadyParts};
use crate::access::job::JobKind;
use crate::children::schema::{self, import};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "import";
/// The parts under the key of the file.
const OF_FILE: &[PartKind] = &[PartKind::File, PartKind::Answers];

/// What is confirmed of an import that is to be carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Names of groups that are really to be made.
    pub new_groups: Vec<String>,
    /// Whether a file of another school is meant.
    pub other_school: bool,
    /// Which children records are about.
    pub answers: Answers,
}

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
    pub author: Author,
    /// How many records the file has.
    pub lines_total: u32,
    /// How many of them are done.
    pub lines_done: u32,
    /// How many records meet each outcome.
    pub counts: ImportCounts,
    /// What else there is to say about the file; none once the report's time is over.
    pub notices: Option<Notices>,
    /// Why nothing of it was carried out.
    pub failure: Option<Failure>,
    /// How often it was changed.
    pub revision: i32,
    /// When the file was sent, in UTC.
    pub created_at: Timestamp,
    /// When it was carried out, failed or lapsed, in UTC.
    pub finished_at: Option<Timestamp>,
    keys: ImportKeys,
}

impl StoredImport {
    /// Until when at least its report can be read, in UTC; none once it cannot.
    pub fn report_until(&self) -> Option<Timestamp> {
        self.notices.as_ref()?;
        self.finished_at.unwrap_or(self.created_at).checked_add(KEPT).ok()
    }
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
    report_id: Uuid,
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

    /// Whose keys protect an import.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such import.
    fn import_keys(&mut self, id: ImportId) -> Result<ImportKeys> {
        let report: Option<Uuid> = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(id))
            .select(import::report_id)
            .first(self.connection)
            .optional()?;
        Ok(ImportKeys { id, report: report.ok_or(Error::NotFound)? })
    }

    /// The children whom each record of an import may be about, by the number of the record, when nobody can tell.
    fn proposed(&mut self, keys: ImportKeys, lines: u32) -> Result<BTreeMap<u64, Vec<PupilId>>> {
        let most = usize::try_from(lines).map_err(Error::internal)?;
        let left_alone = self.report_lines(keys, Some(Outcome::LeaveAlone), 0, most)?;
        let asked = left_alone.into_iter().filter(|(_, line)| line.is_asked());
        Ok(asked.map(|(_, line)| (line.number, line.proposed)).collect())
    }

    fn open_import(&mut self, row: &ImportRow) -> Result<StoredImport> {
        let keys = ImportKeys { id: row.id, report: row.report_id };
        let count = |number: i32| u32::try_from(number).map_err(|_| Error::Unreadable(TABLE));
        Ok(StoredImport {
            id: row.id,
            format: row.format,
            state: row.state,
            author: self.author(row.author_id)?,
            lines_total: count(row.lines_total)?,
            lines_done: count(row.lines_done)?,
            counts: serde_json::from_str(&row.counts).map_err(|_| Error::Unreadable(TABLE))?,
            notices: self.notices(keys)?,
            failure: row.failure,
            revision: row.revision,
            created_at: row.created_at,
            finished_at: row.finished_at,
            keys,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters an examined file, with the handle that examining it gave.
    pub fn create_import(&mut self, format: FileFormat, examined: Examined) -> Result<StoredImport> {
        let keys = examined.parts.keys();
        let id = keys.id;
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
                import::report_id.is(keys.report),
                import::revision.eq(1),
                import::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.insert_parts(examined.parts)?;
        let over = now.checked_add(KEPT).map_err(Error::internal)?;
        ends::end_at(self.connection, institution, keys.file(), over)?;
        ends::end_at(self.connection, institution, keys.report(), over)?;
        self.touch(ObjectKind::Import, id.as_uuid());
        self.import(id)
    }

    /// Leaves an import to be carried out, if it still stands at `revision`, with what is `confirmed` of it.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime; [`Error::Conflict`] `being-applied`,
    /// `already-applied`, `file-gone`, `groups-not-confirmed` or `other-school-not-confirmed`; [`Error::Invalid`] for what
    /// [`Answers::check`] refuses.
    pub fn queue_import(
        &mut self,
        id: ImportId,
        revision: i32,
        confirmed: &Confirmed,
    ) -> Result<StoredImport> {
        let StoredImport { state, keys, notices, lines_total, .. } = self.import(id)?;
        state.may_apply().map_err(Error::Conflict)?;
        let other_school = notices.as_ref().is_some_and(|notices| notices.other_school);
        check_school(other_school, confirmed.other_school).map_err(Error::Conflict)?;
        let to_confirm = notices.and_then(|notices| notices.groups_to_confirm).unwrap_or_default();
        check_confirmed(&to_confirm, &confirmed.new_groups).map_err(Error::Conflict)?;
        let proposed = self.proposed(keys, lines_total)?;
        confirmed.answers.check(&proposed)?;
        let own = import::table
            .filter(import::institution_id.is(self.institution()))
            .filter(import::id.is(id))
            .filter(import::state.is(ImportState::Examined))
            .filter(import::revision.eq(revision));
        let queued = diesel::update(own)
            .set((
                import::state.is(ImportState::Applying),
                import::lines_done.eq(0),
                import::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if queued == 0 {
            return Err(Error::Stale(None));
        }
        let mut answers = ReadyParts::under(keys);
        answers.answers(self, &confirmed.answers.clone().about(&proposed))?;
        self.insert_parts(answers)?;
        // As long as it is being carried out its time is not over.
        let institution = self.institution();
        for owner in [keys.file(), keys.report()] {
            ends::do_not_end(self.connection, institution, owner)?;
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

    /// Notes that nothing of an import was carried out, and ends its job. It stays as it is, and this is `false`, when it is
    /// not being carried out any more.
    fn note_failure(&mut self, id: ImportId, failure: Failure) -> Result<bool> {
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
            self.delete_parts(id, OF_FILE)?;
            self.is_over(id)?;
        }
        Ok(failed == 1)
    }

    /// Notes that an import has been carried out: of two who try, one succeeds.
    ///
    /// # Errors
    /// [`Error::Conflict`] `already-applied` when it is not being carried out any more.
    fn finish_import(&mut self, examined: Examined) -> Result<()> {
        let id = examined.parts.keys().id;
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
        self.delete_parts(id, OF_FILE)?;
        self.delete_parts(id, &[PartKind::Report, PartKind::Notices])?;
        self.insert_parts(examined.parts)?;
        self.is_over(id)
    }

    /// Ends the job of an import, has the key of its file end now and that of its report later.
    fn is_over(&mut self, id: ImportId) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        let keys = self.import_keys(id)?;
        let later = now.checked_add(KEPT).map_err(Error::internal)?;
        ends::end_at(self.connection, institution, keys.file(), now)?;
        ends::end_at(self.connection, institution, keys.report(), later)?;
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

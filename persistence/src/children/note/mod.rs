//! Notes: what professionals saw, each sealed under the key of the child it is about (C027, C074).

mod change;
mod lines;
mod put_right;
mod search;
mod shared;

pub(crate) use lines::NoteLines;
pub use search::{FoundNotes, NoteSearch};

use groeilijn_domain::access::author::Author;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::children::note::NoteText;
use groeilijn_domain::children::withdrawal::Withdrawal;
use groeilijn_domain::values::ids::{NoteId, PupilId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::RowOpener;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::children::masked::open_text;
use crate::children::reach::Child;
use crate::children::schema::{note, note_revision};
use crate::handles::tenant::TenantReader;

const TABLE: &str = "note";

/// A note as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredNote {
    /// Its id.
    pub id: NoteId,
    /// The child it is about.
    pub pupil: PupilId,
    /// Who wrote it; nobody else changes it.
    pub author: Author,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// What was seen; empty when masked.
    pub text: NoteText,
    /// Whether the text is masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// The development lines it is about.
    pub lines: Vec<LineCode>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
    /// When it was last changed, in UTC.
    pub changed_at: Timestamp,
    /// That it was withdrawn, and counts nowhere.
    pub withdrawal: Option<Withdrawal>,
    /// The note about the right child that was made of it.
    pub moved_to: Option<NoteId>,
    /// The note about the wrong child that it was made of.
    pub moved_from: Option<NoteId>,
}

/// How a note read before it was changed (C071).
#[derive(Clone, PartialEq, Eq)]
pub struct EarlierNote {
    /// Which revision of the note it was.
    pub revision: i32,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// What was seen; empty when masked.
    pub text: NoteText,
    /// Whether the text is masked, as to whoever is not shown free text (C050).
    pub masked: bool,
    /// The development lines it was about.
    pub lines: Vec<LineCode>,
    /// When it was written, in UTC.
    pub written_at: Timestamp,
}

/// Which notes about a child a list shows, by the day of observation; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoteFilter {
    /// Only those of this day or later.
    pub from: Option<Date>,
    /// Only those of this day or earlier.
    pub until: Option<Date>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = note)]
struct NoteRow {
    id: NoteId,
    pupil_id: PupilId,
    author_id: UserId,
    observed_on: Date,
    text: Vec<u8>,
    lines: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
    changed_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<UserId>,
    withdrawal_reason: Option<Vec<u8>>,
    moved_to: Option<NoteId>,
    moved_from: Option<NoteId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = note_revision)]
struct EarlierRow {
    revision: i32,
    observed_on: Date,
    text: Vec<u8>,
    lines: Vec<u8>,
    written_at: Timestamp,
}

fn open_lines(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<Vec<LineCode>> {
    opener.json("lines", stored)
}

impl NoteRow {
    fn read(
        &self,
        opener: &mut RowOpener<'_>,
        masked: bool,
        author: Author,
        withdrawal: Option<Withdrawal>,
    ) -> Result<StoredNote> {
        Ok(StoredNote {
            id: self.id,
            pupil: self.pupil_id,
            author,
            observed_on: self.observed_on,
            text: open_text(opener, "text", &self.text, masked, NoteText::kept)?,
            masked,
            lines: open_lines(opener, &self.lines)?,
            revision: self.revision,
            created_at: self.created_at,
            changed_at: self.changed_at,
            withdrawal,
            moved_to: self.moved_to,
            moved_from: self.moved_from,
        })
    }
}

impl EarlierRow {
    fn read(&self, opener: &mut RowOpener<'_>, masked: bool) -> Result<EarlierNote> {
        Ok(EarlierNote {
            revision: self.revision,
            observed_on: self.observed_on,
            text: open_text(opener, "text", &self.text, masked, NoteText::kept)?,
            masked,
            lines: open_lines(opener, &self.lines)?,
            written_at: self.written_at,
        })
    }
}

impl TenantReader<'_> {
    /// The notes about a pupil, the last one made first, made before the note `before`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within the caller's reach.
    pub fn notes(
        &mut self,
        pupil: PupilId,
        filter: NoteFilter,
        before: Option<NoteId>,
        limit: i64,
    ) -> Result<Vec<StoredNote>> {
        let child = self.child(pupil)?;
        let rows = |reader: &mut Self, before: &Option<NoteId>, limit| {
            reader.note_rows(child, filter, None, *before, limit)
        };
        fill_page(
            self,
            before,
            limit,
            rows,
            |row| Some(row.id),
            |reader, row| {
                let opened = reader.open_note(&row, child);
                reader.readable(row.id, opened)
            },
        )
    }

    fn note_rows(
        &mut self,
        child: Child,
        filter: NoteFilter,
        author: Option<UserId>,
        before: Option<NoteId>,
        limit: i64,
    ) -> Result<Vec<NoteRow>> {
        let institution = self.institution();
        Ok(load_boxed!(&mut *self.connection, {
            let mut query = note::table
                .filter(note::institution_id.is(institution))
                .filter(note::pupil_id.is(child.id()))
                .order(note::id.desc())
                .limit(limit)
                .select(columns::<NoteRow>())
                .into_boxed();
            if let Some(before) = before {
                query = query.filter(note::id.before(before));
            }
            if let Some(author) = author {
                query = query.filter(note::author_id.is(author));
            }
            if let Some(from) = filter.from {
                query = query.filter(note::observed_on.from(from));
            }
            if let Some(until) = filter.until {
                query = query.filter(note::observed_on.until(until));
            }
            query
        })?)
    }

    /// One note.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or its pupil is not within the caller's reach.
    pub fn note(&mut self, id: NoteId) -> Result<StoredNote> {
        let row: NoteRow = note::table
            .filter(note::institution_id.is(self.institution()))
            .filter(note::id.is(id))
            .select(columns::<NoteRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let child = self.child_of(ObjectKind::Note, id.as_uuid(), row.pupil_id)?;
        self.open_note(&row, child)
    }

    fn open_note(&mut self, row: &NoteRow, child: Child) -> Result<StoredNote> {
        self.touch(ObjectKind::Note, row.id.as_uuid());
        let withdrawn = (row.withdrawn_at, row.withdrawn_by, row.withdrawal_reason.as_deref());
        let withdrawal = self.open_withdrawal(TABLE, row.id.as_uuid(), child, withdrawn)?;
        let author = self.author(row.author_id)?;
        row.read(&mut self.note_opener(row.id, child), !self.shows_free_text(), author, withdrawal)
    }

    fn note_opener(&self, id: NoteId, child: Child) -> RowOpener<'_> {
        self.opener(TABLE, id.as_uuid(), child.key_owner())
    }

    /// How a note read before each change, the last one first; those before the revision `before` (C071).
    ///
    /// # Errors
    /// As [`Self::note`].
    pub fn earlier_notes(&mut self, id: NoteId, before: Option<i32>, limit: i64) -> Result<Vec<EarlierNote>> {
        let institution = self.institution();
        let pupil: PupilId = note::table
            .filter(note::institution_id.is(institution))
            .filter(note::id.is(id))
            .select(note::pupil_id)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let child = self.child_of(ObjectKind::Note, id.as_uuid(), pupil)?;
        self.touch(ObjectKind::Note, id.as_uuid());
        let rows = |reader: &mut Self, before: &i32, limit| {
            Ok(note_revision::table
                .filter(note_revision::institution_id.is(institution))
                .filter(note_revision::note_id.is(id))
                .filter(note_revision::revision.lt(*before))
                .order(note_revision::revision.desc())
                .limit(limit)
                .select(columns::<EarlierRow>())
                .load(reader.connection)?)
        };
        let position = |row: &EarlierRow| row.revision;
        let masked = !self.shows_free_text();
        fill_page(self, before.unwrap_or(i32::MAX), limit, rows, position, |reader, row| {
            // What was sealed for the note was copied unopened when the note was changed.
            let opened = row.read(&mut reader.note_opener(id, child), masked);
            reader.readable(format_args!("{id} {}", row.revision), opened)
        })
    }
}

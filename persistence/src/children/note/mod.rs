//! Notes: what professionals saw, each sealed under the key of the child it is about (C027, C074).

mod change;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::LineCode;
use groeilijn_domain::values::ids::{NoteId, PupilId, UserId};
use groeilijn_domain::values::text::FreeText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::sealing::RowOpener;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::schema::{note, note_revision};
use crate::convert::{date, timestamp, uuid};
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
    pub author: UserId,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// What was seen.
    pub text: FreeText,
    /// The development lines it is about.
    pub lines: Vec<LineCode>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
    /// When it was last changed, in UTC.
    pub changed_at: Timestamp,
}

/// How a note read before it was changed (C071).
#[derive(Clone, PartialEq, Eq)]
pub struct EarlierNote {
    /// Which revision of the note it was.
    pub revision: i32,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Date,
    /// What was seen.
    pub text: FreeText,
    /// The development lines it was about.
    pub lines: Vec<LineCode>,
    /// When it was written, in UTC.
    pub written_at: Timestamp,
}

/// What changes about a note; what is `None` stays.
#[derive(Default)]
pub struct NoteChange {
    /// What was seen.
    pub text: Option<FreeText>,
    /// The day it was seen, in Europe/Amsterdam.
    pub observed_on: Option<Date>,
    /// The development lines it is about.
    pub lines: Option<Vec<LineCode>>,
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
    id: Vec<u8>,
    pupil_id: Vec<u8>,
    author_id: Vec<u8>,
    observed_on: String,
    text: Vec<u8>,
    lines: Vec<u8>,
    revision: i32,
    created_at: i64,
    changed_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = note_revision)]
struct EarlierRow {
    revision: i32,
    observed_on: String,
    text: Vec<u8>,
    lines: Vec<u8>,
    written_at: i64,
}

fn open_text(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<FreeText> {
    opener.required_kept("text", stored, FreeText::kept)
}

fn open_lines(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<Vec<LineCode>> {
    opener.json("lines", stored)
}

impl NoteRow {
    fn read(&self, opener: &mut RowOpener<'_>) -> Result<StoredNote> {
        Ok(StoredNote {
            id: NoteId::from_uuid(uuid(&self.id, TABLE)?),
            pupil: PupilId::from_uuid(uuid(&self.pupil_id, TABLE)?),
            author: UserId::from_uuid(uuid(&self.author_id, TABLE)?),
            observed_on: date(&self.observed_on, TABLE)?,
            text: open_text(opener, &self.text)?,
            lines: open_lines(opener, &self.lines)?,
            revision: self.revision,
            created_at: timestamp(self.created_at, TABLE)?,
            changed_at: timestamp(self.changed_at, TABLE)?,
        })
    }
}

impl EarlierRow {
    fn read(&self, opener: &mut RowOpener<'_>) -> Result<EarlierNote> {
        Ok(EarlierNote {
            revision: self.revision,
            observed_on: date(&self.observed_on, TABLE)?,
            text: open_text(opener, &self.text)?,
            lines: open_lines(opener, &self.lines)?,
            written_at: timestamp(self.written_at, TABLE)?,
        })
    }
}

impl TenantReader<'_> {
    /// The notes about a pupil within the caller's reach, the last one made first, made before the note `before`.
    pub fn notes(
        &mut self,
        pupil: PupilId,
        filter: NoteFilter,
        before: Option<NoteId>,
        limit: i64,
    ) -> Result<Vec<StoredNote>> {
        self.require_pupil(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        let institution = self.institution();
        let rows: Vec<NoteRow> = load_boxed!(&mut *self.connection, {
            let mut query = note::table
                .filter(note::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(note::pupil_id.eq(pupil.as_bytes().as_slice()))
                .order(note::id.desc())
                .limit(limit)
                .select(columns::<NoteRow>())
                .into_boxed();
            if let Some(before) = before {
                query = query.filter(note::id.lt(before.as_bytes().to_vec()));
            }
            if let Some(from) = filter.from {
                query = query.filter(note::observed_on.ge(from.to_string()));
            }
            if let Some(until) = filter.until {
                query = query.filter(note::observed_on.le(until.to_string()));
            }
            query
        })?;
        rows.iter().map(|row| self.open_note(row, pupil)).collect()
    }

    /// One note about a pupil within the caller's reach.
    pub fn note(&mut self, id: NoteId) -> Result<StoredNote> {
        let institution = self.institution();
        let row: NoteRow = note::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<NoteRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let pupil = PupilId::from_uuid(uuid(&row.pupil_id, TABLE)?);
        self.require_pupil(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        self.open_note(&row, pupil)
    }

    fn open_note(&mut self, row: &NoteRow, pupil: PupilId) -> Result<StoredNote> {
        let id = uuid(&row.id, TABLE)?;
        self.touch(ObjectKind::Note, id);
        row.read(&mut self.note_opener(id, pupil))
    }

    fn note_opener(&self, id: Uuid, pupil: PupilId) -> RowOpener<'_> {
        self.opener(TABLE, id, Some(pupil.as_uuid()))
    }

    /// How a note about a pupil within the caller's reach read before each change, the last one first; those
    /// before the revision `before` (C071).
    pub fn earlier_notes(&mut self, id: NoteId, before: Option<i32>, limit: i64) -> Result<Vec<EarlierNote>> {
        let institution = self.institution();
        let pupil: Vec<u8> = note::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(note::pupil_id)
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let pupil = PupilId::from_uuid(uuid(&pupil, TABLE)?);
        self.require_pupil(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        self.touch(ObjectKind::Note, id.as_uuid());
        let rows: Vec<EarlierRow> = note_revision::table
            .filter(note_revision::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(note_revision::note_id.eq(id.as_bytes().as_slice()))
            .filter(note_revision::revision.lt(before.unwrap_or(i32::MAX)))
            .order(note_revision::revision.desc())
            .limit(limit)
            .select(columns::<EarlierRow>())
            .load(self.connection)?;
        // What was sealed for the note went along unopened when it was changed.
        let mut opener = self.note_opener(id.as_uuid(), pupil);
        rows.iter().map(|row| row.read(&mut opener)).collect()
    }
}

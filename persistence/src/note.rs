//! Notes: what professionals saw, each sealed under the key of the child it is about (C027, C074).

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Binary, Integer},
};
use groeilijn_domain::{
    audit::ObjectKind,
    calendar::amsterdam_date,
    framework::{FrameworkIndex, LineCode},
    ids::{FrameworkId, NoteId, PupilId, UserId},
    note::NewNote,
    refusal::Refusal,
    text::FreeText,
};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{
    convert::{date, micros, timestamp, uuid},
    error::{Error, Result, if_taken},
    framework::newest_published,
    schema::{note, note_revision, placement, pupil, staff_group},
    sealing::{RowOpener, RowSealer},
    tenant::{TenantReader, TenantWriter},
};

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

/// What was written, sealed and ready for its row.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = note)]
struct SealedNote {
    observed_on: String,
    text: Vec<u8>,
    lines: Vec<u8>,
}

impl SealedNote {
    fn seal(row: &mut RowSealer<'_>, written: &NewNote) -> Result<Self> {
        Ok(Self {
            observed_on: written.observed_on.to_string(),
            text: row.text("text", Some(written.text.as_str())),
            lines: row.json("lines", &written.lines)?,
        })
    }
}

fn open_text(opener: &mut RowOpener<'_>, stored: &[u8]) -> Result<FreeText> {
    opener.required("text", stored, FreeText::parse)
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

/// What a note is held against besides its own words.
struct Grounds {
    birth: Date,
    /// The published framework that was entered last.
    newest_framework: Option<FrameworkId>,
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
        let mut query = note::table
            .filter(note::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(note::pupil_id.eq(pupil.as_bytes().as_slice()))
            .order(note::id.desc())
            .limit(limit)
            .select(NoteRow::as_select())
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
        let rows: Vec<NoteRow> = query.load(self.connection)?;
        rows.iter().map(|row| self.open_note(row, pupil)).collect()
    }

    /// One note about a pupil within the caller's reach.
    pub fn note(&mut self, id: NoteId) -> Result<StoredNote> {
        let institution = self.institution();
        let row = note::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(NoteRow::as_select())
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
            .select(EarlierRow::as_select())
            .load(self.connection)?;
        // What was sealed for the note went along unopened when it was changed.
        let mut opener = self.note_opener(id.as_uuid(), pupil);
        rows.iter().map(|row| row.read(&mut opener)).collect()
    }

    /// Asks at once whether a pupil is within the caller's reach and what a note about it is held against: notes
    /// are written all day, by everybody.
    fn grounds(&mut self, pupil: PupilId) -> Result<Grounds> {
        let institution = self.institution();
        let mut query = pupil::table
            .filter(pupil::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(pupil::id.eq(pupil.as_bytes().as_slice()))
            .select((pupil::birth_date, newest_published().single_value()))
            .into_boxed();
        if let Some(staff) = self.limited_to() {
            let in_own_group = placement::table
                .inner_join(
                    staff_group::table.on(staff_group::institution_id
                        .eq(placement::institution_id)
                        .and(staff_group::group_id.eq(placement::group_id))),
                )
                .filter(placement::institution_id.eq(institution.as_bytes().to_vec()))
                .filter(placement::pupil_id.eq(pupil.as_bytes().to_vec()))
                .filter(placement::ended_on.is_null())
                .filter(staff_group::staff_id.eq(staff.as_bytes().to_vec()));
            query = query.filter(diesel::dsl::exists(in_own_group));
        }
        let (birth, newest): (Vec<u8>, Option<Vec<u8>>) =
            query.first(self.connection).optional()?.ok_or(Error::NotFound)?;
        let mut opener = self.opener("pupil", pupil.as_uuid(), Some(pupil.as_uuid()));
        Ok(Grounds {
            birth: opener.required("birth_date", &birth, str::parse)?,
            newest_framework: newest.map(|id| uuid(&id, TABLE).map(FrameworkId::from_uuid)).transpose()?,
        })
    }

    /// Checks what was written about a pupil within the caller's reach.
    fn check_note(&mut self, pupil: PupilId, written: &NewNote, framework: Option<FrameworkId>) -> Result<()> {
        let grounds = self.grounds(pupil)?;
        let framework = match framework.or(grounds.newest_framework) {
            Some(id) => Some(self.published_framework(id).map_err(no_such_framework)?),
            None => None,
        };
        let nothing = FrameworkIndex::default();
        let index = framework.as_ref().map_or(&nothing, |framework| &framework.index);
        written
            .check(index, grounds.birth, amsterdam_date(self.now()))
            .map_err(|found| {
                Error::Invalid(found.into_iter().map(|(field, refusal)| (format!("/{field}"), refusal)).collect())
            })
    }
}

fn no_such_framework(error: Error) -> Error {
    match error {
        Error::NotFound => Error::invalid(
            "/frameworkId",
            Refusal::new("unknown-framework", "there is no published framework with this id"),
        ),
        error => error,
    }
}

impl TenantWriter<'_> {
    /// Enters a note of the actor about a pupil within her reach. Its lines are those of `framework`, or of the
    /// published framework that was entered last.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil is not within reach; [`Error::Invalid`] with everything that is wrong
    /// with the note; [`Error::Conflict`] `id-in-use` when the institution has a note with this id.
    pub fn create_note(
        &mut self,
        id: NoteId,
        pupil: PupilId,
        written: NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<StoredNote> {
        self.check_note(pupil, &written, framework)?;
        let institution = self.institution();
        let author = self.actor().account;
        let now = self.now();
        let sealed = self.seal_note(id, pupil, &written)?;
        diesel::insert_into(note::table)
            .values((
                note::institution_id.eq(institution.as_bytes().as_slice()),
                note::id.eq(id.as_bytes().as_slice()),
                note::pupil_id.eq(pupil.as_bytes().as_slice()),
                note::author_id.eq(author.as_bytes().as_slice()),
                sealed,
                note::revision.eq(1),
                note::created_at.eq(micros(now)),
                note::changed_at.eq(micros(now)),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a note with this id already"))?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        self.touch(ObjectKind::Note, id.as_uuid());
        let NewNote { text, observed_on, lines } = written;
        Ok(StoredNote { id, pupil, author, observed_on, text, lines, revision: 1, created_at: now, changed_at: now })
    }

    /// Changes a note that was read in this transaction. How it read before is kept (C071).
    ///
    /// # Errors
    /// [`Error::Forbidden`] `not-the-author`; [`Error::Invalid`] with everything that is wrong with the change;
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_note(
        &mut self,
        stored: StoredNote,
        change: NoteChange,
        framework: Option<FrameworkId>,
    ) -> Result<StoredNote> {
        if stored.author != self.actor().account {
            let refusal = Refusal::new("not-the-author", "only who wrote a note may change it");
            return Err(Error::Forbidden(refusal));
        }
        let StoredNote { id, pupil, .. } = stored;
        let lines_change = change.lines.is_some();
        let mut written = NewNote {
            text: change.text.unwrap_or(stored.text),
            observed_on: change.observed_on.unwrap_or(stored.observed_on),
            lines: change.lines.unwrap_or_default(),
        };
        self.check_note(pupil, &written, framework)?;
        if !lines_change {
            // Lines that stay are not checked again: they may be of an older framework than the one in use.
            written.lines = stored.lines;
        }
        self.keep_earlier(id, stored.revision)?;
        let revision = stored.revision + 1;
        let changed_at = self.now();
        self.update_note(id, pupil, &written, revision, changed_at)?;
        let NewNote { text, observed_on, lines } = written;
        Ok(StoredNote { observed_on, text, lines, revision, changed_at, ..stored })
    }

    fn update_note(
        &mut self,
        id: NoteId,
        pupil: PupilId,
        written: &NewNote,
        revision: i32,
        changed_at: Timestamp,
    ) -> Result<()> {
        let institution = self.institution();
        let sealed = self.seal_note(id, pupil, written)?;
        diesel::update(note::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
            .set((sealed, note::revision.eq(revision), note::changed_at.eq(micros(changed_at))))
            .execute(self.connection)?;
        Ok(())
    }

    /// Keeps how a note reads at `revision`. Who comes second to change that revision finds it gone or kept.
    fn keep_earlier(&mut self, id: NoteId, revision: i32) -> Result<()> {
        let institution = self.institution();
        let kept = sql_query(
            "INSERT INTO note_revision (institution_id, note_id, revision, observed_on, text, lines, written_at) \
             SELECT institution_id, id, revision, observed_on, text, lines, changed_at FROM note \
             WHERE institution_id = $1 AND id = $2 AND revision = $3 ON CONFLICT DO NOTHING",
        )
        .bind::<Binary, _>(institution.as_bytes().as_slice())
        .bind::<Binary, _>(id.as_bytes().as_slice())
        .bind::<Integer, _>(revision)
        .execute(self.connection)?;
        if kept == 0 { Err(Error::Stale) } else { Ok(()) }
    }

    fn seal_note(&mut self, id: NoteId, pupil: PupilId, written: &NewNote) -> Result<SealedNote> {
        let mut row = self.sealer(TABLE, id.as_uuid(), Some(pupil.as_uuid()))?;
        let sealed = SealedNote::seal(&mut row, written)?;
        self.sealed(row);
        Ok(sealed)
    }
}

//! Writing notes and changing them.

use diesel::sql_query;
use diesel::sql_types::{Binary, Integer};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::FrameworkIndex;
use groeilijn_domain::children::note::NewNote;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{FrameworkId, NoteId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{NoteChange, StoredNote, TABLE};
use crate::children::framework::{newest_published, not_published};
use crate::children::reach::in_group_given_to;
use crate::children::schema::{note, placement, pupil, user_group};
use crate::convert::{micros, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};

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

/// What a note is held against besides its own words.
struct Grounds {
    birth: Date,
    /// The published framework that was entered last.
    newest_framework: Option<FrameworkId>,
}

impl TenantReader<'_> {
    /// Asks at once whether a pupil is within the caller's reach and what a note about it is held against: notes
    /// are written all day, by everybody.
    fn grounds(&mut self, pupil: PupilId) -> Result<Grounds> {
        let institution = self.institution();
        let query = pupil::table
            .filter(pupil::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(pupil::id.eq(pupil.as_bytes().as_slice()))
            .select((pupil::birth_date, newest_published().single_value()));
        let found: Option<(Vec<u8>, Option<Vec<u8>>)> = match self.limited_to() {
            None => query.first(self.connection).optional()?,
            Some(user) => {
                let today = self.today();
                let in_own_group = in_group_given_to!(
                    institution.as_bytes().as_slice(),
                    pupil.as_bytes().as_slice(),
                    user.as_bytes().as_slice(),
                    today.as_str()
                );
                query.filter(diesel::dsl::exists(in_own_group)).first(self.connection).optional()?
            }
        };
        let (birth, newest) = found.ok_or(Error::NotFound)?;
        let mut opener = self.opener("pupil", pupil.as_uuid(), Some(pupil.as_uuid()));
        Ok(Grounds {
            birth: opener.required("birth_date", &birth, str::parse)?,
            newest_framework: newest.map(|id| uuid(&id, TABLE).map(FrameworkId::from_uuid)).transpose()?,
        })
    }

    /// Checks what was written about a pupil within the caller's reach.
    fn check_note(
        &mut self,
        pupil: PupilId,
        written: &NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<()> {
        let grounds = self.grounds(pupil)?;
        let mut refused = Vec::new();
        if let Err(refusal) = written.check_day(grounds.birth, amsterdam_date(self.now())) {
            refused.push(("/observedOn".to_owned(), refusal));
        }
        match framework.or(grounds.newest_framework).map(|id| self.published_framework(id)).transpose() {
            Err(Error::NotFound) => refused.push(not_published()),
            framework => {
                let framework = framework?;
                let nothing = FrameworkIndex::default();
                let index = framework.as_ref().map_or(&nothing, |framework| &framework.index);
                let lines = written.check_lines(index).err().unwrap_or_default();
                refused.extend(lines.into_iter().map(|refusal| ("/lines".to_owned(), refusal)));
            }
        }
        if refused.is_empty() { Ok(()) } else { Err(Error::Invalid(refused)) }
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
        let author = self.actor()?.account;
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
        Ok(StoredNote {
            id,
            pupil,
            author,
            observed_on,
            text,
            lines,
            revision: 1,
            created_at: now,
            changed_at: now,
        })
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
        if stored.author != self.actor()?.account {
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

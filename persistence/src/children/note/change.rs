//! Writing notes and changing them.

use std::sync::{Arc, LazyLock};

use diesel::sql_query;
use diesel::sql_types::{Binary, Integer};
use groeilijn_domain::access::author::Author;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::framework::{FrameworkIndex, not_published};
use groeilijn_domain::children::note::{NewNote, NoteChange, check_author};
use groeilijn_domain::children::withdrawal::check_standing;
use groeilijn_domain::values::ids::{FrameworkId, NoteId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{StoredNote, TABLE};
use crate::children::framework::{PublishedFramework, newest_published};
use crate::children::pupil::open_birth_date;
use crate::children::reach::{Child, in_reach};
use crate::children::schema::{note, pupil, user_group};
use crate::handles::tenant::{TenantReader, TenantWriter};

/// The sealed fields of a note, ready for its row.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = note)]
pub(super) struct SealedNote {
    text: Vec<u8>,
    lines: Vec<u8>,
}

impl SealedNote {
    fn seal(row: &mut RowSealer<'_>, written: &NewNote) -> Result<Self> {
        Ok(Self {
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

/// The framework that the lines of a note are of; nothing when none is published, or the reason why there is none.
pub(super) struct FrameworkOfNote(std::result::Result<Option<Arc<PublishedFramework>>, Refusal>);

impl FrameworkOfNote {
    /// What the lines are held against.
    pub(super) fn index(&self) -> std::result::Result<&FrameworkIndex, Refusal> {
        static NOTHING: LazyLock<FrameworkIndex> = LazyLock::new(FrameworkIndex::default);
        let framework = self.0.as_ref().map_err(Clone::clone)?;
        Ok(framework.as_ref().map_or(&*NOTHING, |framework| &framework.index))
    }
}

impl TenantReader<'_> {
    /// A child within the caller's reach that may be written about, and what a note about it is held against, asked in one
    /// statement: notes are written all day, by everybody.
    fn grounds(&mut self, pupil: PupilId) -> Result<(Child, Grounds)> {
        let query = pupil::table.filter(pupil::id.is(pupil)).select((
            pupil::birth_date,
            pupil::archived_at,
            newest_published().single_value(),
        ));
        let found: Option<(Vec<u8>, Option<Timestamp>, Option<FrameworkId>)> =
            in_reach!(self, query, first).optional()?;
        let Some((birth, archived_at, newest_framework)) = found else {
            return Err(self.child_not_found(pupil)?);
        };
        let child = self.reached(pupil, archived_at).active()?;
        Ok((child, Grounds { birth: open_birth_date(self, child, &birth)?, newest_framework }))
    }

    /// The framework that the lines of a note about a child are of: the one that is named, or that is chosen for its age, or else
    /// `newest`. Asked only when there is something to look up: most notes are about no line.
    pub(super) fn framework_of_note(
        &mut self,
        birth: Date,
        written: &NewNote,
        named: Option<FrameworkId>,
        newest: Option<FrameworkId>,
    ) -> Result<FrameworkOfNote> {
        let chosen = match named {
            None if !written.lines.is_empty() => {
                self.chosen_framework(birth, written.observed_on)?.or(newest)
            }
            named => named.or(newest),
        };
        Ok(FrameworkOfNote(match chosen {
            None => Ok(None),
            Some(id) => match self.published_framework(id) {
                Err(Error::NotFound) => Err(not_published()),
                framework => Ok(Some(framework?)),
            },
        }))
    }

    /// The child that a note is about, after checking what was written.
    fn check_note(
        &mut self,
        pupil: PupilId,
        written: &NewNote,
        framework: Option<FrameworkId>,
    ) -> Result<Child> {
        let (child, grounds) = self.grounds(pupil)?;
        let framework =
            self.framework_of_note(grounds.birth, written, framework, grounds.newest_framework)?;
        written.check(grounds.birth, self.today(), framework.index())?;
        Ok(child)
    }
}

impl TenantWriter<'_> {
    /// The note with this id, when the actor has written it about this pupil and it reads like this: a client that did
    /// not hear the reply sends it again. The day counts when the client named it.
    ///
    /// # Errors
    /// As [`TenantReader::note`], but for a note that is not there or is another one: that is `None`.
    pub fn note_written_before(
        &mut self,
        id: NoteId,
        pupil: PupilId,
        written: &NewNote,
        names_day: bool,
    ) -> Result<Option<StoredNote>> {
        let author = self.actor()?.user;
        let own: Option<NoteId> = note::table
            .filter(note::institution_id.is(self.institution()))
            .filter(note::id.is(id))
            .filter(note::pupil_id.is(pupil))
            .filter(note::author_id.is(author))
            .select(note::id)
            .first(self.connection)
            .optional()?;
        if own.is_none() {
            return Ok(None);
        }
        let stored = self.note(id)?;
        let before = NewNote {
            text: stored.text.clone(),
            observed_on: stored.observed_on,
            lines: stored.lines.clone(),
        };
        Ok(written.repeats(&before, names_day).then_some(stored))
    }

    /// Enters a note of the actor about a pupil. Its lines are those of `framework`, or of the published framework that
    /// was entered last.
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
        let child = self.check_note(pupil, &written, framework)?;
        let author = self.acting_author()?;
        self.insert_note(id, child, author, written)
    }

    /// Enters a note that was checked.
    pub(super) fn insert_note(
        &mut self,
        id: NoteId,
        child: Child,
        author: Author,
        written: NewNote,
    ) -> Result<StoredNote> {
        let (institution, pupil, now) = (self.institution(), child.id(), self.now());
        let sealed = self.seal_note(id, child, &written)?;
        diesel::insert_into(note::table)
            .values((
                note::institution_id.is(institution),
                note::id.is(id),
                note::pupil_id.is(pupil),
                note::author_id.is(author.id),
                note::observed_on.is(written.observed_on),
                sealed,
                note::revision.eq(1),
                note::created_at.is(now),
                note::changed_at.is(now),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a note with this id already"))?;
        self.touch(ObjectKind::Note, id.as_uuid());
        let NewNote { text, observed_on, lines } = written;
        Ok(StoredNote {
            id,
            pupil,
            author,
            observed_on,
            text,
            masked: false,
            lines,
            revision: 1,
            created_at: now,
            changed_at: now,
            withdrawal: None,
            moved_to: None,
            moved_from: None,
        })
    }

    /// Changes a note that was read in this transaction. How it read before is kept (C071).
    ///
    /// # Errors
    /// [`Error::Forbidden`] `not-the-author`; [`Error::Conflict`] `withdrawn`; [`Error::Invalid`] with everything that is
    /// wrong with the change; [`Error::Stale`] when it was changed in the meantime.
    pub fn change_note(
        &mut self,
        stored: StoredNote,
        change: NoteChange,
        framework: Option<FrameworkId>,
    ) -> Result<StoredNote> {
        check_author(stored.author.id, self.actor()?.user).map_err(Error::Forbidden)?;
        check_standing(stored.withdrawal.as_ref()).map_err(Error::Conflict)?;
        let StoredNote { id, pupil, text, observed_on, lines, .. } = stored;
        let (mut written, staying) = NewNote { text, observed_on, lines }.changed(change);
        let child = self.check_note(pupil, &written, framework)?;
        if let Some(lines) = staying {
            written.lines = lines;
        }
        self.keep_earlier(id, stored.revision)?;
        let revision = stored.revision + 1;
        let changed_at = self.now();
        self.update_note(id, child, &written, revision, changed_at)?;
        let NewNote { text, observed_on, lines } = written;
        Ok(StoredNote {
            id,
            pupil,
            author: stored.author,
            observed_on,
            text,
            masked: false,
            lines,
            revision,
            created_at: stored.created_at,
            changed_at,
            withdrawal: None,
            moved_to: None,
            moved_from: stored.moved_from,
        })
    }

    fn update_note(
        &mut self,
        id: NoteId,
        child: Child,
        written: &NewNote,
        revision: i32,
        changed_at: Timestamp,
    ) -> Result<()> {
        let sealed = self.seal_note(id, child, written)?;
        let own = note::table.filter(note::institution_id.is(self.institution())).filter(note::id.is(id));
        diesel::update(own)
            .set((
                note::observed_on.is(written.observed_on),
                sealed,
                note::revision.eq(revision),
                note::changed_at.is(changed_at),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Keeps how a note reads at `revision`. Of two changes of one revision, the second finds it kept already.
    fn keep_earlier(&mut self, id: NoteId, revision: i32) -> Result<()> {
        let institution = self.institution();
        let kept = sql_query(
            "INSERT INTO note_revision (institution_id, note_id, revision, observed_on, text, lines, written_at) \
             SELECT institution_id, id, revision, observed_on, text, lines, changed_at FROM note \
             WHERE institution_id = $1 AND id = $2 AND revision = $3 ON CONFLICT DO NOTHING",
        )
        .bind::<Binary, _>(institution.as_bytes().to_vec())
        .bind::<Binary, _>(id.as_bytes().to_vec())
        .bind::<Integer, _>(revision)
        .execute(self.connection)?;
        if kept == 0 { Err(Error::Stale(None)) } else { Ok(()) }
    }

    pub(super) fn seal_note(&mut self, id: NoteId, child: Child, written: &NewNote) -> Result<SealedNote> {
        let mut row = self.sealer(TABLE, id.as_uuid(), child.key_owner())?;
        let sealed = SealedNote::seal(&mut row, written)?;
        self.sealed(row);
        Ok(sealed)
    }
}

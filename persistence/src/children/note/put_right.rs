//! Withdrawing notes, and moving them to the right child.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::note::{NewNote, may_move};
use groeilijn_domain::children::withdrawal::{check_standing, may_put_note_right};
use groeilijn_domain::values::ids::{NoteId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use super::{StoredNote, TABLE};
use crate::children::reach::Child;
use crate::children::schema::note;
use crate::handles::tenant::TenantWriter;

impl TenantWriter<'_> {
    /// Withdraws a note that was read in this transaction: it stays readable, marked, and counts nowhere.
    ///
    /// # Errors
    /// [`Error::Forbidden`] `not-the-author`; [`Error::Conflict`] `withdrawn`, `archived`; [`Error::Stale`] when it was
    /// changed in the meantime.
    pub fn withdraw_note(&mut self, mut stored: StoredNote, reason: ShortText) -> Result<StoredNote> {
        let child = self.check_put_right(&stored)?;
        self.mark_withdrawn(&mut stored, child, reason)?;
        Ok(stored)
    }

    /// Moves a note that was read in this transaction to another child: makes the note `id` of it there, and withdraws it
    /// here. Day, words, lines and author stay as they are.
    ///
    /// # Errors
    /// As [`Self::withdraw_note`]; [`Error::Invalid`] for `pupil_id` `unknown-pupil` and what [`may_move`] refuses.
    pub fn move_note(
        &mut self,
        mut stored: StoredNote,
        id: NoteId,
        to: PupilId,
        reason: ShortText,
    ) -> Result<StoredNote> {
        let wrong = self.check_put_right(&stored)?;
        let right = match self.child(to) {
            Err(Error::NotFound) => {
                let refusal = Refusal::new("unknown-pupil", "there is no such child that you follow");
                return Err(Error::invalid("pupil_id", refusal));
            }
            child => child?.active()?,
        };
        let birth = self.birth_date(right)?;
        may_move(stored.observed_on, stored.pupil, to, birth)
            .map_err(|refusal| Error::invalid("pupil_id", refusal))?;
        self.insert_moved(&stored, id, right)?;
        stored.moved_to = Some(id);
        self.mark_withdrawn(&mut stored, wrong, reason)?;
        Ok(stored)
    }

    /// The child of a note that the actor may put right.
    fn check_put_right(&mut self, stored: &StoredNote) -> Result<Child> {
        let actor = self.actor()?;
        let author_has_left = stored.author.id != actor.user && self.has_left(stored.author.id)?;
        may_put_note_right(stored.author.id, author_has_left, &actor).map_err(Error::Forbidden)?;
        check_standing(stored.withdrawal.as_ref()).map_err(Error::Conflict)?;
        self.child(stored.pupil)?.active()
    }

    fn mark_withdrawn(&mut self, stored: &mut StoredNote, child: Child, reason: ShortText) -> Result<()> {
        let withdrawal = self.withdrawal(reason)?;
        let sealed = self.seal_withdrawal(TABLE, stored.id.as_uuid(), child, Some(&withdrawal))?;
        let own = note::table
            .filter(note::institution_id.is(self.institution()))
            .filter(note::id.is(stored.id))
            .filter(note::revision.eq(stored.revision));
        let updated = diesel::update(own)
            .set((
                note::withdrawn_at.is(Some(withdrawal.at)),
                note::withdrawn_by.is(Some(withdrawal.by.id)),
                note::withdrawal_reason.eq(sealed),
                note::moved_to.is(stored.moved_to),
                note::revision.eq(stored.revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        stored.revision += 1;
        stored.withdrawal = Some(withdrawal);
        Ok(())
    }

    fn insert_moved(&mut self, stored: &StoredNote, id: NoteId, right: Child) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        let StoredNote { text, lines, .. } = stored.clone();
        let written = NewNote { text, observed_on: stored.observed_on, lines };
        let sealed = self.seal_note(id, right, &written)?;
        diesel::insert_into(note::table)
            .values((
                note::institution_id.is(institution),
                note::id.is(id),
                note::pupil_id.is(right.id()),
                note::author_id.is(stored.author.id),
                note::observed_on.is(stored.observed_on),
                sealed,
                note::revision.eq(1),
                note::created_at.is(now),
                note::changed_at.is(now),
                note::moved_from.is(Some(stored.id)),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Note, id.as_uuid());
        Ok(())
    }
}

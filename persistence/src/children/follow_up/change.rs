//! Planning follow-ups, changing and finishing them.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::follow_up::{
    FollowUpFields, FollowUpText, check_day, check_open, check_room,
};
use groeilijn_domain::children::withdrawal::check_standing;
use groeilijn_domain::values::ids::FollowUpId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result, if_taken};
use jiff::Timestamp;

use super::{Finished, FollowUpChange, NewFollowUp, StoredFollowUp, TABLE};
use crate::children::reach::Child;
use crate::children::registration::StoredRegistration;
use crate::children::schema::follow_up;
use crate::handles::tenant::TenantWriter;

impl TenantWriter<'_> {
    /// Plans a follow-up of a line for which the registration asks attention: in its open draft, or else in its latest final
    /// version.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the registration is not within reach; [`Error::Conflict`] `archived`, `withdrawn`, `too-many`,
    /// `id-in-use`; [`Error::Invalid`] with everything that [`FollowUpFields::check`] refuses.
    pub fn create_follow_up(&mut self, new: NewFollowUp) -> Result<StoredFollowUp> {
        let registration = self.registration(new.registration)?;
        let child = self.child(registration.facts.pupil)?.active()?;
        check_standing(registration.facts.withdrawal.as_ref()).map_err(Error::Conflict)?;
        new.fields.check(registration.facts.registered_on, &registration.version.judgements)?;
        self.check_room_for_follow_up(&registration)?;
        let (institution, now) = (self.institution(), self.now());
        let author = self.acting_author()?;
        let (line, plan) = self.seal_plan(new.id, child, &new.fields)?;
        diesel::insert_into(follow_up::table)
            .values((
                follow_up::institution_id.is(institution),
                follow_up::id.is(new.id),
                follow_up::pupil_id.is(child.id()),
                follow_up::registration_id.is(new.registration),
                follow_up::author_id.is(author.id),
                follow_up::follow_up_on.is(new.fields.follow_up_on),
                follow_up::line.eq(line),
                follow_up::plan.eq(plan),
                follow_up::revision.eq(1),
                follow_up::created_at.is(now),
                follow_up::changed_at.is(now),
            ))
            .execute(self.connection)
            .map_err(if_taken("id-in-use", "there is a follow-up with this id already"))?;
        self.touch(ObjectKind::FollowUp, new.id.as_uuid());
        Ok(StoredFollowUp {
            id: new.id,
            pupil: child.id(),
            registration: new.registration,
            fields: new.fields,
            masked: false,
            author,
            finished: None,
            revision: 1,
            created_at: now,
            changed_at: now,
        })
    }

    /// Changes what is planned, or when. `stored` was read in this transaction; so for the others.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived`, `withdrawn`, `already-finished`; [`Error::Invalid`] with what [`check_day`] refuses;
    /// [`Error::Stale`] when it was changed in the meantime; so for the others.
    pub fn change_follow_up(
        &mut self,
        mut stored: StoredFollowUp,
        change: FollowUpChange,
    ) -> Result<StoredFollowUp> {
        let (child, registration) = self.registration_to_follow_up(&stored)?;
        if let Some(day) = change.follow_up_on {
            check_day(day, registration.facts.registered_on)
                .map_err(|refusal| Error::invalid("follow_up_on", refusal))?;
            stored.fields.follow_up_on = day;
        }
        if let Some(plan) = change.plan {
            stored.fields.plan = plan;
        }
        let (line, plan) = self.seal_plan(stored.id, child, &stored.fields)?;
        (stored.revision, stored.changed_at) = self.raise_follow_up(&stored)?;
        let own = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::id.is(stored.id));
        diesel::update(own)
            .set((
                follow_up::follow_up_on.is(stored.fields.follow_up_on),
                follow_up::line.eq(line),
                follow_up::plan.eq(plan),
            ))
            .execute(self.connection)?;
        Ok(stored)
    }

    /// Finishes a follow-up with what came of it: from now on it never changes.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived`, `withdrawn`, `already-finished`.
    pub fn finish_follow_up(
        &mut self,
        mut stored: StoredFollowUp,
        outcome: FollowUpText,
    ) -> Result<StoredFollowUp> {
        let (child, _) = self.registration_to_follow_up(&stored)?;
        let by = self.acting_author()?;
        let mut row = self.sealer(TABLE, stored.id.as_uuid(), child.key_owner())?;
        let sealed = row.text("outcome", Some(outcome.as_str()));
        self.sealed(row);
        (stored.revision, stored.changed_at) = self.raise_follow_up(&stored)?;
        let at = stored.changed_at;
        let own = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::id.is(stored.id));
        diesel::update(own)
            .set((
                follow_up::outcome.eq(Some(sealed)),
                follow_up::finished_at.is(Some(at)),
                follow_up::finished_by.is(Some(by.id)),
            ))
            .execute(self.connection)?;
        stored.finished = Some(Finished { outcome, by, at });
        Ok(stored)
    }

    /// Takes away a follow-up that is not finished.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived`, `withdrawn`, `already-finished`.
    pub fn delete_follow_up(&mut self, stored: &StoredFollowUp) -> Result<()> {
        self.registration_to_follow_up(stored)?;
        self.raise_follow_up(stored)?;
        let own = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::id.is(stored.id));
        diesel::delete(own).execute(self.connection)?;
        Ok(())
    }

    /// The registration of a follow-up that can be changed, with its child. It is read for the record of the change too: who
    /// keeps a copy of it is told.
    fn registration_to_follow_up(&mut self, stored: &StoredFollowUp) -> Result<(Child, StoredRegistration)> {
        let child = self.child(stored.pupil)?.active()?;
        let registration = self.registration(stored.registration)?;
        check_standing(registration.facts.withdrawal.as_ref()).map_err(Error::Conflict)?;
        check_open(stored.finished.is_some()).map_err(Error::Conflict)?;
        Ok((child, registration))
    }

    /// That the registration has room for one more; nobody else adds one before this transaction ends.
    fn check_room_for_follow_up(&mut self, registration: &StoredRegistration) -> Result<()> {
        let id = registration.facts.id;
        dialect::lock(self.connection, id.as_bytes())?;
        let planned: i64 = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::registration_id.is(id))
            .count()
            .get_result(self.connection)?;
        check_room(usize::try_from(planned).map_err(Error::internal)?).map_err(Error::Conflict)
    }

    /// Takes the next revision, which holds off everybody else until the commit, and says when.
    fn raise_follow_up(&mut self, stored: &StoredFollowUp) -> Result<(i32, Timestamp)> {
        let (revision, now) = (stored.revision + 1, self.now());
        let own = follow_up::table
            .filter(follow_up::institution_id.is(self.institution()))
            .filter(follow_up::id.is(stored.id))
            .filter(follow_up::revision.eq(stored.revision));
        let next = (follow_up::revision.eq(revision), follow_up::changed_at.is(now));
        if diesel::update(own).set(next).execute(self.connection)? == 0 {
            return Err(Error::Stale(None));
        }
        Ok((revision, now))
    }

    fn seal_plan(
        &mut self,
        id: FollowUpId,
        child: Child,
        fields: &FollowUpFields,
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut row = self.sealer(TABLE, id.as_uuid(), child.key_owner())?;
        let line = row.text("line", Some(fields.line.as_str()));
        let plan = row.text("plan", Some(fields.plan.as_str()));
        self.sealed(row);
        Ok((line, plan))
    }
}

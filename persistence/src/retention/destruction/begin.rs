//! The beginning of a destruction: what it is about is marked, and is nowhere from then on.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::destruction::DestructionState;
use groeilijn_domain::retention::plan::{Due, SubjectKind, institution_due, pupil_due};
use groeilijn_domain::values::ids::{DestructionId, PupilId, SubjectId};
use groeilijn_engine::audit::tree;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::{Error, Result};
use uuid::Uuid;

use super::claim::NOT_HELD;
use super::insert_items;
use crate::children::schema::pupil;
use crate::handles::tenant::{Tenant, TenantReader, TenantWriter};
use crate::retention::schema::{destruction, destruction_item};

/// How many subjects one destruction has at most: its certificate names each.
const AT_ONCE: usize = 500;

impl TenantReader<'_> {
    /// What goes today: the same plan that the forecast shows.
    pub(super) fn due_today(&mut self) -> Result<Vec<Due>> {
        let today = self.today();
        let facts = self.institution_facts()?;
        if let Some(due) = institution_due(&facts).filter(|due| due.goes(today)) {
            return Ok(if self.goes_already(due.subject)? { Vec::new() } else { vec![due] });
        }
        let pupils = self.pupil_facts()?;
        Ok(pupils.iter().map(|pupil| pupil_due(pupil, &facts)).filter(|due| due.goes(today)).collect())
    }

    /// Whether a destruction of this subject has begun that is not carried out yet: a second one would have a certificate too.
    fn goes_already(&mut self, subject: Uuid) -> Result<bool> {
        let running = destruction::table
            .inner_join(
                destruction_item::table.on(destruction_item::institution_id
                    .eq(destruction::institution_id)
                    .and(destruction_item::destruction_id.eq(destruction::id))),
            )
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::state.is(DestructionState::Running))
            .filter(destruction_item::subject_id.is(SubjectId::from_uuid(subject)));
        Ok(diesel::select(diesel::dsl::exists(running)).get_result(self.connection)?)
    }

    /// Whether nobody looked today, or days of cooling off are over.
    fn has_something_to_begin(&mut self) -> Result<bool> {
        Ok(!self.looked_today()? || !self.cooled_off()?.is_empty())
    }

    /// What one administrator asked for, and nobody stopped in time.
    fn cooled_off(&mut self) -> Result<Vec<DestructionId>> {
        Ok(destruction::table
            .filter(destruction::institution_id.is(self.institution()))
            .filter(destruction::state.is(DestructionState::CoolingOff))
            .filter(destruction::begins_at.until(Some(self.now())))
            .order(destruction::id)
            .select(destruction::id)
            .load(self.connection)?)
    }

    /// Whether a hold keeps something that a destruction is about.
    pub(super) fn is_held(&mut self, id: DestructionId) -> Result<bool> {
        if self.institution_facts()?.held.is_some() {
            return Ok(true);
        }
        let subjects: Vec<Uuid> = self.items(id)?.into_iter().map(|item| item.subject_id.as_uuid()).collect();
        let held = self.pupil_facts()?.into_iter().filter(|pupil| pupil.held.is_some());
        Ok(held.map(|pupil| pupil.id.as_uuid()).any(|pupil| subjects.contains(&pupil)))
    }
}

impl Tenant {
    /// Begins what goes today, and signs the second certificates that are due, if that was not done today: once a day, by
    /// whichever process comes first. What was asked for begins as soon as its days of cooling off are over.
    ///
    /// # Errors
    /// What the databases refuse; it is done again at the next look.
    pub async fn look_for_destructions(&self) -> Result<()> {
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method holds for one lifetime only"
        )]
        let is_due = self.read(Cost::Rows, |reader| reader.has_something_to_begin()).await?;
        if is_due {
            #[allow(
                clippy::redundant_closure_for_method_calls,
                reason = "the method holds for one lifetime only"
            )]
            self.write(|writer| writer.begin_due_destructions()).await?;
        }
        self.complete_destructions().await
    }
}

impl TenantWriter<'_> {
    /// Begins what goes today by a rule, once a day, and what was asked for whose days of cooling off are over.
    fn begin_due_destructions(&mut self) -> Result<()> {
        self.begin_cooled_off()?;
        if !self.note_looked(self.today())? {
            return Ok(());
        }
        for due in self.due_today()?.chunks(AT_ONCE) {
            let id = DestructionId::from_uuid(self.environment().uuid());
            let (institution, now) = (self.institution(), self.now());
            diesel::insert_into(destruction::table)
                .values((
                    destruction::institution_id.is(institution),
                    destruction::id.is(id),
                    destruction::state.is(DestructionState::Proposed),
                    destruction::created_at.is(now),
                    destruction::lease_until.is(NOT_HELD),
                    destruction::revision.eq(1),
                ))
                .execute(self.connection)?;
            insert_items(self.connection, institution, id, due)?;
            self.begin_destruction(id)?;
        }
        Ok(())
    }

    /// Begins what one administrator asked for and nobody stopped in time. What is held waits.
    fn begin_cooled_off(&mut self) -> Result<()> {
        for id in self.cooled_off()? {
            if !self.is_held(id)? {
                self.begin_destruction(id)?;
            }
        }
        Ok(())
    }

    /// Begins a destruction: from this transaction on what it is about is nowhere, in every process. Of two at once, one
    /// does.
    pub(super) fn begin_destruction(&mut self, id: DestructionId) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        let before = tree::present(self.connection, institution)?;
        let size = i64::try_from(before.size()).map_err(Error::internal)?;
        let waiting = destruction::table
            .filter(destruction::institution_id.is(institution))
            .filter(destruction::id.is(id))
            .filter(
                destruction::state
                    .is(DestructionState::Proposed)
                    .or(destruction::state.is(DestructionState::CoolingOff)),
            );
        let begun = diesel::update(waiting)
            .set((
                destruction::state.is(DestructionState::Running),
                destruction::begun_at.is(Some(now)),
                destruction::before_size.eq(Some(size)),
                destruction::before_root.eq(Some(before.root().to_vec())),
                destruction::revision.eq(destruction::revision + 1),
            ))
            .execute(self.connection)?;
        if begun == 0 {
            return Ok(());
        }
        self.raise_children_edition()?;
        for item in self.items(id)? {
            match item.kind {
                SubjectKind::Pupil => self.mark_pupil(PupilId::from_uuid(item.subject_id.as_uuid()))?,
                SubjectKind::Institution => self.mark_institution()?,
            }
        }
        self.touch(ObjectKind::Destruction, id.as_uuid());
        Ok(())
    }

    /// Marks a child: it is nowhere from now on. One that is gone already stays so.
    fn mark_pupil(&mut self, id: PupilId) -> Result<()> {
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(id))
            .filter(pupil::destroying_at.is_null());
        let now = self.now();
        diesel::update(own).set(pupil::destroying_at.is(Some(now))).execute(self.connection)?;
        self.touch(ObjectKind::Pupil, id.as_uuid());
        Ok(())
    }

    /// Marks all children of an institution that goes as a whole. Its users are kept out by its licence.
    fn mark_institution(&mut self) -> Result<()> {
        let institution = self.institution();
        let own =
            pupil::table.filter(pupil::institution_id.is(institution)).filter(pupil::destroying_at.is_null());
        let now = self.now();
        diesel::update(own).set(pupil::destroying_at.is(Some(now))).execute(self.connection)?;
        self.touch(ObjectKind::Institution, institution.as_uuid());
        Ok(())
    }
}

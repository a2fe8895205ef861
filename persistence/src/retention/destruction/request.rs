//! Destructions that administrators ask for, approve and stop.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::destruction::{DestructionState, begins_alone, check_approval, check_stop};
use groeilijn_domain::retention::plan::{Due, Rule, SubjectKind};
use groeilijn_domain::retention::term::{Term, TermBasis};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{DestructionId, PupilId};
use groeilijn_domain::values::refusal::{FieldRefusals, Refusal};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use super::claim::NOT_HELD;
use super::{StoredDestruction, TABLE, insert_items};
use crate::handles::tenant::TenantWriter;
use crate::retention::schema::destruction;

/// A destruction that an administrator asks for.
pub struct NewDestruction {
    /// Its id.
    pub id: DestructionId,
    /// The children that it is about, none twice.
    pub pupils: Vec<PupilId>,
    /// Why.
    pub reason: ShortText,
    /// Whether no other administrator approves it: it then waits for days in which anybody can stop it.
    pub alone: bool,
}

impl TenantWriter<'_> {
    /// Asks for the destruction of children.
    ///
    /// # Errors
    /// [`Error::Invalid`] for each child that cannot be destroyed: `unknown-pupil`, `held`, `being-destroyed`.
    pub fn ask_for_destruction(&mut self, new: &NewDestruction) -> Result<StoredDestruction> {
        let (institution, now, actor) = (self.institution(), self.now(), self.actor()?.user);
        dialect::lock_institution(self.connection, institution)?;
        self.check_destroyable(&new.pupils)?;
        let mut row = self.sealer(TABLE, new.id.as_uuid(), self.shared_owner())?;
        let reason = row.text("reason", Some(new.reason.as_str()));
        self.sealed(row);
        let state = if new.alone { DestructionState::CoolingOff } else { DestructionState::Proposed };
        diesel::insert_into(destruction::table)
            .values((
                destruction::institution_id.is(institution),
                destruction::id.is(new.id),
                destruction::state.is(state),
                destruction::requested_by.is(Some(actor)),
                destruction::reason.eq(Some(reason)),
                destruction::created_at.is(now),
                destruction::lease_until.is(NOT_HELD),
                destruction::begins_at.is(new.alone.then(|| begins_alone(now))),
                destruction::revision.eq(1),
            ))
            .execute(self.connection)?;
        let today = amsterdam_date(now);
        let due: Vec<Due> = new
            .pupils
            .iter()
            .map(|pupil| Due {
                kind: SubjectKind::Pupil,
                subject: pupil.as_uuid(),
                on: today,
                rule: Rule::Request,
                term: Term { months: 0, basis: TermBasis::Request },
                held: None,
            })
            .collect();
        insert_items(self.connection, institution, new.id, &due)?;
        self.asked_about(new.id)
    }

    /// Approves what another administrator asked for: it begins with this transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `second-person`, `not-proposed`; `held` when a child is held.
    pub fn approve_destruction(&mut self, id: DestructionId) -> Result<StoredDestruction> {
        let (institution, actor) = (self.institution(), self.actor()?.user);
        dialect::lock_institution(self.connection, institution)?;
        let row = self.destruction_row(id)?;
        check_approval(row.state, row.requested_by, actor).map_err(Error::Conflict)?;
        if self.is_held(id)? {
            return Err(Error::Conflict(held()));
        }
        let own = destruction::table
            .filter(destruction::institution_id.is(institution))
            .filter(destruction::id.is(id));
        diesel::update(own).set(destruction::approved_by.is(Some(actor))).execute(self.connection)?;
        self.begin_destruction(id)?;
        self.asked_about(id)
    }

    /// Stops a destruction before it begins. Anybody at the institution may.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `begun`.
    pub fn stop_destruction(&mut self, id: DestructionId, reason: &ShortText) -> Result<StoredDestruction> {
        let (institution, actor) = (self.institution(), self.actor()?.user);
        dialect::lock_institution(self.connection, institution)?;
        let stored = self.destruction_row(id)?;
        check_stop(stored.state).map_err(Error::Conflict)?;
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let reason = row.text("stop_reason", Some(reason.as_str()));
        self.sealed(row);
        let own = destruction::table
            .filter(destruction::institution_id.is(institution))
            .filter(destruction::id.is(id));
        diesel::update(own)
            .set((
                destruction::state.is(DestructionState::Stopped),
                destruction::stopped_by.is(Some(actor)),
                destruction::stop_reason.eq(Some(reason)),
                destruction::revision.eq(stored.revision + 1),
            ))
            .execute(self.connection)?;
        self.asked_about(id)
    }

    /// The destruction as it is now. Whoever looks for one of its children in the log finds what was done.
    fn asked_about(&mut self, id: DestructionId) -> Result<StoredDestruction> {
        let stored = self.destruction(id)?;
        self.touch(ObjectKind::Destruction, id.as_uuid());
        for subject in stored.subjects.iter().filter(|subject| subject.kind == SubjectKind::Pupil) {
            self.touch(ObjectKind::Pupil, subject.id.as_uuid());
        }
        Ok(stored)
    }

    fn check_destroyable(&mut self, pupils: &[PupilId]) -> Result<()> {
        let mut refusals = FieldRefusals::new();
        let institution_held = self.institution_facts()?.held.is_some();
        let facts = self.pupil_facts()?;
        for (at, pupil) in pupils.iter().enumerate() {
            let field = format!("pupil_ids/{at}");
            match facts.binary_search_by_key(pupil, |facts| facts.id).ok().and_then(|at| facts.get(at)) {
                None => {
                    let detail = "there is no such child at the institution";
                    refusals.refuse(field, Refusal::new("unknown-pupil", detail));
                }
                Some(facts) if institution_held || facts.held.is_some() => refusals.refuse(field, held()),
                Some(_) => {}
            }
        }
        Ok(refusals.or(())?)
    }
}

fn held() -> Refusal {
    Refusal::new("held", "a hold keeps it from being destroyed; lift that first")
}

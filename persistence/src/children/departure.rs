//! Departures: that a child leaves the institution, and when (C105).
//!
//! What a departure ends is marked with its day, so that undoing it restores that and nothing else.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::departure::{self as rules, Departure};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::placement::StoredPlacement;
use crate::children::pupil::{StoredPupil, TABLE, TAKEN_BACK};
use crate::children::reach::Child;
use crate::children::schema::pupil;
use crate::handles::tenant::{TenantReader, TenantWriter};

impl TenantReader<'_> {
    /// The last day of a child at the institution, if it leaves or left.
    pub(super) fn last_day_of(&mut self, child: Child) -> Result<Option<Date>> {
        Ok(pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()))
            .select(pupil::departed_on)
            .first(self.connection)?)
    }
}

impl TenantWriter<'_> {
    /// Notes that a pupil, which was read in this transaction, leaves or left. What is known of an earlier departure is
    /// replaced.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived`; [`Error::Invalid`] with what [`rules::depart`] refuses.
    pub fn depart(&mut self, before: &StoredPupil, departure: &Departure) -> Result<()> {
        self.raise_children_edition()?;
        let child = self.child(before.id)?.active()?;
        let mut raised = 1;
        if before.departure.is_some() {
            self.restore_placements(child)?;
            self.restore_additional_groups(child)?;
            raised += TAKEN_BACK;
        }
        let history = self.placements_of(child)?;
        let facts: Vec<_> = history.iter().map(|stored| stored.placement).collect();
        let (birth, last_day) = (before.fields.birth_date, departure.last_day);
        let endings = rules::depart(&facts, birth, last_day, self.today())
            .map_err(|refusal| Error::invalid("last_day", refusal))?;
        for (ended, ended_on) in endings {
            for stored in history.iter().filter(|stored| stored.placement == ended) {
                self.end_placement(stored.id, Some(ended_on), Some(last_day))?;
            }
        }
        self.end_additional_groups(child, last_day)?;
        self.set_departure(child, Some(departure))?;
        self.raise_pupil_revision(child, raised)
    }

    /// Undoes the departure of a pupil, which was read in this transaction: the placements that it ended last again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the pupil does not leave; [`Error::Conflict`] `archived`.
    pub fn undo_departure(&mut self, before: &StoredPupil) -> Result<()> {
        self.raise_children_edition()?;
        let child = self.child(before.id)?.active()?;
        if before.departure.is_none() {
            return Err(Error::NotFound);
        }
        self.restore_placements(child)?;
        self.restore_additional_groups(child)?;
        self.set_departure(child, None)?;
        self.raise_pupil_revision(child, TAKEN_BACK)
    }

    /// Forgets the departure of a child that comes back, with what it had overtaken; what it ended stays ended.
    pub(super) fn forget_departure(&mut self, child: Child, history: &[StoredPlacement]) -> Result<()> {
        for stored in history.iter().filter(|stored| stored.by_departure) {
            if stored.placement.lasts() {
                self.end_placement(stored.id, stored.placement.ended_on, None)?;
            } else {
                self.delete_placement(stored.id)?;
            }
        }
        self.forget_ended_additional_groups(child)?;
        self.set_departure(child, None)
    }

    fn restore_placements(&mut self, child: Child) -> Result<()> {
        let mut ended = self.placements_of(child)?;
        ended.retain(|stored| stored.by_departure);
        let facts: Vec<_> = ended.iter().map(|stored| stored.placement).collect();
        for (stored, ended_on) in ended.iter().zip(rules::undo(&facts)) {
            self.end_placement(stored.id, ended_on, None)?;
        }
        Ok(())
    }

    fn set_departure(&mut self, child: Child, departure: Option<&Departure>) -> Result<()> {
        let mut destination = None;
        if let Some(named) = departure.and_then(|departure| departure.destination.as_ref()) {
            let mut row = self.sealer(TABLE, child.id().as_uuid(), child.key_owner())?;
            destination = Some(row.text("destination", Some(ShortText::as_str(named))));
            self.sealed(row);
        }
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()));
        diesel::update(own)
            .set((
                pupil::departed_on.is(departure.map(|departure| departure.last_day)),
                pupil::departure_kind.is(departure.map(|departure| departure.kind)),
                pupil::destination.eq(destination),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Pupil, child.id().as_uuid());
        Ok(())
    }
}

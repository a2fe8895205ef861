//! Undoing a school year that was begun in one act: as a whole, or not at all.

use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::children::school_year_transition::{self as rules, MadeMove};
use groeilijn_domain::values::ids::{PlacementId, PupilId, SchoolYearTransitionId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use super::StoredTransition;
use crate::children::key_owner;
use crate::children::schema::{placement, school_year_transition};
use crate::handles::tenant::{TenantReader, TenantWriter};

/// Why each placement was taken away, in the history of its child.
const REASON: &str = "De overgang naar het nieuwe schooljaar is als geheel teruggedraaid.";

/// A placement that an act made, by which of its moves, and when it ended as it was made.
type MadeRow = (PlacementId, PupilId, Option<i32>, Option<Date>);

impl TenantReader<'_> {
    fn made_placements(&mut self, id: SchoolYearTransitionId) -> Result<Vec<MadeRow>> {
        Ok(placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::transition_id.is(Some(id)))
            .order(placement::id)
            .select((
                placement::id,
                placement::pupil_id,
                placement::transition_move,
                placement::transition_ended_on,
            ))
            .load(self.connection)?)
    }
}

impl TenantWriter<'_> {
    /// Undoes an act that was read in this transaction, before others were kept from changing it: takes the placements away that it made, so that those before go on,
    /// gives children back the year level that it changed, unless it was changed again, and takes its groups away.
    ///
    /// # Errors
    /// [`Error::Conflict`] with what [`rules::check_undo`] and [`rules::check_stands`] refuse, `archived` for a child or group
    /// in the archive, `same-group` and `not-in-a-group` for a child whose stays beside its main group would not fit, and
    /// `group-in-use` for a group of which something else tells; with the id of what stands in the way.
    pub fn undo_school_year_transition(&mut self, stored: &StoredTransition) -> Result<StoredTransition> {
        self.raise_children_edition()?;
        let undone = self.school_year_transition(stored.id)?.undone;
        rules::check_undo(stored.made.at, undone.is_some(), self.now()).map_err(Error::Conflict)?;
        let reason = ShortText::parse(REASON).map_err(Error::internal)?;
        let made = self.made_placements(stored.id)?;
        let placed: u64 = stored.outcome.moves.iter().map(|one| u64::from(one.placed)).sum();
        if u64::try_from(made.len()).ok() != Some(placed) {
            return Err(Error::Conflict(rules::changed_since()));
        }
        self.open_keys(made.iter().map(|(_, pupil, ..)| key_owner::pupil(*pupil)))?;
        for (placement, pupil, index, ended_on) in made {
            let index = index.and_then(|index| usize::try_from(index).ok());
            let by = index.and_then(|index| stored.outcome.moves.get(index));
            let by = by.ok_or(Error::Unreadable(super::TABLE))?;
            let as_made = Placement { group: by.to_group, placed_on: stored.first_day, ended_on };
            let undone = self.take_back(placement, &as_made, by, &reason);
            undone.map_err(|error| because_of(error, pupil.as_uuid()))?;
        }
        for &group in &stored.outcome.groups {
            // One that was taken away meanwhile is gone already.
            match self.group(group) {
                Err(Error::NotFound) => {}
                found => {
                    let gone = self.delete_group(group, found?.revision);
                    gone.map_err(|error| because_of(error, group.as_uuid()))?;
                }
            }
        }
        let now = self.now();
        let own = school_year_transition::table
            .filter(school_year_transition::institution_id.is(self.institution()))
            .filter(school_year_transition::id.is(stored.id));
        diesel::update(own)
            .set((
                school_year_transition::undone_by.is(Some(self.principal().id())),
                school_year_transition::undone_at.is(Some(now)),
            ))
            .execute(self.connection)?;
        self.school_year_transition(stored.id)
    }

    fn take_back(
        &mut self,
        id: PlacementId,
        as_made: &Placement,
        by: &MadeMove,
        reason: &ShortText,
    ) -> Result<()> {
        // One that a departure overtook is not there, nor is one of a child that is being destroyed.
        let (child, stored) = self.placement_of(id).map_err(|error| match error {
            Error::NotFound => Error::Conflict(rules::changed_since()),
            other => other,
        })?;
        let history: Vec<Placement> =
            self.placements_of(child)?.into_iter().map(|stored| stored.placement).collect();
        rules::check_stands(&history, &stored.placement, as_made, by.from_group).map_err(Error::Conflict)?;
        self.take_placement_away(&stored, true, reason)?;
        if let Some((before, since)) = by.raised() {
            self.lower_year_level(child, since, before)?;
        }
        Ok(())
    }
}

/// The same refusal, with the id of what stands in the way.
fn because_of(error: Error, id: uuid::Uuid) -> Error {
    match error {
        Error::Conflict(refusal) => Error::Conflict(refusal.because_of(id)),
        other => other,
    }
}

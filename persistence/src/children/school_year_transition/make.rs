//! Beginning a school year in one act: first everything is weighed, then everything is done.

use std::collections::HashMap;

use groeilijn_domain::children::pupil::YearLevel;
use groeilijn_domain::children::school_year_transition::{
    KnownGroup, MOST_GROUPS, MadeMove, Outcome, Transition,
};
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId, SchoolYearTransitionId};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{StoredTransition, TransitionPreview};
use crate::children::key_owner;
use crate::children::placement::WeighedPlacement;
use crate::children::pupil::open_year_level;
use crate::children::reach::{Child, children_of, placed};
use crate::children::schema::{groups, placement, pupil, school_year_transition};
use crate::handles::tenant::{TenantReader, TenantWriter};

/// How many refusals about single children one answer has at most: a mistake that holds for all of them is seen by then.
const MOST_NAMED: usize = 100;
/// How many placements are marked in one statement.
const AT_ONCE: usize = 500;

/// A child of a group, with its year level.
type Leveled = (Child, Option<YearLevel>);

/// An act that was weighed.
struct Weighed {
    groups: Vec<GroupId>,
    moves: Vec<WeighedMove>,
    not_moved: Vec<PupilId>,
}

/// What one move comes to.
struct WeighedMove {
    to: GroupId,
    children: Vec<(Child, WeighedPlacement)>,
}

impl TenantReader<'_> {
    /// What beginning a school year so would come to.
    ///
    /// # Errors
    /// As [`TenantWriter::make_school_year_transition`].
    pub fn preview_school_year_transition(&mut self, wanted: &Transition) -> Result<TransitionPreview> {
        let weighed = self.weigh_transition(wanted)?;
        let placed = weighed.moves.iter().map(|one| count(one.children.len()));
        Ok(TransitionPreview { placed: placed.collect(), not_moved: weighed.not_moved })
    }

    fn weigh_transition(&mut self, wanted: &Transition) -> Result<Weighed> {
        self.check_transition(wanted)?;
        let environment = self.environment();
        let groups: Vec<_> = wanted.groups.iter().map(|_| GroupId::from_uuid(environment.uuid())).collect();
        let mut from: Vec<(GroupId, Vec<Leveled>)> = Vec::new();
        for group in wanted.moves.iter().map(|one| one.from_group) {
            if from.iter().all(|(known, _)| *known != group) {
                from.push((group, self.children_going_on(group, wanted.first_day)?));
            }
        }
        let mut refusals = FieldRefusals::new();
        let mut moves = Vec::with_capacity(wanted.moves.len());
        for (index, one) in wanted.moves.iter().enumerate() {
            let new = one.to_new_group.and_then(|place| groups.get(place));
            let to = one.to_group.or(new.copied()).ok_or(Error::NotFound)?;
            let going_on = from.iter_mut().find(|(group, _)| *group == one.from_group);
            let taken = going_on.map(|(_, children)| children.extract_if(.., |(_, level)| one.takes(*level)));
            let mut children = Vec::new();
            for (child, _) in taken.into_iter().flatten() {
                match self.weigh_placement(child, to, wanted.school_year(), wanted.first_day)? {
                    Ok(weighed) => children.push((child, weighed)),
                    Err(refusal) => {
                        refusals.refuse(format!("moves/{index}"), refusal.because_of(child.id().as_uuid()));
                    }
                }
                if refusals.count() >= MOST_NAMED {
                    return Err(refusals.into());
                }
            }
            moves.push(WeighedMove { to, children });
        }
        let left = from.iter().flat_map(|(_, children)| children);
        let not_moved = left.map(|(child, _)| child.id()).collect();
        Ok(refusals.or(Weighed { groups, moves, not_moved })?)
    }

    fn check_transition(&mut self, wanted: &Transition) -> Result<()> {
        let known = self.known_groups()?;
        let mut refusals = FieldRefusals::new();
        refusals.extend(wanted.check(&known, self.today()));
        for (index, group) in wanted.groups.iter().enumerate().take(MOST_GROUPS) {
            if let Some(location) = group.location_id {
                let field = format!("groups/{index}/location_id");
                refusals.check(field, self.check_location_in_use(location)?);
            }
        }
        Ok(refusals.or(())?)
    }

    fn known_groups(&mut self) -> Result<HashMap<GroupId, KnownGroup>> {
        let rows: Vec<(GroupId, _, Option<Timestamp>)> = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .select((groups::id, groups::school_year, groups::archived_at))
            .load(self.connection)?;
        let known = |(id, school_year, archived_at)| (id, KnownGroup { school_year, archived_at });
        Ok(rows.into_iter().map(known).collect())
    }

    /// The children whose main group this is on the day before, and would be on that day too: not those who leave, nor those
    /// whose next group was settled one by one.
    fn children_going_on(&mut self, group: GroupId, first_day: Date) -> Result<Vec<Leveled>> {
        let Ok(day_before) = first_day.yesterday() else { return Ok(Vec::new()) };
        let rows: Vec<(PupilId, Option<Vec<u8>>)> = children_of!(self.institution())
            .inner_join(placed!(day_before))
            .filter(pupil::archived_at.is_null())
            .filter(placement::group_id.is(group))
            .filter(placement::ended_on.is_null().or(placement::ended_on.after(Some(first_day))))
            .order(pupil::id)
            .select((pupil::id, pupil::year_level))
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|(id, _)| key_owner::pupil(*id)))?;
        let mut children = Vec::with_capacity(rows.len());
        for (id, level) in rows {
            let level = open_year_level(&mut self.pupil_opener(id), level.as_deref())?;
            children.push((self.reached(id, None), level));
        }
        Ok(children)
    }
}

impl TenantWriter<'_> {
    /// Begins a school year: makes its groups and places the children.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that [`Transition::check`] refuses, `unknown-location` and `archived` for the
    /// location of a group, and for a move what placing one of its children refuses, with the id of that child.
    pub fn make_school_year_transition(
        &mut self,
        id: SchoolYearTransitionId,
        wanted: &Transition,
    ) -> Result<StoredTransition> {
        self.raise_children_edition()?;
        let weighed = self.weigh_transition(wanted)?;
        for (group, fields) in weighed.groups.iter().zip(&wanted.groups) {
            self.create_group(*group, fields, None)?;
        }
        let mut moves = Vec::with_capacity(wanted.moves.len());
        for (index, (asked, made)) in wanted.moves.iter().zip(weighed.moves).enumerate() {
            moves.push(MadeMove {
                from_group: asked.from_group,
                year_levels: asked.year_levels.clone(),
                to_group: made.to,
                year_level: asked.year_level,
                placed: count(made.children.len()),
            });
            let mut placements = Vec::with_capacity(made.children.len());
            for (child, weighed) in made.children {
                let placement = PlacementId::from_uuid(self.environment().uuid());
                self.carry_out_placement(placement, weighed)?;
                if let Some(level) = asked.year_level {
                    self.set_year_level(child, level)?;
                }
                placements.push(placement);
            }
            self.mark_placements(id, index, &placements)?;
        }
        let outcome = Outcome { groups: weighed.groups, moves, not_moved: count(weighed.not_moved.len()) };
        let (institution, now) = (self.institution(), self.now());
        diesel::insert_into(school_year_transition::table)
            .values((
                school_year_transition::institution_id.is(institution),
                school_year_transition::id.is(id),
                school_year_transition::first_day.is(wanted.first_day),
                school_year_transition::outcome.eq(serde_json::to_string(&outcome).map_err(Error::internal)?),
                school_year_transition::made_by.is(self.principal().id()),
                school_year_transition::made_at.is(now),
            ))
            .execute(self.connection)?;
        self.school_year_transition(id)
    }

    fn mark_placements(
        &mut self,
        id: SchoolYearTransitionId,
        index: usize,
        placements: &[PlacementId],
    ) -> Result<()> {
        let index = i32::try_from(index).map_err(Error::internal)?;
        for some in placements.chunks(AT_ONCE) {
            let made = placement::table
                .filter(placement::institution_id.is(self.institution()))
                .filter(placement::id.eq_any(some.iter().copied().map(OneOf)));
            diesel::update(made)
                .set((
                    placement::transition_id.is(Some(id)),
                    placement::transition_move.eq(Some(index)),
                    placement::transition_ended_on.eq(placement::ended_on),
                ))
                .execute(self.connection)?;
        }
        Ok(())
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

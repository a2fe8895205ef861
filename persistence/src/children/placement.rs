//! Placements: in which group a child is, and was (C023).

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::placement::{self as rules, Placement, first_day_gone, has_left};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::pupil::TAKEN_BACK;
use crate::children::reach::{Child, ReachedGroup, lasts};
use crate::children::schema::placement;
use crate::handles::tenant::{TenantReader, TenantWriter};

/// A placement as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredPlacement {
    /// Its id.
    pub id: PlacementId,
    /// In which group, from when to when.
    pub placement: Placement,
    /// Whether the child's departure ended it.
    pub by_departure: bool,
    /// How often it was changed.
    pub revision: i32,
}

/// What placing a child comes to, before it is done.
pub(super) struct WeighedPlacement {
    child: Child,
    change: rules::PlacementChange,
    history: Vec<StoredPlacement>,
    last_day: Option<Date>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = placement)]
struct PlacementRow {
    id: PlacementId,
    group_id: GroupId,
    placed_on: Date,
    ended_on: Option<Date>,
    departed_on: Option<Date>,
    revision: i32,
}

impl From<PlacementRow> for StoredPlacement {
    fn from(row: PlacementRow) -> Self {
        Self {
            id: row.id,
            placement: Placement { group: row.group_id, placed_on: row.placed_on, ended_on: row.ended_on },
            by_departure: row.departed_on.is_some(),
            revision: row.revision,
        }
    }
}

impl TenantReader<'_> {
    /// A pupil's placements, the first one first.
    ///
    /// # Errors
    /// [`NotFound`](groeilijn_engine::error::Error::NotFound) when the pupil is not within the caller's reach.
    pub fn placements(&mut self, pupil: PupilId) -> Result<Vec<StoredPlacement>> {
        let child = self.child(pupil)?;
        let mut placements = self.placements_of(child)?;
        placements.retain(|stored| stored.placement.lasts());
        Ok(placements)
    }

    /// One placement.
    ///
    /// # Errors
    /// [`NotFound`](groeilijn_engine::error::Error::NotFound) when there is none with this id that lasts a day at least, or
    /// its child is not within the caller's reach.
    pub fn placement(&mut self, id: PlacementId) -> Result<StoredPlacement> {
        let (child, stored) = self.placement_of(id)?;
        self.touch(ObjectKind::Pupil, child.id().as_uuid());
        Ok(stored)
    }

    /// One placement, and whose it is.
    pub(super) fn placement_of(&mut self, id: PlacementId) -> Result<(Child, StoredPlacement)> {
        let (pupil, row): (PupilId, PlacementRow) = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::id.is(id))
            .filter(lasts!())
            .select((placement::pupil_id, columns::<PlacementRow>()))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let child = self.child_of(ObjectKind::Placement, id.as_uuid(), pupil)?;
        Ok((child, row.into()))
    }

    /// All placements of a child, also those that a departure overtook before they began.
    pub(super) fn placements_of(&mut self, child: Child) -> Result<Vec<StoredPlacement>> {
        let rows: Vec<PlacementRow> = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::pupil_id.is(child.id()))
            .order((placement::placed_on, placement::id))
            .select(columns::<PlacementRow>())
            .load(self.connection)?;
        Ok(rows.into_iter().map(StoredPlacement::from).collect())
    }

    /// What placing a child in a group from the day `on` would do, as [`TenantWriter::place`] does it. The child and the group
    /// are not in the archive.
    ///
    /// # Errors
    /// The refusal of [`rules::place`], or of what the child is in beside its main group.
    pub(super) fn weigh_placement(
        &mut self,
        child: Child,
        group: GroupId,
        school_year: SchoolYear,
        on: Date,
    ) -> Result<std::result::Result<WeighedPlacement, Refusal>> {
        let last_day = self.last_day_of(child)?;
        let history = self.placements_of(child)?;
        let facts: Vec<_> = history.iter().map(|stored| stored.placement).collect();
        let change = match rules::place(&facts, group, school_year, on, last_day, self.today()) {
            Ok(change) => change,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let beside = self.check_not_additional(child, &change.added)?;
        Ok(beside.map(|()| WeighedPlacement { child, change, history, last_day }))
    }

    /// Every placement of every pupil of the institution, each pupil's first one first: for imports.
    pub(super) fn all_placements(&mut self) -> Result<HashMap<PupilId, Vec<Placement>>> {
        let rows: Vec<(PupilId, GroupId, Date, Option<Date>)> = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .order((placement::pupil_id, placement::placed_on, placement::id))
            .select((placement::pupil_id, placement::group_id, placement::placed_on, placement::ended_on))
            .load(self.connection)?;
        let mut by_pupil: HashMap<PupilId, Vec<Placement>> = HashMap::new();
        for (pupil, group, placed_on, ended_on) in rows {
            by_pupil.entry(pupil).or_default().push(Placement { group, placed_on, ended_on });
        }
        Ok(by_pupil)
    }
}

impl TenantWriter<'_> {
    /// Places a child in a group from the day `on`, which ends the placement that holds on that day, or takes the place of
    /// one that begins on it. What is planned after it stays. A child that leaves is still moved until its last day; one that
    /// is placed after it comes back, and what its departure ended stays so.
    ///
    /// # Errors
    /// [`Invalid`](groeilijn_engine::error::Error::Invalid) when the history or the school year of the group does not
    /// allow it; [`Conflict`](groeilijn_engine::error::Error::Conflict) `archived`.
    pub fn place(
        &mut self,
        id: PlacementId,
        child: Child,
        group: ReachedGroup,
        on: Date,
    ) -> Result<StoredPlacement> {
        self.raise_children_edition()?;
        let (child, group) = (child.active()?, group.active()?);
        let weighed = self.weigh_placement(child, group.id(), group.school_year(), on)?;
        self.carry_out_placement(id, weighed.map_err(|refusal| Error::invalid("placed_on", refusal))?)
    }

    /// Places a child as was weighed in this transaction, after the edition was raised.
    pub(super) fn carry_out_placement(
        &mut self,
        id: PlacementId,
        weighed: WeighedPlacement,
    ) -> Result<StoredPlacement> {
        let WeighedPlacement { child, change, history, last_day } = weighed;
        let on = change.added.placed_on;
        let stored = |wanted: Option<Placement>| {
            history.iter().find(|stored| Some(stored.placement) == wanted).map(|stored| stored.id)
        };
        if let Some(cut_short) = stored(change.cut_short) {
            self.end_placement(cut_short, Some(on), None)?;
        }
        if let Some(replaced) = stored(change.replaced) {
            self.delete_placement(replaced)?;
        }
        let comes_back = has_left(last_day, on);
        let gone = last_day.filter(|_| !comes_back).map(first_day_gone);
        let by_departure = gone.is_some() && change.added.ended_on == gone;
        self.insert_placement(id, child, change.added, last_day.filter(|_| by_departure))?;
        if comes_back {
            self.forget_departure(child, &history)?;
        }
        // The day of the placement that made way may have come, which counted in the tag.
        let takes_back = comes_back || change.replaced.is_some();
        self.raise_pupil_revision(child, if takes_back { TAKEN_BACK } else { 1 })?;
        Ok(StoredPlacement { id, placement: change.added, by_departure, revision: 1 })
    }

    /// Sets until when a placement lasts, and the last day of the child whose departure ends it, if it does.
    pub(super) fn end_placement(
        &mut self,
        id: PlacementId,
        ended_on: Option<Date>,
        last_day: Option<Date>,
    ) -> Result<()> {
        let own = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::id.is(id));
        diesel::update(own)
            .set((
                placement::ended_on.is(ended_on),
                placement::departed_on.is(last_day),
                placement::revision.eq(placement::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Placement, id.as_uuid());
        Ok(())
    }

    pub(super) fn delete_placement(&mut self, id: PlacementId) -> Result<()> {
        let own = placement::table
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::id.is(id));
        diesel::delete(own).execute(self.connection)?;
        self.touch(ObjectKind::Placement, id.as_uuid());
        Ok(())
    }

    /// Enters a placement, with the last day of the child whose departure ends it, if it does.
    pub(super) fn insert_placement(
        &mut self,
        id: PlacementId,
        child: Child,
        opened: Placement,
        last_day: Option<Date>,
    ) -> Result<()> {
        self.raise_children_edition()?;
        let (institution, now) = (self.institution(), self.now());
        diesel::insert_into(placement::table)
            .values((
                placement::institution_id.is(institution),
                placement::id.is(id),
                placement::pupil_id.is(child.id()),
                placement::group_id.is(opened.group),
                placement::placed_on.is(opened.placed_on),
                placement::ended_on.is(opened.ended_on),
                placement::departed_on.is(last_day),
                placement::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Placement, id.as_uuid());
        Ok(())
    }
}

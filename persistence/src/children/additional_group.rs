//! The groups that a child is in beside its main one (C023).

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::additional_group::{self as rules, AdditionalGroup, Circumstances, Wanted};
use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::values::ids::{AdditionalGroupId, GroupId, PupilId};
use groeilijn_domain::values::refusal::Refusal;
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::key_owner;
use crate::children::reach::{Child, ReachedGroup};
use crate::children::schema::{additional_group, groups, pupil};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "additional_group";

/// A stay beside the main group as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredAdditionalGroup {
    /// Its id.
    pub id: AdditionalGroupId,
    /// In which group, from when to when, and for how many day-parts.
    pub stay: AdditionalGroup,
    /// How often it was changed.
    pub revision: i32,
}

/// A stay beside the main group that is to be entered.
#[derive(Debug, Clone, Copy)]
pub struct NewAdditionalGroup {
    /// Its id.
    pub id: AdditionalGroupId,
    /// The group.
    pub group: ReachedGroup,
    /// The first day in the group.
    pub placed_on: Date,
    /// The first day no longer in the group; `None` for as long as the school year and the child's stay at the institution.
    pub ended_on: Option<Date>,
    /// How many day-parts a week.
    pub day_parts_per_week: Option<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = additional_group)]
struct AdditionalGroupRow {
    id: AdditionalGroupId,
    pupil_id: PupilId,
    group_id: GroupId,
    placed_on: Date,
    ended_on: Date,
    ended_on_otherwise: Option<Date>,
    day_parts_per_week: Vec<u8>,
    revision: i32,
}

impl TenantReader<'_> {
    /// The groups that a pupil is and was in beside its main one, the first one first.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) when the pupil is not within the caller's reach.
    pub fn additional_groups(&mut self, pupil: PupilId) -> Result<Vec<StoredAdditionalGroup>> {
        let child = self.child(pupil)?;
        let mut stored = self.additional_groups_of(child)?;
        stored.retain(|stored| stored.stay.lasts());
        Ok(stored)
    }

    /// One stay of a child in a group beside its main one.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) when there is none with this id that lasts a day at least, or its child is not within the
    /// caller's reach.
    pub fn additional_group(&mut self, id: AdditionalGroupId) -> Result<StoredAdditionalGroup> {
        self.additional_group_of(id).map(|(_, stored)| stored)
    }

    fn additional_group_of(&mut self, id: AdditionalGroupId) -> Result<(Child, StoredAdditionalGroup)> {
        let row: AdditionalGroupRow = additional_group::table
            .filter(additional_group::institution_id.is(self.institution()))
            .filter(additional_group::id.is(id))
            .filter(additional_group::placed_on.lt(additional_group::ended_on))
            .select(columns::<AdditionalGroupRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let child = self.child_of(ObjectKind::AdditionalGroup, id.as_uuid(), row.pupil_id)?;
        self.touch(ObjectKind::AdditionalGroup, id.as_uuid());
        Ok((child, self.open_additional_group(&row)?))
    }

    /// All of a child's, also those that a departure overtook before they began.
    fn additional_groups_of(&mut self, child: Child) -> Result<Vec<StoredAdditionalGroup>> {
        let rows: Vec<AdditionalGroupRow> = additional_group::table
            .filter(additional_group::institution_id.is(self.institution()))
            .filter(additional_group::pupil_id.is(child.id()))
            .order((additional_group::placed_on, additional_group::id))
            .select(columns::<AdditionalGroupRow>())
            .load(self.connection)?;
        self.open_rows(&rows, |row| row.id.as_uuid(), |reader, row| reader.open_additional_group(row))
    }

    /// The groups that these pupils are in beside their main ones on a day.
    pub(super) fn additional_groups_on(
        &mut self,
        pupils: impl IntoIterator<Item = PupilId>,
        on: Date,
    ) -> Result<HashMap<PupilId, Vec<StoredAdditionalGroup>>> {
        let rows: Vec<AdditionalGroupRow> = additional_group::table
            .filter(additional_group::institution_id.is(self.institution()))
            .filter(additional_group::pupil_id.eq_any(pupils.into_iter().map(OneOf)))
            .filter(additional_group::placed_on.until(on))
            .filter(additional_group::ended_on.after(on))
            .order((additional_group::placed_on, additional_group::id))
            .select(columns::<AdditionalGroupRow>())
            .load(self.connection)?;
        let mut by_pupil: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let opened = self.open_additional_group(&row);
            if let Some(opened) = self.readable(row.id, opened)? {
                by_pupil.entry(row.pupil_id).or_default().push(opened);
            }
        }
        Ok(by_pupil)
    }

    fn open_additional_group(&self, row: &AdditionalGroupRow) -> Result<StoredAdditionalGroup> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), key_owner::pupil(row.pupil_id));
        let stay = AdditionalGroup {
            group: row.group_id,
            placed_on: row.placed_on,
            ended_on: row.ended_on,
            ended_on_otherwise: row.ended_on_otherwise,
            day_parts_per_week: opener.text_form("day_parts_per_week", &row.day_parts_per_week)?,
        };
        Ok(StoredAdditionalGroup { id: row.id, stay, revision: row.revision })
    }

    fn stays_beside(&mut self, child: Child) -> Result<Vec<AdditionalGroup>> {
        Ok(self.additional_groups_of(child)?.into_iter().map(|stored| stored.stay).collect())
    }

    fn day_parts_of(&mut self, child: Child) -> Result<Option<u8>> {
        let stored: Vec<u8> = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.is(child.id()))
            .select(pupil::day_parts_per_week)
            .first(self.connection)?;
        self.pupil_opener(child.id()).text_form("day_parts_per_week", &stored)
    }

    /// Whether a child may be placed so in its main group, as far as those beside it go.
    pub(super) fn check_not_additional(
        &mut self,
        child: Child,
        placement: &Placement,
    ) -> Result<std::result::Result<(), Refusal>> {
        Ok(rules::check_placement(placement, &self.stays_beside(child)?))
    }

    /// Whether a child may be in its main group for so many day-parts a week, as far as those beside it go.
    pub(super) fn check_day_parts_of_main(
        &mut self,
        child: Child,
        day_parts_per_week: Option<u8>,
    ) -> Result<std::result::Result<(), Refusal>> {
        Ok(rules::check_main(day_parts_per_week, &self.stays_beside(child)?, self.today()))
    }
}

impl TenantWriter<'_> {
    /// Puts a child into a group beside its main one.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived`; [`Error::Invalid`] with everything that [`rules::add`] refuses.
    pub fn add_additional_group(
        &mut self,
        child: Child,
        new: &NewAdditionalGroup,
    ) -> Result<StoredAdditionalGroup> {
        self.raise_children_edition()?;
        let (child, group) = (child.active()?, new.group.active()?);
        let wanted = Wanted {
            group: group.id(),
            school_year: group.school_year(),
            placed_on: new.placed_on,
            ended_on: new.ended_on,
            day_parts_per_week: new.day_parts_per_week,
        };
        let stay = self.with_circumstances(child, None, |known| rules::add(&wanted, known))?;
        let (institution, now) = (self.institution(), self.now());
        let day_parts_per_week = self.seal_day_parts(child, new.id, stay.day_parts_per_week)?;
        diesel::insert_into(additional_group::table)
            .values((
                additional_group::institution_id.is(institution),
                additional_group::id.is(new.id),
                additional_group::pupil_id.is(child.id()),
                additional_group::group_id.is(stay.group),
                additional_group::placed_on.is(stay.placed_on),
                additional_group::ended_on.is(stay.ended_on),
                additional_group::ended_on_otherwise.is(stay.ended_on_otherwise),
                additional_group::day_parts_per_week.eq(day_parts_per_week),
                additional_group::revision.eq(1),
                additional_group::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::AdditionalGroup, new.id.as_uuid());
        Ok(StoredAdditionalGroup { id: new.id, stay, revision: 1 })
    }

    /// Changes until when a stay beside the main group lasts, or the day-parts there; it was read in this transaction. What is
    /// `None` stays.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `archived`; [`Error::Invalid`] with everything that [`rules::change`] refuses.
    pub fn change_additional_group(
        &mut self,
        before: &StoredAdditionalGroup,
        ended_on: Option<Date>,
        day_parts_per_week: Option<Option<u8>>,
    ) -> Result<StoredAdditionalGroup> {
        self.raise_children_edition()?;
        let (child, _) = self.additional_group_of(before.id)?;
        let child = child.active()?;
        let stay = before.stay;
        // Whoever changes it could also enter it.
        let group = self.reached_group(stay.group)?.active()?;
        let wanted = Wanted {
            group: group.id(),
            school_year: group.school_year(),
            placed_on: stay.placed_on,
            ended_on: Some(ended_on.unwrap_or(stay.ended_on)),
            day_parts_per_week: day_parts_per_week.unwrap_or(stay.day_parts_per_week),
        };
        let changed =
            self.with_circumstances(child, Some(before.id), |known| rules::change(&wanted, known))?;
        let ended_on_otherwise = stay.ended_on_otherwise.filter(|_| ended_on.is_none());
        self.set_additional_group(child, before, AdditionalGroup { ended_on_otherwise, ..changed })?;
        self.additional_group(before.id)
    }

    /// Takes away a stay beside the main group, which was read in this transaction: one that should not have been, or a plan
    /// that is off.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] `archived`.
    pub fn remove_additional_group(&mut self, stored: &StoredAdditionalGroup) -> Result<()> {
        self.raise_children_edition()?;
        let (child, _) = self.additional_group_of(stored.id)?;
        child.active()?;
        self.reached_group(stored.stay.group)?.active()?;
        self.delete_additional_group(stored.id)
    }

    /// Ends what lasts longer than a child that leaves.
    pub(super) fn end_additional_groups(&mut self, child: Child, last_day: Date) -> Result<()> {
        let stored = self.additional_groups_of(child)?;
        let stays: Vec<_> = stored.iter().map(|stored| stored.stay).collect();
        for (before, since) in rules::depart(&stays, last_day) {
            for stored in stored.iter().filter(|stored| stored.stay == before) {
                self.set_additional_group(child, stored, since)?;
            }
        }
        Ok(())
    }

    /// Lets what a child's departure ended last as it would have, because the child does not leave: as far as that still fits,
    /// and the group is not in the archive. The placements are as they are to be.
    pub(super) fn restore_additional_groups(&mut self, child: Child) -> Result<()> {
        let placements: Vec<_> =
            self.placements_of(child)?.into_iter().map(|stored| stored.placement).collect();
        let archived: Vec<GroupId> = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::archived_at.is_not_null())
            .select(groups::id)
            .load(self.connection)?;
        let stored = self.additional_groups_of(child)?;
        let stays: Vec<_> = stored.iter().map(|stored| stored.stay).collect();
        let day_parts = self.day_parts_of(child)?;
        let restored = rules::restore(&stays, &placements, day_parts, |group| archived.contains(&group));
        for (before, after) in restored {
            for stored in stored.iter().filter(|stored| stored.stay == before) {
                match after {
                    Some(after) => self.set_additional_group(child, stored, after)?,
                    None => self.delete_additional_group(stored.id)?,
                }
            }
        }
        Ok(())
    }

    /// That what a child is in beside its main group fits what becomes of that one.
    ///
    /// # Errors
    /// [`Error::Conflict`] with what [`rules::check_beside`] refuses.
    pub(super) fn check_beside(&mut self, child: Child, placements: &[Placement]) -> Result<()> {
        rules::check_beside(placements, &self.stays_beside(child)?).map_err(Error::Conflict)
    }

    /// Leaves ended what a child's departure ended, because the child came back; what it overtook never was.
    pub(super) fn forget_ended_additional_groups(&mut self, child: Child) -> Result<()> {
        for stored in self.additional_groups_of(child)? {
            if !stored.stay.lasts() {
                self.delete_additional_group(stored.id)?;
            } else if stored.stay.ended_on_otherwise.is_some() {
                let ended = AdditionalGroup { ended_on_otherwise: None, ..stored.stay };
                self.set_additional_group(child, &stored, ended)?;
            }
        }
        Ok(())
    }

    /// Holds a stay against what is known of the child, of which the one with id `besides` is not told.
    fn with_circumstances<T, E>(
        &mut self,
        child: Child,
        besides: Option<AdditionalGroupId>,
        check: impl FnOnce(&Circumstances<'_>) -> std::result::Result<T, E>,
    ) -> Result<T>
    where
        Error: From<E>,
    {
        let placements: Vec<_> =
            self.placements_of(child)?.into_iter().map(|stored| stored.placement).collect();
        let others = self.additional_groups_of(child)?.into_iter();
        let others = others.filter(|stored| Some(stored.id) != besides && stored.stay.lasts());
        let others: Vec<_> = others.map(|stored| stored.stay).collect();
        let known = Circumstances {
            birth: self.birth_date(child)?,
            last_day: self.last_day_of(child)?,
            placements: &placements,
            day_parts_per_week: self.day_parts_of(child)?,
            others: &others,
            today: self.today(),
        };
        Ok(check(&known)?)
    }

    fn seal_day_parts(
        &mut self,
        child: Child,
        id: AdditionalGroupId,
        day_parts: Option<u8>,
    ) -> Result<Vec<u8>> {
        let mut row = self.sealer(TABLE, id.as_uuid(), child.key_owner())?;
        let sealed = row.display("day_parts_per_week", day_parts);
        self.sealed(row);
        Ok(sealed)
    }

    fn set_additional_group(
        &mut self,
        child: Child,
        before: &StoredAdditionalGroup,
        since: AdditionalGroup,
    ) -> Result<()> {
        let day_parts_per_week = self.seal_day_parts(child, before.id, since.day_parts_per_week)?;
        let own = additional_group::table
            .filter(additional_group::institution_id.is(self.institution()))
            .filter(additional_group::id.is(before.id));
        diesel::update(own)
            .set((
                additional_group::ended_on.is(since.ended_on),
                additional_group::ended_on_otherwise.is(since.ended_on_otherwise),
                additional_group::day_parts_per_week.eq(day_parts_per_week),
                additional_group::revision.eq(additional_group::revision + 1),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::AdditionalGroup, before.id.as_uuid());
        Ok(())
    }

    fn delete_additional_group(&mut self, id: AdditionalGroupId) -> Result<()> {
        let own = additional_group::table
            .filter(additional_group::institution_id.is(self.institution()))
            .filter(additional_group::id.is(id));
        diesel::delete(own).execute(self.connection)?;
        self.touch(ObjectKind::AdditionalGroup, id.as_uuid());
        Ok(())
    }
}

//! The archive: children, groups and school years that are no longer used (C104).
//!
//! What is archived together bears the same moment, so that restoring a group restores the children who went with it, and
//! nobody who was archived by herself.

use std::collections::HashSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::archive::{check_active, check_archived, check_empty, check_over};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::children::group::StoredGroup;
use crate::children::pupil::StoredPupil;
use crate::children::reach::{children_of, holds_on, is_there};
use crate::children::schema::{groups, placement, pupil};
use crate::children::stay::{stay, stays_a_day};
use crate::handles::tenant::TenantWriter;

/// What went into the archive with a school year, or came out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivedYear {
    /// The school year.
    pub school_year: SchoolYear,
    /// How many groups.
    pub groups: usize,
    /// How many children.
    pub pupils: usize,
}

impl TenantWriter<'_> {
    /// Archives a pupil, which was read in this transaction.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived` when it is in the archive already.
    pub fn archive_pupil(&mut self, before: &StoredPupil) -> Result<()> {
        self.raise_children_edition()?;
        check_active(before.archived_at).map_err(Error::Conflict)?;
        let now = self.now();
        self.set_pupils_archived(&[before.id], Some(now))
    }

    /// Restores a pupil, which was read in this transaction.
    ///
    /// # Errors
    /// [`Error::Conflict`] `not-archived`.
    pub fn restore_pupil(&mut self, before: &StoredPupil) -> Result<()> {
        self.raise_children_edition()?;
        check_archived(before.archived_at).map_err(Error::Conflict)?;
        self.set_pupils_archived(&[before.id], None)
    }

    /// Archives a group, which was read in this transaction.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived` when it is in the archive already, `group-not-empty` when children are in it today or
    /// are going to be.
    pub fn archive_group(&mut self, before: &StoredGroup) -> Result<StoredGroup> {
        self.raise_children_edition()?;
        check_active(before.archived_at).map_err(Error::Conflict)?;
        let children = self.children_from_today(&[before.id])?;
        check_empty(!children.is_empty()).map_err(Error::Conflict)?;
        let now = self.now();
        self.set_groups_archived(&[before.id], Some(now))?;
        self.group(before.id)
    }

    /// Restores a group, which was read in this transaction, and the children who were archived with it.
    ///
    /// # Errors
    /// [`Error::Conflict`] `not-archived`.
    pub fn restore_group(&mut self, before: &StoredGroup) -> Result<StoredGroup> {
        self.raise_children_edition()?;
        check_archived(before.archived_at).map_err(Error::Conflict)?;
        self.restore_with_children(&[before.id])?;
        self.group(before.id)
    }

    /// Archives the groups of a school year that is over, and the children who are in one of them still and in no other
    /// group, nor are going to be.
    ///
    /// # Errors
    /// [`Error::Conflict`] `school-year-not-over`.
    pub fn archive_school_year(&mut self, school_year: SchoolYear) -> Result<ArchivedYear> {
        self.raise_children_edition()?;
        check_over(school_year, self.today()).map_err(Error::Conflict)?;
        let ids = self.groups_of(school_year, false)?;
        let now = self.now();
        let mut children = self.children_from_today(&ids)?;
        self.set_groups_archived(&ids, Some(now))?;
        let elsewhere = self.children_in_other_groups(&children, &ids)?;
        children.retain(|child| !elsewhere.contains(child));
        self.set_pupils_archived(&children, Some(now))?;
        Ok(ArchivedYear { school_year, groups: ids.len(), pupils: children.len() })
    }

    /// Restores the groups of a school year, and the children who were archived with them.
    pub fn restore_school_year(&mut self, school_year: SchoolYear) -> Result<ArchivedYear> {
        self.raise_children_edition()?;
        let ids = self.groups_of(school_year, true)?;
        let pupils = self.restore_with_children(&ids)?;
        Ok(ArchivedYear { school_year, groups: ids.len(), pupils })
    }

    fn groups_of(&mut self, school_year: SchoolYear, archived: bool) -> Result<Vec<GroupId>> {
        Ok(groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::school_year.is(school_year))
            .filter(groups::archived_at.is_not_null().eq(archived))
            .order(groups::id)
            .select(groups::id)
            .load(self.connection)?)
    }

    /// The children outside the archive who are in one of these groups today, or are going to be.
    fn children_from_today(&mut self, ids: &[GroupId]) -> Result<Vec<PupilId>> {
        let today = self.today();
        let staying = stay::table
            .filter(stay::institution_id.is(self.institution()))
            .filter(stay::group_id.eq_any(ids.iter().map(|id| OneOf(*id))))
            .filter(stay::ended_on.is_null().or(stay::ended_on.after(Some(today))))
            .filter(stays_a_day!())
            .select(stay::pupil_id);
        Ok(children_of!(self.institution())
            .filter(pupil::archived_at.is_null())
            .filter(pupil::id.eq_any(staying))
            .order(pupil::id)
            .select(pupil::id)
            .load(self.connection)?)
    }

    /// Which of these children are in a group outside the archive today, or are going to be; those `besides` do not count.
    fn children_in_other_groups(
        &mut self,
        children: &[PupilId],
        besides: &[GroupId],
    ) -> Result<HashSet<PupilId>> {
        let today = self.today();
        let found: Vec<(PupilId, GroupId)> = stay::table
            .inner_join(
                groups::table
                    .on(groups::institution_id.eq(stay::institution_id).and(groups::id.eq(stay::group_id))),
            )
            .filter(stay::institution_id.is(self.institution()))
            .filter(stay::pupil_id.eq_any(children.iter().map(|id| OneOf(*id))))
            .filter(stay::ended_on.is_null().or(stay::ended_on.after(Some(today))))
            .filter(stays_a_day!())
            .filter(groups::archived_at.is_null())
            .select((stay::pupil_id, stay::group_id))
            .load(self.connection)?;
        let others = found.into_iter().filter(|(_, group)| !besides.contains(group));
        Ok(others.map(|(child, _)| child).collect())
    }

    /// Restores groups and the children who bear the same moment and are in them; says how many children.
    fn restore_with_children(&mut self, ids: &[GroupId]) -> Result<usize> {
        let children: Vec<PupilId> = placement::table
            .inner_join(pupil::table.on(
                pupil::institution_id.eq(placement::institution_id).and(pupil::id.eq(placement::pupil_id)),
            ))
            .inner_join(groups::table.on(
                groups::institution_id.eq(placement::institution_id).and(groups::id.eq(placement::group_id)),
            ))
            .filter(placement::institution_id.is(self.institution()))
            .filter(placement::group_id.eq_any(ids.iter().map(|id| OneOf(*id))))
            .filter(holds_on!(self.today()))
            .filter(is_there!())
            .filter(pupil::archived_at.eq(groups::archived_at))
            .order(placement::pupil_id)
            .select(placement::pupil_id)
            .load(self.connection)?;
        self.set_groups_archived(ids, None)?;
        self.set_pupils_archived(&children, None)?;
        Ok(children.len())
    }

    fn set_pupils_archived(&mut self, ids: &[PupilId], archived_at: Option<Timestamp>) -> Result<()> {
        let own = pupil::table
            .filter(pupil::institution_id.is(self.institution()))
            .filter(pupil::id.eq_any(ids.iter().map(|id| OneOf(*id))));
        diesel::update(own)
            .set((pupil::archived_at.is(archived_at), pupil::revision.eq(pupil::revision + 1)))
            .execute(self.connection)?;
        ids.iter().for_each(|id| self.touch(ObjectKind::Pupil, id.as_uuid()));
        Ok(())
    }

    fn set_groups_archived(&mut self, ids: &[GroupId], archived_at: Option<Timestamp>) -> Result<()> {
        let own = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::id.eq_any(ids.iter().map(|id| OneOf(*id))));
        diesel::update(own)
            .set((groups::archived_at.is(archived_at), groups::revision.eq(groups::revision + 1)))
            .execute(self.connection)?;
        ids.iter().for_each(|id| self.touch(ObjectKind::Group, id.as_uuid()));
        Ok(())
    }
}

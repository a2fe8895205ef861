//! Placements that were put right, and what each was before (C023).
//!
//! What was changed and why is sealed under the child's key: the reason is free text.

use groeilijn_domain::access::author::Author;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::placement::Placement;
use groeilijn_domain::children::placement_change::{self as rules, Circumstances, End, Righted, Wanted};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, PlacementChangeId, PlacementId, PupilId};
use groeilijn_domain::values::text::ShortText;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::placement::StoredPlacement;
use crate::children::pupil::TAKEN_BACK;
use crate::children::reach::{Child, ReachedGroup};
use crate::children::schema::{groups, placement, placement_change};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "placement_change";

/// That a placement was put right, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlacementChange {
    /// Its id.
    pub id: PlacementChangeId,
    /// Which placement.
    pub placement: PlacementId,
    /// What it was, what it is since, and why; without the reason for whoever is not shown free text.
    pub change: rules::PlacementChange,
    /// Whether the reason is masked (C050).
    pub masked: bool,
    /// Who changed it: a user or a token.
    pub changed_by: Uuid,
    /// The user who changed it; `None` for a token, and once her name is removed.
    pub author: Option<Author>,
    /// When, in UTC.
    pub changed_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = placement_change)]
struct PlacementChangeRow {
    id: PlacementChangeId,
    placement_id: PlacementId,
    changed_by: Uuid,
    changed_at: Timestamp,
    content: Vec<u8>,
}

/// What a placement is to be, as far as it is to be something else.
#[derive(Debug, Clone, Copy)]
pub struct PlacementCorrection {
    /// In another group.
    pub group: Option<ReachedGroup>,
    /// From another day.
    pub placed_on: Option<Date>,
    /// Until when.
    pub end: End,
}

impl TenantReader<'_> {
    /// How a pupil's placements were put right, the first time first.
    ///
    /// # Errors
    /// [`NotFound`](groeilijn_engine::error::Error::NotFound) when the pupil is not within the caller's reach.
    pub fn placement_changes(&mut self, pupil: PupilId) -> Result<Vec<StoredPlacementChange>> {
        let child = self.child(pupil)?;
        let rows: Vec<PlacementChangeRow> = placement_change::table
            .filter(placement_change::institution_id.is(self.institution()))
            .filter(placement_change::pupil_id.is(child.id()))
            .order(placement_change::id)
            .select(columns::<PlacementChangeRow>())
            .load(self.connection)?;
        self.open_rows(&rows, |row| row.id.as_uuid(), |reader, row| reader.open_change(child, row))
    }

    fn open_change(&mut self, child: Child, row: &PlacementChangeRow) -> Result<StoredPlacementChange> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), child.key_owner());
        let mut change: rules::PlacementChange = opener.json("content", &row.content)?;
        let masked = !self.shows_free_text();
        if masked {
            change.reason.clear();
        }
        self.touch(ObjectKind::Placement, row.placement_id.as_uuid());
        Ok(StoredPlacementChange {
            id: row.id,
            placement: row.placement_id,
            change,
            masked,
            changed_by: row.changed_by,
            author: self.named_author(row.changed_by)?,
            changed_at: row.changed_at,
        })
    }

    pub(super) fn school_year_of(&mut self, group: GroupId) -> Result<SchoolYear> {
        Ok(groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::id.is(group))
            .select(groups::school_year)
            .first(self.connection)?)
    }
}

impl TenantWriter<'_> {
    /// Corrects a placement, which was read in this transaction, or ends it; what it was stays in its history. Registrations
    /// that were made in a group stay in it.
    ///
    /// # Errors
    /// [`NotFound`](groeilijn_engine::error::Error::NotFound); [`Conflict`](groeilijn_engine::error::Error::Conflict) `archived`; what [`rules::correct`] refuses.
    pub fn correct_placement(
        &mut self,
        stored: &StoredPlacement,
        correction: PlacementCorrection,
        reason: &ShortText,
    ) -> Result<StoredPlacement> {
        let (child, _) = self.placement_of(stored.id)?;
        let child = child.active()?;
        let before = stored.placement;
        let group = correction.group.filter(|group| group.id() != before.group);
        let (group, school_year) = match group {
            Some(group) => (group.active()?.id(), group.school_year()),
            None => (before.group, self.school_year_of(before.group)?),
        };
        let placed_on = correction.placed_on.unwrap_or(before.placed_on);
        let wanted = Wanted { group, school_year, placed_on, end: correction.end };
        let known = Circumstances {
            birth: self.birth_date(child)?,
            last_day: self.last_day_of(child)?,
            today: self.today(),
        };
        let history = self.placements_of(child)?;
        let facts: Vec<_> = history.iter().map(|stored| stored.placement).collect();
        match rules::correct(&facts, before, &wanted, &known)? {
            Some(righted) => {
                if let Some(after) = righted.after {
                    self.check_not_additional(child, &after)?
                        .map_err(|refusal| Error::invalid("group_id", refusal))?;
                }
                self.put_right(child, (stored, &history), righted, reason)?;
            }
            None => return Ok(*stored),
        }
        self.placement_of(stored.id).map(|(_, placement)| placement)
    }

    /// Takes away a placement, which was read in this transaction; what it was stays in the history of its child. With
    /// `goes_on` the one before it lasts as long as it did.
    ///
    /// # Errors
    /// [`NotFound`](groeilijn_engine::error::Error::NotFound); [`Conflict`](groeilijn_engine::error::Error::Conflict) `archived`.
    pub fn take_placement_away(
        &mut self,
        stored: &StoredPlacement,
        goes_on: bool,
        reason: &ShortText,
    ) -> Result<()> {
        let (child, _) = self.placement_of(stored.id)?;
        let child = child.active()?;
        let history = self.placements_of(child)?;
        let facts: Vec<_> = history.iter().map(|stored| stored.placement).collect();
        let righted = rules::take_away(&facts, stored.placement, goes_on);
        self.put_right(child, (stored, &history), righted, reason)
    }

    fn put_right(
        &mut self,
        child: Child,
        (stored, history): (&StoredPlacement, &[StoredPlacement]),
        righted: Righted,
        reason: &ShortText,
    ) -> Result<()> {
        self.check_beside(child, &resulting(stored, history, &righted))?;
        let last_day = self.last_day_of(child)?;
        match righted.after {
            Some(after) => {
                let keeps = stored.by_departure && after.ended_on == stored.placement.ended_on;
                let ended_by = last_day.filter(|_| keeps || righted.until_departure);
                let own = placement::table
                    .filter(placement::institution_id.is(self.institution()))
                    .filter(placement::id.is(stored.id));
                diesel::update(own)
                    .set((placement::group_id.is(after.group), placement::placed_on.is(after.placed_on)))
                    .execute(self.connection)?;
                self.end_placement(stored.id, after.ended_on, ended_by)?;
            }
            None => self.delete_placement(stored.id)?,
        }
        if let Some((earlier, ended_on)) = righted.earlier {
            // The child's departure ends the one that lasts in the place of what was taken away.
            let ended_by = last_day.filter(|_| righted.after.is_none() && stored.by_departure);
            for stored in history.iter().filter(|stored| stored.placement == earlier) {
                self.end_placement(stored.id, ended_on, ended_by)?;
            }
        }
        self.keep_change(child, stored, righted, reason)?;
        // The day of the placement may have come, which counted in the tag.
        self.raise_pupil_revision(child, TAKEN_BACK)
    }

    fn keep_change(
        &mut self,
        child: Child,
        stored: &StoredPlacement,
        righted: Righted,
        reason: &ShortText,
    ) -> Result<()> {
        let (institution, now) = (self.institution(), self.now());
        let id = PlacementChangeId::from_uuid(self.environment().uuid());
        let change = rules::PlacementChange {
            before: stored.placement,
            after: righted.after,
            reason: reason.as_str().to_owned(),
        };
        let mut row = self.sealer(TABLE, id.as_uuid(), child.key_owner())?;
        let content = row.json("content", &change)?;
        self.sealed(row);
        diesel::insert_into(placement_change::table)
            .values((
                placement_change::institution_id.is(institution),
                placement_change::id.is(id),
                placement_change::pupil_id.is(child.id()),
                placement_change::placement_id.is(stored.id),
                placement_change::changed_by.is(self.principal().id()),
                placement_change::changed_at.is(now),
                placement_change::content.eq(content),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

/// The placements of a child after one of them was put right.
fn resulting(stored: &StoredPlacement, history: &[StoredPlacement], righted: &Righted) -> Vec<Placement> {
    let others = history.iter().filter(|other| other.id != stored.id).map(|other| {
        let placement = other.placement;
        match righted.earlier {
            Some((earlier, ended_on)) if earlier == placement => Placement { ended_on, ..placement },
            _ => placement,
        }
    });
    others.chain(righted.after).collect()
}

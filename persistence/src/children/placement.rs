//! Placements: in which group a child is, and was (C023).

use std::collections::HashMap;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::placement::{self as rules, Placement};
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, PlacementId, PupilId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::civil::Date;

use crate::children::schema::placement;
use crate::convert::{date, micros, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "placement";

/// Whose or which placement, in which group, from when to when.
type PlacementRow = (Vec<u8>, Vec<u8>, String, Option<String>);

/// A placement as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredPlacement {
    /// Its id.
    pub id: PlacementId,
    /// In which group, from when to when.
    pub placement: Placement,
}

impl TenantReader<'_> {
    /// A pupil's placements, the first one first. The pupil must be within the caller's reach.
    pub fn placements(&mut self, pupil: PupilId) -> Result<Vec<StoredPlacement>> {
        self.require_pupil(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        self.placement_history(pupil)
    }

    pub(crate) fn placement_history(&mut self, pupil: PupilId) -> Result<Vec<StoredPlacement>> {
        let institution = self.institution();
        let rows: Vec<PlacementRow> = placement::table
            .filter(placement::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(placement::pupil_id.eq(pupil.as_bytes().as_slice()))
            .order((placement::placed_on, placement::id))
            .select((placement::id, placement::group_id, placement::placed_on, placement::ended_on))
            .load(self.connection)?;
        rows.into_iter()
            .map(|(id, group, placed_on, ended_on)| {
                Ok(StoredPlacement {
                    id: PlacementId::from_uuid(uuid(&id, TABLE)?),
                    placement: read_placement(&group, &placed_on, ended_on.as_deref())?,
                })
            })
            .collect()
    }
}

impl TenantReader<'_> {
    /// Every placement of every pupil of the institution, each pupil's first one first.
    pub(crate) fn all_placements(&mut self) -> Result<HashMap<PupilId, Vec<Placement>>> {
        let institution = self.institution();
        let rows: Vec<PlacementRow> = placement::table
            .filter(placement::institution_id.eq(institution.as_bytes().as_slice()))
            .order((placement::pupil_id, placement::placed_on, placement::id))
            .select((placement::pupil_id, placement::group_id, placement::placed_on, placement::ended_on))
            .load(self.connection)?;
        let mut by_pupil: HashMap<PupilId, Vec<Placement>> = HashMap::new();
        for (pupil, group, placed_on, ended_on) in rows {
            let pupil = PupilId::from_uuid(uuid(&pupil, TABLE)?);
            by_pupil.entry(pupil).or_default().push(read_placement(&group, &placed_on, ended_on.as_deref())?);
        }
        Ok(by_pupil)
    }

    /// How many placements there are and were: enough to see that none was added.
    pub(crate) fn placement_count(&mut self) -> Result<i64> {
        let institution = self.institution();
        Ok(placement::table
            .filter(placement::institution_id.eq(institution.as_bytes().as_slice()))
            .count()
            .get_result(self.connection)?)
    }
}

fn read_placement(group: &[u8], placed_on: &str, ended_on: Option<&str>) -> Result<Placement> {
    Ok(Placement {
        group: GroupId::from_uuid(uuid(group, TABLE)?),
        placed_on: date(placed_on, TABLE)?,
        ended_on: ended_on.map(|ended_on| date(ended_on, TABLE)).transpose()?,
    })
}

impl TenantWriter<'_> {
    /// Places a pupil in a group from the day `on`, which ends the placement that it had.
    ///
    /// # Errors
    /// [`Error::NotFound`] when either is not within reach; [`Error::Invalid`] or [`Error::Conflict`] when the
    /// history does not allow it.
    pub fn place_pupil(
        &mut self,
        id: PlacementId,
        pupil: PupilId,
        group: GroupId,
        on: Date,
    ) -> Result<StoredPlacement> {
        let today = amsterdam_date(self.now());
        let history = self.placement_history(pupil)?;
        let facts: Vec<_> = history.iter().map(|stored| stored.placement).collect();
        let change =
            rules::place(&facts, group, on, today).map_err(|refusal| Error::invalid("/placedOn", refusal))?;
        let open = history.iter().find(|stored| stored.placement.ended_on.is_none());
        if let (Some(open), Some(closed)) = (open, change.closed) {
            self.close_placement(open.id, closed)?;
        }
        self.insert_placement(id, pupil, change.opened)?;
        self.raise_pupil_revision(pupil)?;
        self.touch(ObjectKind::Pupil, pupil.as_uuid());
        Ok(StoredPlacement { id, placement: change.opened })
    }

    fn close_placement(&mut self, id: PlacementId, closed: Placement) -> Result<()> {
        let institution = self.institution();
        diesel::update(placement::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
            .set(placement::ended_on.eq(closed.ended_on.map(|date| date.to_string())))
            .execute(self.connection)?;
        Ok(())
    }

    pub(crate) fn insert_placement(
        &mut self,
        id: PlacementId,
        pupil: PupilId,
        opened: Placement,
    ) -> Result<()> {
        let institution = self.institution();
        let created_at = micros(self.now());
        diesel::insert_into(placement::table)
            .values((
                placement::institution_id.eq(institution.as_bytes().as_slice()),
                placement::id.eq(id.as_bytes().as_slice()),
                placement::pupil_id.eq(pupil.as_bytes().as_slice()),
                placement::group_id.eq(opened.group.as_bytes().as_slice()),
                placement::placed_on.eq(opened.placed_on.to_string()),
                placement::ended_on.eq(opened.ended_on.map(|date| date.to_string())),
                placement::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Placement, id.as_uuid());
        Ok(())
    }
}

//! The register of rights of the processor's staff: every grant, change and end of what a member may do, with who and
//! why (C067, C146).

use groeilijn_domain::platform::staff_right_change::StaffRightChange;
use groeilijn_domain::values::ids::{InstitutionId, StaffRightChangeId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::{RowOpener, RowPlace, RowSealer};
use jiff::Timestamp;

use crate::handles::platform::{PlatformReader, PlatformWriter};
use crate::platform::key_owner;
use crate::platform::schema::staff_right_change;

const TABLE: &str = "staff_right_change";

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStaffRightChange {
    /// Its id.
    pub id: StaffRightChangeId,
    /// Who changed it; the nil id for the operator of the service, who has no account.
    pub changed_by: UserId,
    /// When, in UTC.
    pub changed_at: Timestamp,
    /// What changed.
    pub change: StaffRightChange,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff_right_change)]
struct StaffRightChangeRow {
    id: StaffRightChangeId,
    changed_by: UserId,
    changed_at: Timestamp,
    content: Vec<u8>,
}

fn place(id: StaffRightChangeId, staff: UserId) -> RowPlace {
    RowPlace {
        institution: InstitutionId::PLATFORM,
        table: TABLE,
        row: id.as_uuid(),
        owner: key_owner::staff(staff),
    }
}

impl PlatformReader<'_> {
    /// What was changed for a member of the processor's staff, in order, after the change with id `after`.
    pub fn staff_right_changes(
        &mut self,
        staff: UserId,
        after: Option<StaffRightChangeId>,
        limit: i64,
    ) -> Result<Vec<StoredStaffRightChange>> {
        let rows = |reader: &mut Self, after: &StaffRightChangeId, limit| {
            Ok(staff_right_change::table
                .filter(staff_right_change::staff_id.is(staff))
                .filter(staff_right_change::id.after(*after))
                .order(staff_right_change::id)
                .limit(limit)
                .select(columns::<StaffRightChangeRow>())
                .load(reader.connection)?)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &StaffRightChangeRow| row.id,
            |reader, row| {
                let mut opener = RowOpener::new(reader.store.keys(), place(row.id, staff));
                let change = opener.json("content", &row.content);
                let change = reader.store.damaged_rows().readable(row.id, change)?;
                let (id, changed_by, changed_at) = (row.id, row.changed_by, row.changed_at);
                Ok(change.map(|change| StoredStaffRightChange { id, changed_by, changed_at, change }))
            },
        )
    }
}

impl PlatformReader<'_> {
    /// What was last changed for a member of the processor's staff, and when, in UTC.
    pub(crate) fn last_staff_right_change(
        &mut self,
        staff: UserId,
    ) -> Result<Option<(Timestamp, StaffRightChange)>> {
        let row: Option<StaffRightChangeRow> = staff_right_change::table
            .filter(staff_right_change::staff_id.is(staff))
            .order(staff_right_change::id.desc())
            .select(columns::<StaffRightChangeRow>())
            .first(self.connection)
            .optional()?;
        let Some(row) = row else { return Ok(None) };
        let change = RowOpener::new(self.store.keys(), place(row.id, staff)).json("content", &row.content)?;
        Ok(Some((row.changed_at, change)))
    }
}

impl PlatformWriter<'_> {
    /// Enters a change of what a member of the processor's staff may do, by the actor.
    pub(super) fn register_staff_right_change(
        &mut self,
        staff: UserId,
        change: &StaffRightChange,
    ) -> Result<()> {
        let (store, changed_by, now) = (self.store(), self.actor()?.user, self.now());
        let id = StaffRightChangeId::from_uuid(store.environment().uuid());
        let mut row = RowSealer::new(store.keys(), store.environment(), place(id, staff))?;
        diesel::insert_into(staff_right_change::table)
            .values((
                staff_right_change::id.is(id),
                staff_right_change::staff_id.is(staff),
                staff_right_change::changed_by.is(changed_by),
                staff_right_change::changed_at.is(now),
                staff_right_change::content.eq(row.json("content", change)?),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

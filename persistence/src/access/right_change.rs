//! The register of rights: every grant, change and end of what a user may do, with who and why (C067).

use groeilijn_domain::access::right_change::RightChange;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{RightChangeId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;

use crate::access::key_owner;
use crate::access::schema::right_change;
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "right_change";

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRightChange {
    /// Its id.
    pub id: RightChangeId,
    /// Who changed it.
    pub changed_by: UserId,
    /// When, in UTC.
    pub changed_at: Timestamp,
    /// What changed.
    pub change: RightChange,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = right_change)]
struct RightChangeRow {
    id: RightChangeId,
    changed_by: UserId,
    changed_at: Timestamp,
    content: Vec<u8>,
}

impl TenantReader<'_> {
    /// What was changed for a user, in order, after the change with id `after`.
    pub fn right_changes(
        &mut self,
        user: UserId,
        after: Option<RightChangeId>,
        limit: i64,
    ) -> Result<Vec<StoredRightChange>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &RightChangeId, limit| {
            Ok(right_change::table
                .filter(right_change::institution_id.is(institution))
                .filter(right_change::user_id.is(user))
                .filter(right_change::id.after(*after))
                .order(right_change::id)
                .limit(limit)
                .select(columns::<RightChangeRow>())
                .load(reader.connection)?)
        };
        self.touch(ObjectKind::User, user.as_uuid());
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row: &RightChangeRow| row.id,
            |reader, row| {
                let mut opener = reader.opener(TABLE, row.id.as_uuid(), key_owner::user(user));
                let change = reader.readable(row.id, opener.json("content", &row.content))?;
                let (id, changed_by, changed_at) = (row.id, row.changed_by, row.changed_at);
                Ok(change.map(|change| StoredRightChange { id, changed_by, changed_at, change }))
            },
        )
    }
}

impl TenantWriter<'_> {
    /// Enters a change of what a user may do, by the actor.
    pub(crate) fn register_right_change(&mut self, user: UserId, change: &RightChange) -> Result<()> {
        let institution = self.institution();
        let id = RightChangeId::from_uuid(self.environment().uuid());
        let mut row = self.sealer(TABLE, id.as_uuid(), key_owner::user(user))?;
        let content = row.json("content", change)?;
        self.sealed(row);
        let (changed_by, changed_at) = (self.actor()?.user, self.now());
        diesel::insert_into(right_change::table)
            .values((
                right_change::institution_id.is(institution),
                right_change::id.is(id),
                right_change::user_id.is(user),
                right_change::changed_by.is(changed_by),
                right_change::changed_at.is(changed_at),
                right_change::content.eq(content),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

//! The register of rights: every grant, change and end of what a user may do, with who and why (C067).

use groeilijn_domain::access::Entitlement;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{RightChangeId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::schema::right_change;
use crate::convert::{micros, timestamp, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};

const TABLE: &str = "right_change";

/// What changed and why, as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightChange {
    /// What she was entitled to before; nothing when she was entered.
    pub before: Option<Entitlement>,
    /// What she is entitled to since.
    pub after: Entitlement,
    /// Why, in the words of who changed it; nothing when she was entered.
    pub reason: Option<String>,
}

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
    id: Vec<u8>,
    changed_by: Vec<u8>,
    changed_at: i64,
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
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows: Vec<RightChangeRow> = right_change::table
            .filter(right_change::institution_id.eq(institution.as_bytes().as_slice()))
            .filter(right_change::user_id.eq(user.as_bytes().as_slice()))
            .filter(right_change::id.gt(after))
            .order(right_change::id)
            .limit(limit)
            .select(columns::<RightChangeRow>())
            .load(self.connection)?;
        self.touch(ObjectKind::User, user.as_uuid());
        rows.into_iter()
            .map(|row| {
                let id = uuid(&row.id, TABLE)?;
                Ok(StoredRightChange {
                    id: RightChangeId::from_uuid(id),
                    changed_by: UserId::from_uuid(uuid(&row.changed_by, TABLE)?),
                    changed_at: timestamp(row.changed_at, TABLE)?,
                    change: self.opener(TABLE, id, Some(user.as_uuid())).json("content", &row.content)?,
                })
            })
            .collect()
    }
}

impl TenantWriter<'_> {
    /// Enters a change of what a user may do, by the actor.
    pub(crate) fn register_right_change(&mut self, user: UserId, change: &RightChange) -> Result<()> {
        let institution = self.institution();
        let id = self.environment().uuid();
        let mut row = self.sealer(TABLE, id, Some(user.as_uuid()))?;
        let content = row.json("content", change)?;
        self.sealed(row);
        let (changed_by, changed_at) = (self.actor()?.account, micros(self.now()));
        diesel::insert_into(right_change::table)
            .values((
                right_change::institution_id.eq(institution.as_bytes().as_slice()),
                right_change::id.eq(id.as_bytes().as_slice()),
                right_change::user_id.eq(user.as_bytes().as_slice()),
                right_change::changed_by.eq(changed_by.as_bytes().as_slice()),
                right_change::changed_at.eq(changed_at),
                right_change::content.eq(content),
            ))
            .execute(self.connection)?;
        Ok(())
    }
}

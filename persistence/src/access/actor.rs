//! Who an account is, as it stands in the row of the account.

use groeilijn_domain::access::Role;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;
use uuid::Uuid;

use crate::access::schema::account;
use crate::handles::platform::PlatformWriter;

/// The columns that say who an account is.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
pub(crate) struct ActorRow {
    id: UserId,
    institution_id: Option<InstitutionId>,
    role: Role,
}

impl From<ActorRow> for Actor {
    fn from(row: ActorRow) -> Self {
        Self { account: row.id, role: row.role, institution: row.institution_id }
    }
}

impl PlatformWriter<'_> {
    /// Notes an object in the log of the actor's institution, or in the platform's own if she has none.
    pub(crate) fn touch_for(&mut self, actor: Actor, kind: ObjectKind, id: Uuid) -> Result<()> {
        match actor.institution {
            Some(institution) => self.enter(institution, |writer| {
                writer.touch(kind, id);
                Ok(())
            }),
            None => {
                self.touch(kind, id);
                Ok(())
            }
        }
    }
}

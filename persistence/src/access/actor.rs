//! What concerns somebody who acts, in the logs where it belongs.

use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::ids::AccountId;
use groeilijn_engine::error::Result;
use uuid::Uuid;

use crate::access::membership;
use crate::handles::platform::PlatformWriter;

/// What a person is in an audit entry.
pub(crate) const fn object_kind(actor: &Actor) -> ObjectKind {
    match actor.institution {
        Some(_) => ObjectKind::User,
        None => ObjectKind::ProcessorStaff,
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

    /// Notes the owner of an account wherever she is known: what she logs in with is the same at all her institutions.
    pub(crate) fn touch_everywhere(&mut self, account: AccountId) -> Result<()> {
        for actor in membership::everywhere(self.connection, self.store(), account)? {
            self.touch_for(actor, object_kind(&actor), actor.user.as_uuid())?;
        }
        Ok(())
    }
}

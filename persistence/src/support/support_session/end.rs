//! How a support session ends before its time.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::support::end_by;
use groeilijn_domain::values::ids::{InstitutionId, SessionId, SupportSessionId, UserId};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use jiff::Timestamp;

use crate::handles::platform::PlatformWriter;
use crate::support::schema::support_session;

impl PlatformWriter<'_> {
    /// Ends a support session at once: the actor's own, or one into the actor's institution. One that has ended stays
    /// as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is neither.
    pub fn end_support_session(&mut self, id: SupportSessionId) -> Result<()> {
        let session = SessionId::from(id);
        let (institution, staff, ends_at): (InstitutionId, UserId, Timestamp) = support_session::table
            .filter(support_session::id.is(session))
            .select((support_session::institution_id, support_session::staff_id, support_session::ends_at))
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let end = end_by(&self.actor()?, institution, staff).ok_or(Error::NotFound)?;
        if self.now() < ends_at {
            self.mark_session_ended(session, end)?;
        }
        self.enter(institution, |tenant| {
            tenant.touch(ObjectKind::SupportSession, id.as_uuid());
            Ok(())
        })?;
        self.touch(ObjectKind::SupportSession, id.as_uuid());
        Ok(())
    }
}

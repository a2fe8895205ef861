//! Ending the bodies of entries of the audit log, two years after they were made; the tree stays (C089).

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::retention::terms::AUDIT_BODY;
use groeilijn_domain::values::ids::InstitutionId;
use groeilijn_engine::audit::ending;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::readers::Cost;
use groeilijn_engine::error::Result;
use jiff::Timestamp;

use crate::handles::platform::{Platform, PlatformWriter};
use crate::handles::store::Store;
use crate::handles::tenant::{Tenant, TenantWriter};

impl Store {
    /// Whether the log of an institution, or the platform's own, has a body whose term has ended at the moment `now`.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub async fn has_old_audit_bodies(&self, institution: InstitutionId, now: Timestamp) -> Result<bool> {
        let before = AUDIT_BODY.cutoff(now);
        self.data()
            .read_at_one_moment(Cost::Rows, move |connection| {
                dialect::enter_institution(connection, institution)?;
                ending::has_body_before(connection, institution, before)
            })
            .await
    }
}

impl Tenant {
    /// Ends the bodies whose term has ended at the moment `now`.
    ///
    /// # Errors
    /// What the database refuses: those that were ended before stay so.
    pub async fn end_audit_bodies(&self, now: Timestamp) -> Result<()> {
        while self.write(move |writer| writer.end_some_bodies(now)).await? {}
        Ok(())
    }
}

impl Platform {
    /// The same in the platform's own log.
    ///
    /// # Errors
    /// As [`Tenant::end_audit_bodies`].
    pub async fn end_audit_bodies(&self, now: Timestamp) -> Result<()> {
        while self.write(move |writer| writer.end_some_bodies(now)).await? {}
        Ok(())
    }
}

impl TenantWriter<'_> {
    fn end_some_bodies(&mut self, now: Timestamp) -> Result<bool> {
        let institution = self.institution();
        let ended = ending::end_bodies_before(self.connection, institution, AUDIT_BODY.cutoff(now))?;
        if ended > 0 {
            self.touch(ObjectKind::Institution, institution.as_uuid());
        }
        Ok(ended > 0)
    }
}

impl PlatformWriter<'_> {
    fn end_some_bodies(&mut self, now: Timestamp) -> Result<bool> {
        let platform = InstitutionId::PLATFORM;
        dialect::enter_institution(self.connection, platform)?;
        let ended = ending::end_bodies_before(self.connection, platform, AUDIT_BODY.cutoff(now))?;
        if ended > 0 {
            self.touch(ObjectKind::Institution, platform.as_uuid());
        }
        Ok(ended > 0)
    }
}

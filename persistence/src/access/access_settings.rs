//! Who gets into an institution, beside having a password.

use groeilijn_domain::access::access_settings::{AccessSettings, ChildrenEnteredBy};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use crate::handles::tenant::{TenantReader, TenantWriter};
use crate::institutions::schema::{NetworkList, institution};

impl TenantReader<'_> {
    /// Who gets in, and the revision of the institution that this is of.
    pub fn access_settings(&mut self) -> Result<(AccessSettings, i32)> {
        let id = self.institution();
        type Row = (NetworkList, i32, i32, ChildrenEnteredBy, i32);
        let (networks, second_factor, couplings, children_entered_by, revision): Row = institution::table
            .filter(institution::id.is(id))
            .select((
                institution::login_networks,
                institution::administrators_need_second_factor,
                institution::couplings_forbidden,
                institution::children_entered_by,
                institution::revision,
            ))
            .first(self.connection)?;
        let settings = AccessSettings {
            login_networks: networks.0,
            administrators_need_second_factor: second_factor != 0,
            couplings_forbidden: couplings != 0,
            children_entered_by,
        };
        Ok((settings, revision))
    }

    /// Who enters the children of the institution (C141).
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub fn children_entered_by(&mut self) -> Result<ChildrenEnteredBy> {
        Ok(institution::table
            .filter(institution::id.is(self.institution()))
            .select(institution::children_entered_by)
            .first(self.connection)?)
    }
}

impl TenantWriter<'_> {
    /// Replaces who gets in, if the institution still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_access_settings(
        &mut self,
        revision: i32,
        settings: &AccessSettings,
    ) -> Result<(AccessSettings, i32)> {
        let id = self.institution();
        let unchanged =
            institution::table.filter(institution::id.is(id)).filter(institution::revision.eq(revision));
        let updated = diesel::update(unchanged)
            .set((
                institution::login_networks.is(NetworkList(settings.login_networks.clone())),
                institution::administrators_need_second_factor
                    .eq(i32::from(settings.administrators_need_second_factor)),
                institution::couplings_forbidden.eq(i32::from(settings.couplings_forbidden)),
                institution::children_entered_by.is(settings.children_entered_by),
                institution::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Institution, id.as_uuid());
        self.access_settings()
    }
}

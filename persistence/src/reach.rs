//! How far a caller reaches, as conditions for queries: the groups that a staff member is given, and the children
//! who are in a group today.

use groeilijn_domain::{calendar::amsterdam_date, ids::PupilId};

use crate::{
    database::query::prelude::*,
    error::{Error, Result},
    schema::{placement, pupil, staff_group},
    tenant::TenantReader,
};

/// The condition that a placement holds on a day, given as ISO 8601 text: the child is in that group then.
macro_rules! holds_on {
    ($today:expr) => {
        placement::placed_on
            .le($today)
            .and(placement::ended_on.is_null().or(placement::ended_on.assume_not_null().gt($today)))
    };
}

/// The ids of the groups that a staff member is given.
macro_rules! groups_given_to {
    ($institution:expr, $staff:expr) => {
        staff_group::table
            .filter(staff_group::institution_id.eq($institution))
            .filter(staff_group::staff_id.eq($staff))
            .select(staff_group::group_id)
    };
}

/// The placements by which a pupil is today in a group that a staff member is given.
macro_rules! in_group_given_to {
    ($institution:expr, $pupil:expr, $staff:expr, $today:expr) => {
        placement::table
            .filter(placement::institution_id.eq($institution))
            .filter(placement::pupil_id.eq($pupil))
            .filter($crate::reach::holds_on!($today))
            .filter(placement::group_id.eq_any($crate::reach::groups_given_to!($institution, $staff)))
    };
}

pub(crate) use {groups_given_to, holds_on, in_group_given_to};

impl TenantReader<'_> {
    /// The present day in Europe/Amsterdam, as it is written in columns.
    pub(crate) fn today(&self) -> String {
        amsterdam_date(self.now()).to_string()
    }

    /// That a pupil exists and is within the caller's reach.
    ///
    /// # Errors
    /// [`Error::NotFound`], whichever of the two is not so.
    pub(crate) fn require_pupil(&mut self, id: PupilId) -> Result<()> {
        let institution = self.institution();
        let institution = institution.as_bytes().as_slice();
        let id = id.as_bytes().as_slice();
        let found: bool = match self.limited_to() {
            None => diesel::select(diesel::dsl::exists(pupil::table.find((institution, id))))
                .get_result(self.connection)?,
            Some(staff) => {
                let today = self.today();
                let staff = staff.as_bytes().as_slice();
                diesel::select(diesel::dsl::exists(in_group_given_to!(
                    institution,
                    id,
                    staff,
                    today.as_str()
                )))
                .get_result(self.connection)?
            }
        };
        if found { Ok(()) } else { Err(Error::NotFound) }
    }
}

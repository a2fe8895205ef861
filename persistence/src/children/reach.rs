//! How far a caller reaches, as conditions for queries: the groups that a user is given, and the children
//! who are in a group today.

use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::PupilId;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use crate::children::schema::{placement, pupil, user_group};
use crate::handles::tenant::TenantReader;

/// The condition that a placement holds on a day, given as ISO 8601 text: the child is in that group then.
macro_rules! holds_on {
    ($today:expr) => {
        placement::placed_on
            .le($today)
            .and(placement::ended_on.is_null().or(placement::ended_on.assume_not_null().gt($today)))
    };
}

/// The ids of the groups that a user is given.
macro_rules! groups_given_to {
    ($institution:expr, $user:expr) => {
        user_group::table
            .filter(user_group::institution_id.eq($institution))
            .filter(user_group::user_id.eq($user))
            .select(user_group::group_id)
    };
}

/// The placements by which a pupil is today in a group that a user is given.
macro_rules! in_group_given_to {
    ($institution:expr, $pupil:expr, $user:expr, $today:expr) => {
        placement::table
            .filter(placement::institution_id.eq($institution))
            .filter(placement::pupil_id.eq($pupil))
            .filter($crate::children::reach::holds_on!($today))
            .filter(
                placement::group_id.eq_any($crate::children::reach::groups_given_to!($institution, $user)),
            )
    };
}

pub(crate) use groups_given_to;
pub(crate) use holds_on;
pub(crate) use in_group_given_to;

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
            Some(user) => {
                let today = self.today();
                let user = user.as_bytes().as_slice();
                diesel::select(diesel::dsl::exists(in_group_given_to!(institution, id, user, today.as_str())))
                    .get_result(self.connection)?
            }
        };
        if found { Ok(()) } else { Err(Error::NotFound) }
    }
}

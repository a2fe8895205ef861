//! Which children and groups a caller may ask about.
//!
//! Nothing about a child is asked without a [`Child`], and nothing about a group's children without a [`ReachedGroup`].
//! Only a reader makes one, after a query that checked the institution, that the child is there, and the caller's reach;
//! it notes the child for the audit log at the same time.
//!
//! Every such query is built from the macros here. A parent's own child would be another member of [`Reach`], as a
//! location, a group and the children of a request are. In which state a child is there at all says
//! [`is_there!`], which every query on `pupil` has in it: those by id through [`within!`], those on all children of
//! an institution through [`children_of!`]. A child is reached through every group that it is in, its main one and those
//! beside it, which [`stay`](crate::children::stay::stay) tells alike. So are lists of the children of a group made, as
//! [`staying_in!`] says: a roster (`pupil/roster.rs`) and a group's overview (`overview/group.rs`), whose statement says the
//! same in SQL. Which group is the main one says the placement that holds ([`holds_on!`]).

use std::collections::HashSet;

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::archive::check_active;
use groeilijn_domain::values::calendar::{SchoolYear, amsterdam_date};
use groeilijn_domain::values::ids::{GroupId, PupilId};
use groeilijn_engine::columns::OneOf;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::keys::KeyOwner;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::children::key_owner;
use crate::children::schema::{groups, pupil, user_group};
use crate::handles::tenant::{Reach, TenantReader};

/// A child that the caller may ask about in this transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    id: PupilId,
    archived_at: Option<Timestamp>,
}

impl Child {
    /// Its id.
    pub fn id(self) -> PupilId {
        self.id
    }

    /// Whose key protects what is written about it.
    pub(crate) fn key_owner(self) -> KeyOwner {
        key_owner::pupil(self.id)
    }

    /// The child, to write about it.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived` (C104).
    pub(crate) fn active(self) -> Result<Self> {
        check_active(self.archived_at).map_err(Error::Conflict)?;
        Ok(self)
    }
}

/// A group whose children the caller may ask about in this transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReachedGroup {
    id: GroupId,
    school_year: SchoolYear,
    archived_at: Option<Timestamp>,
}

impl ReachedGroup {
    /// Its id.
    pub fn id(self) -> GroupId {
        self.id
    }

    /// The school year that it exists in.
    pub fn school_year(self) -> SchoolYear {
        self.school_year
    }

    /// The group, to change it or its children's placements.
    ///
    /// # Errors
    /// [`Error::Conflict`] `archived` (C104).
    pub(crate) fn active(self) -> Result<Self> {
        check_active(self.archived_at).map_err(Error::Conflict)?;
        Ok(self)
    }
}

/// The condition that a child is there: not one that is being destroyed, who is nowhere from then on.
macro_rules! is_there {
    () => {
        pupil::destroying_at.is_null()
    };
}

/// The children of an institution who are there, whatever the caller reaches.
macro_rules! children_of {
    ($institution:expr) => {
        pupil::table
            .filter(pupil::institution_id.is($institution))
            .filter($crate::children::reach::is_there!())
    };
}

/// The condition that a placement holds on a day: the child is in that group then.
macro_rules! holds_on {
    ($today:expr) => {
        placement::placed_on
            .until($today)
            .and(placement::ended_on.is_null().or(placement::ended_on.after(Some($today))))
    };
}

/// The condition that a placement lasts a day at least: one that a departure overtook does not.
macro_rules! lasts {
    () => {
        placement::ended_on.is_null().or(placement::ended_on.gt(placement::placed_on.nullable()))
    };
}

/// The placement by which a child is in its main group on a day.
macro_rules! placed {
    ($today:expr) => {
        placement::table.on(placement::institution_id
            .eq(pupil::institution_id)
            .and(placement::pupil_id.eq(pupil::id))
            .and($crate::children::reach::holds_on!($today)))
    };
}

/// The condition that the group in a column is given to a user on a day, whether or not it is in the archive.
macro_rules! given_to {
    ($institution:expr, $group:expr, $user:expr, $today:expr) => {
        diesel::dsl::exists(
            user_group::table
                .filter(user_group::institution_id.is($institution))
                .filter(user_group::user_id.is($user))
                .filter(user_group::group_id.eq($group))
                .filter(user_group::first_day.is_null().or(user_group::first_day.until(Some($today))))
                .filter(user_group::last_day.is_null().or(user_group::last_day.from(Some($today)))),
        )
    };
}

/// The condition that the group in a column is given to a user on a day and is not in the archive (C104).
macro_rules! worked_in_by {
    ($institution:expr, $group:expr, $user:expr, $today:expr) => {{
        use $crate::children::schema::groups;
        let active = diesel::dsl::exists(
            groups::table
                .filter(groups::institution_id.is($institution))
                .filter(groups::id.eq($group))
                .filter(groups::archived_at.is_null()),
        );
        $crate::children::reach::given_to!($institution, $group, $user, $today).and(active)
    }};
}

/// The condition that the location in a column is given to a user on a day.
macro_rules! located_by {
    ($institution:expr, $location:expr, $user:expr, $today:expr) => {{
        use $crate::children::schema::user_location as given;
        diesel::dsl::exists(
            given::table
                .filter(given::institution_id.is($institution))
                .filter(given::user_id.is($user))
                .filter(given::location_id.nullable().eq($location))
                .filter(given::first_day.is_null().or(given::first_day.until(Some($today))))
                .filter(given::last_day.is_null().or(given::last_day.from(Some($today)))),
        )
    }};
}

/// The condition that the group in a column is at a location that is given to a user on a day, and is not in the archive
/// (C104, C143).
macro_rules! at_location_of {
    ($institution:expr, $group:expr, $user:expr, $today:expr) => {{
        use $crate::children::schema::groups;
        diesel::dsl::exists(
            groups::table
                .filter(groups::institution_id.is($institution))
                .filter(groups::id.eq($group))
                .filter(groups::archived_at.is_null())
                .filter($crate::children::reach::located_by!(
                    $institution,
                    groups::location_id,
                    $user,
                    $today
                )),
        )
    }};
}

/// The condition that the child in a column is one whom a request of the institution names.
macro_rules! named_in {
    ($institution:expr, $pupil:expr, $request:expr) => {{
        use $crate::support::schema::support_request_pupil as named;
        diesel::dsl::exists(
            named::table
                .filter(named::institution_id.is($institution))
                .filter(named::request_id.is($request))
                .filter(named::pupil_id.eq($pupil)),
        )
    }};
}

/// The children who are in a group on a day, whether that is their main one or one beside it.
macro_rules! staying_in {
    ($institution:expr, $group:expr, $on:expr) => {{
        use $crate::children::stay::stay;
        stay::table
            .filter(stay::institution_id.is($institution))
            .filter(stay::group_id.is($group))
            .filter(stay::placed_on.until($on))
            .filter(stay::ended_on.is_null().or(stay::ended_on.after(Some($on))))
            .select(stay::pupil_id)
    }};
}

/// The condition that the child in a column is on a day in a group that meets a condition. Its stays go under another name
/// than those that the query itself may ask for.
macro_rules! in_group_that {
    ($institution:expr, $pupil:expr, $today:expr, $group:ident => $condition:expr) => {{
        use $crate::children::stay::stay;
        let reaching = diesel::alias!(stay as reaching);
        let ended_on = reaching.field(stay::ended_on);
        let $group = reaching.field(stay::group_id);
        diesel::dsl::exists(
            reaching
                .filter(reaching.field(stay::institution_id).is($institution))
                .filter(reaching.field(stay::pupil_id).eq($pupil))
                .filter(reaching.field(stay::placed_on).until($today))
                .filter(ended_on.is_null().or(ended_on.after(Some($today))))
                .filter($condition),
        )
    }};
}

/// The condition that the child in a column is in a group on a day.
macro_rules! in_group {
    ($institution:expr, $pupil:expr, $group:expr, $today:expr) => {
        $crate::children::reach::in_group_that!($institution, $pupil, $today, group => group.is($group))
    };
}

/// The condition that the child in a column is in a group that is given to a user.
macro_rules! in_group_given_to {
    ($institution:expr, $pupil:expr, $user:expr, $today:expr) => {
        $crate::children::reach::in_group_that!($institution, $pupil, $today, group => {
            $crate::children::reach::worked_in_by!($institution, group, $user, $today)
        })
    };
}

/// The condition that the child in a column is in a group at a location that is given to a user.
macro_rules! in_group_at_location_of {
    ($institution:expr, $pupil:expr, $user:expr, $today:expr) => {
        $crate::children::reach::in_group_that!($institution, $pupil, $today, group => {
            $crate::children::reach::at_location_of!($institution, group, $user, $today)
        })
    };
}

/// Runs a query on `pupil` with `$run`, limited to the children of the institution within `$reach`, whosever that is. The one
/// predicate of this kind. Only who reaches the whole institution reaches what is in its archive (C104).
macro_rules! within {
    ($reader:expr, $reach:expr, $query:expr, $run:ident) => {{
        use groeilijn_engine::database::query::prelude::*;
        let (institution, today) = ($reader.institution(), $reader.today());
        let of_institution =
            $query.filter(pupil::institution_id.is(institution)).filter($crate::children::reach::is_there!());
        match $reach {
            $crate::handles::tenant::Reach::Institution => of_institution.$run($reader.connection),
            $crate::handles::tenant::Reach::GroupsOf(user) => of_institution
                .filter(pupil::archived_at.is_null())
                .filter($crate::children::reach::in_group_given_to!(institution, pupil::id, user, today))
                .$run($reader.connection),
            $crate::handles::tenant::Reach::LocationsOf(user) => of_institution
                .filter(pupil::archived_at.is_null())
                .filter($crate::children::reach::in_group_at_location_of!(
                    institution,
                    pupil::id,
                    user,
                    today
                ))
                .$run($reader.connection),
            $crate::handles::tenant::Reach::Group(group) => of_institution
                .filter(pupil::archived_at.is_null())
                .filter($crate::children::reach::in_group!(institution, pupil::id, group, today))
                .$run($reader.connection),
            $crate::handles::tenant::Reach::Request(request) => of_institution
                .filter(pupil::archived_at.is_null())
                .filter($crate::children::reach::named_in!(institution, pupil::id, request))
                .$run($reader.connection),
        }
    }};
}

/// Runs a query on `pupil` with `$run`, limited to the children of the institution that the caller reaches.
macro_rules! in_reach {
    ($reader:expr, $query:expr, $run:ident) => {
        $crate::children::reach::within!($reader, $reader.reach(), $query, $run)
    };
}

pub(crate) use {
    at_location_of, children_of, given_to, holds_on, in_group, in_group_at_location_of, in_group_given_to,
    in_group_that, in_reach, is_there, lasts, located_by, named_in, placed, staying_in, within, worked_in_by,
};

impl TenantReader<'_> {
    /// The present day in Europe/Amsterdam.
    pub(crate) fn today(&self) -> Date {
        amsterdam_date(self.now())
    }

    /// A child of the institution within the caller's reach.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it is not within reach.
    pub fn child(&mut self, id: PupilId) -> Result<Child> {
        let query = pupil::table.filter(pupil::id.is(id)).select(pupil::archived_at);
        let found: Option<Option<Timestamp>> = in_reach!(self, query, first).optional()?;
        match found {
            Some(archived_at) => Ok(self.reached(id, archived_at)),
            None => Err(self.child_not_found(id)?),
        }
    }

    /// Every child whom the caller reaches.
    pub(super) fn pupils_in_reach(&mut self) -> Result<Vec<PupilId>> {
        in_reach!(self, pupil::table.select(pupil::id), load).map_err(Error::from)
    }

    /// Those of these children whom the caller reaches.
    pub(super) fn those_in_reach(
        &mut self,
        ids: impl IntoIterator<Item = PupilId>,
    ) -> Result<HashSet<PupilId>> {
        let query = pupil::table.filter(pupil::id.eq_any(ids.into_iter().map(OneOf))).select(pupil::id);
        let found: Vec<PupilId> = in_reach!(self, query, load)?;
        Ok(found.into_iter().collect())
    }

    /// Whether a child is within the reach of somebody else: by the predicate that decides her own requests.
    ///
    /// # Errors
    /// When the database is busy or cannot be read.
    pub(crate) fn is_within(&mut self, child: Child, reach: Reach) -> Result<bool> {
        let query = pupil::table.filter(pupil::id.is(child.id)).select(pupil::id);
        let found: Option<PupilId> = within!(self, reach, query, first).optional()?;
        Ok(found.is_some())
    }

    /// The child that another object is about, which was asked for by its own id.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub(super) fn child_of(&mut self, kind: ObjectKind, id: Uuid, pupil: PupilId) -> Result<Child> {
        let child = self.child(pupil);
        if child.is_err() && self.is_out_of_reach() {
            self.note_out_of_reach(kind, id);
        }
        child
    }

    /// What is answered when no child with this id is within reach. That somebody asked for a child outside her groups
    /// is on record; that she asked for one who is not there, or who is another institution's, is nobody's log to tell.
    pub(super) fn child_not_found(&mut self, id: PupilId) -> Result<Error> {
        if self.reach() != Reach::Institution {
            let there: Option<PupilId> = children_of!(self.institution())
                .filter(pupil::id.is(id))
                .select(pupil::id)
                .first(self.connection)
                .optional()?;
            there.into_iter().for_each(|id| self.note_out_of_reach(ObjectKind::Pupil, id.as_uuid()));
        }
        Ok(Error::NotFound)
    }

    /// The child of a row that a query with one of this file's conditions returned, with since when it is in the archive,
    /// or that was just entered.
    pub(super) fn reached(&mut self, id: PupilId, archived_at: Option<Timestamp>) -> Child {
        self.touch(ObjectKind::Pupil, id.as_uuid());
        Child { id, archived_at }
    }

    /// A group of the institution within the caller's reach.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it is not within reach.
    pub fn reached_group(&mut self, id: GroupId) -> Result<ReachedGroup> {
        let (institution, today) = (self.institution(), self.today());
        let group = groups::table
            .filter(groups::institution_id.is(institution))
            .filter(groups::id.is(id))
            .select((groups::id, groups::school_year, groups::archived_at));
        let active = group.filter(groups::archived_at.is_null());
        let found: Option<(GroupId, SchoolYear, Option<Timestamp>)> = match self.reach() {
            Reach::Institution => group.first(self.connection),
            Reach::GroupsOf(user) => {
                active.filter(given_to!(institution, groups::id, user, today)).first(self.connection)
            }
            Reach::LocationsOf(user) => active
                .filter(located_by!(institution, groups::location_id, user, today))
                .first(self.connection),
            Reach::Group(own) => active.filter(groups::id.is(own)).first(self.connection),
            Reach::Request(_) => Err(diesel::result::Error::NotFound),
        }
        .optional()?;
        if found.is_none() && self.reach() != Reach::Institution {
            let there: Option<(GroupId, SchoolYear, Option<Timestamp>)> =
                group.first(self.connection).optional()?;
            there.into_iter().for_each(|(id, ..)| self.note_out_of_reach(ObjectKind::Group, id.as_uuid()));
        }
        found
            .map(|(id, school_year, archived_at)| ReachedGroup { id, school_year, archived_at })
            .ok_or(Error::NotFound)
    }
}

//! Groups of children in one school year.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::group::{NewGroup, check_school_year, check_unused};
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::{GroupId, LocationId};
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::readable::fill_page;
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;

use crate::children::reach::{given_to, located_by};
use crate::children::schema::{goal, groups, registration, user_group};
use crate::children::stay::stay;
use crate::handles::tenant::{Reach, TenantReader, TenantWriter};

const TABLE: &str = "groups";

/// A group as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredGroup {
    /// Its id.
    pub id: GroupId,
    /// What it is called, when and where.
    pub fields: NewGroup,
    /// The key that the school's own administration gives it.
    pub school_key: Option<String>,
    /// How often it was changed.
    pub revision: i32,
    /// When it was entered, in UTC.
    pub created_at: Timestamp,
    /// Since when it is in the archive, in UTC; `None` for one that is not.
    pub archived_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = groups)]
struct GroupRow {
    id: GroupId,
    name: Vec<u8>,
    location: Vec<u8>,
    school_key: Vec<u8>,
    school_year: SchoolYear,
    revision: i32,
    created_at: Timestamp,
    archived_at: Option<Timestamp>,
    location_id: Option<LocationId>,
}

struct SealedGroup {
    name: Vec<u8>,
    location: Vec<u8>,
}

impl SealedGroup {
    fn seal(row: &mut RowSealer<'_>, fields: &NewGroup) -> Self {
        Self {
            name: row.text("name", Some(fields.name.as_str())),
            location: row.text("location", fields.location.as_ref().map(Label::as_str)),
        }
    }
}

impl TenantReader<'_> {
    /// Groups within the caller's reach in the order of their ids, after the one with id `after`; only those of
    /// one school year, if it is given. Those in the archive are told alone, and to whoever reaches the whole institution.
    pub fn groups(
        &mut self,
        school_year: Option<SchoolYear>,
        archived: bool,
        after: Option<GroupId>,
        limit: i64,
    ) -> Result<Vec<StoredGroup>> {
        let (institution, reach, today) = (self.institution(), self.reach(), self.today());
        if matches!(reach, Reach::Request(_)) || archived && reach != Reach::Institution {
            return Ok(Vec::new());
        }
        let rows = |reader: &mut Self, after: &Option<GroupId>, limit| {
            let after = *after;
            Ok(load_boxed!(&mut *reader.connection, {
                let mut query = groups::table
                    .filter(groups::institution_id.is(institution))
                    .order(groups::id)
                    .limit(limit)
                    .select(columns::<GroupRow>())
                    .into_boxed();
                if let Some(after) = after {
                    query = query.filter(groups::id.after(after));
                }
                if let Some(school_year) = school_year {
                    query = query.filter(groups::school_year.is(school_year));
                }
                query = match archived {
                    true => query.filter(groups::archived_at.is_not_null()),
                    false => query.filter(groups::archived_at.is_null()),
                };
                match reach {
                    Reach::GroupsOf(user) => query.filter(given_to!(institution, groups::id, user, today)),
                    Reach::LocationsOf(user) => {
                        query.filter(located_by!(institution, groups::location_id, user, today))
                    }
                    Reach::Group(own) => query.filter(groups::id.is(own)),
                    Reach::Institution | Reach::Request(_) => query,
                }
            })?)
        };
        fill_page(
            self,
            after,
            limit,
            rows,
            |row: &GroupRow| Some(row.id),
            |reader, row| {
                let opened = reader.open_group(&row);
                reader.readable(row.id, opened)
            },
        )
    }

    /// The groups that [`Self::groups`] lists for a caller who does not reach everything.
    pub(super) fn groups_in_reach(&mut self) -> Result<Vec<GroupId>> {
        let (institution, reach, today) = (self.institution(), self.reach(), self.today());
        if matches!(reach, Reach::Request(_)) {
            return Ok(Vec::new());
        }
        Ok(load_boxed!(&mut *self.connection, {
            let query = groups::table
                .filter(groups::institution_id.is(institution))
                .filter(groups::archived_at.is_null())
                .select(groups::id)
                .into_boxed();
            match reach {
                Reach::GroupsOf(user) => query.filter(given_to!(institution, groups::id, user, today)),
                Reach::LocationsOf(user) => {
                    query.filter(located_by!(institution, groups::location_id, user, today))
                }
                Reach::Group(own) => query.filter(groups::id.is(own)),
                Reach::Institution | Reach::Request(_) => query,
            }
        })?)
    }

    /// Every group of the institution, for holding a school file against.
    pub fn all_groups(&mut self) -> Result<Vec<StoredGroup>> {
        let rows: Vec<GroupRow> = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .order(groups::id)
            .select(columns::<GroupRow>())
            .load(self.connection)?;
        self.open_rows(&rows, |row| row.id.as_uuid(), Self::open_group)
    }

    /// One group.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or it is not within the caller's reach.
    pub fn group(&mut self, id: GroupId) -> Result<StoredGroup> {
        let group = self.reached_group(id)?;
        let row = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::id.is(group.id()))
            .select(columns::<GroupRow>())
            .first(self.connection)?;
        self.open_group(&row)
    }

    fn open_group(&mut self, row: &GroupRow) -> Result<StoredGroup> {
        let mut opener = self.opener(TABLE, row.id.as_uuid(), self.shared_owner());
        Ok(StoredGroup {
            id: row.id,
            fields: NewGroup {
                name: opener.required_kept("name", &row.name, Label::kept)?,
                location: opener.kept("location", &row.location, Label::kept)?,
                school_year: row.school_year,
                location_id: row.location_id,
            },
            school_key: opener.text("school_key", &row.school_key)?,
            revision: row.revision,
            created_at: row.created_at,
            archived_at: row.archived_at,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters a group.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a location that nothing is put at.
    pub fn create_group(
        &mut self,
        id: GroupId,
        fields: &NewGroup,
        school_key: Option<&str>,
    ) -> Result<StoredGroup> {
        self.raise_children_edition()?;
        self.check_location_of_group(fields.location_id)?;
        let (institution, now) = (self.institution(), self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let sealed = SealedGroup::seal(&mut row, fields);
        let school_key = row.text("school_key", school_key);
        self.sealed(row);
        diesel::insert_into(groups::table)
            .values((
                groups::institution_id.is(institution),
                groups::id.is(id),
                groups::name.eq(sealed.name),
                groups::location.eq(sealed.location),
                groups::school_key.eq(school_key),
                groups::school_year.is(fields.school_year),
                groups::location_id.is(fields.location_id),
                groups::revision.eq(1),
                groups::created_at.is(now),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Group, id.as_uuid());
        self.group(id)
    }

    /// Replaces what is known of a group, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime; [`Error::Invalid`] `has-children` when another school year
    /// is wanted for one that holds or held a child, and for another location that nothing is put at; [`Error::Conflict`]
    /// `archived`.
    pub fn change_group(&mut self, id: GroupId, revision: i32, fields: &NewGroup) -> Result<StoredGroup> {
        self.raise_children_edition()?;
        let known = self.reached_group(id)?.active()?.school_year();
        if self.location_of_group(id)? != fields.location_id {
            self.check_location_of_group(fields.location_id)?;
        }
        if known != fields.school_year {
            let in_use = self.is_in_use(id)?;
            check_school_year(known, fields.school_year, in_use)
                .map_err(|refusal| Error::invalid("school_year", refusal))?;
        }
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let sealed = SealedGroup::seal(&mut row, fields);
        self.sealed(row);
        let own = groups::table
            .filter(groups::institution_id.is(self.institution()))
            .filter(groups::id.is(id))
            .filter(groups::revision.eq(revision));
        let updated = diesel::update(own)
            .set((
                groups::name.eq(sealed.name),
                groups::location.eq(sealed.location),
                groups::school_year.is(fields.school_year),
                groups::location_id.is(fields.location_id),
                groups::revision.eq(revision + 1),
            ))
            .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Group, id.as_uuid());
        self.group(id)
    }

    fn location_of_group(&mut self, id: GroupId) -> Result<Option<LocationId>> {
        let own =
            groups::table.filter(groups::institution_id.is(self.institution())).filter(groups::id.is(id));
        Ok(own.select(groups::location_id).first(self.connection)?)
    }

    fn check_location_of_group(&mut self, location: Option<LocationId>) -> Result<()> {
        let Some(location) = location else { return Ok(()) };
        self.check_location_in_use(location)?.map_err(|refusal| Error::invalid("location_id", refusal))
    }

    /// Notes the key that the school's own administration gives a group.
    pub(super) fn set_group_key(&mut self, id: GroupId, school_key: Option<&str>) -> Result<()> {
        self.raise_children_edition()?;
        let mut row = self.sealer(TABLE, id.as_uuid(), self.shared_owner())?;
        let school_key = row.text("school_key", school_key);
        self.sealed(row);
        let own =
            groups::table.filter(groups::institution_id.is(self.institution())).filter(groups::id.is(id));
        diesel::update(own).set(groups::school_key.eq(school_key)).execute(self.connection)?;
        Ok(())
    }

    /// Whether a child is, was or will be in a group, or a goal was set in it.
    fn is_in_use(&mut self, id: GroupId) -> Result<bool> {
        let institution = self.institution();
        let placed = stay::table.filter(stay::institution_id.is(institution)).filter(stay::group_id.is(id));
        let registered = registration::table
            .filter(registration::institution_id.is(institution))
            .filter(registration::group_id.is(id));
        let with_goals =
            goal::table.filter(goal::institution_id.is(institution)).filter(goal::group_id.is(id));
        let is_placed: bool = diesel::select(diesel::dsl::exists(placed)).get_result(self.connection)?;
        let is_known: bool =
            is_placed || diesel::select(diesel::dsl::exists(registered)).get_result(self.connection)?;
        Ok(is_known || diesel::select(diesel::dsl::exists(with_goals)).get_result(self.connection)?)
    }

    /// Takes away a group that never held a child.
    ///
    /// # Errors
    /// [`Error::Conflict`] `group-in-use` when it did, `archived`; [`Error::Stale`] when it was changed in the meantime.
    pub fn delete_group(&mut self, id: GroupId, revision: i32) -> Result<()> {
        self.raise_children_edition()?;
        let institution = self.institution();
        self.reached_group(id)?.active()?;
        check_unused(self.is_in_use(id)?).map_err(Error::Conflict)?;
        let given = user_group::table
            .filter(user_group::institution_id.is(institution))
            .filter(user_group::group_id.is(id));
        diesel::delete(given).execute(self.connection)?;
        let own = groups::table
            .filter(groups::institution_id.is(institution))
            .filter(groups::id.is(id))
            .filter(groups::revision.eq(revision));
        if diesel::delete(own).execute(self.connection)? == 0 {
            return Err(Error::Stale(None));
        }
        self.touch(ObjectKind::Group, id.as_uuid());
        Ok(())
    }
}

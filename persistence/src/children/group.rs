//! Groups of children in one school year.

use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::children::group::NewGroup;
use groeilijn_domain::values::calendar::SchoolYear;
use groeilijn_domain::values::ids::GroupId;
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::load_boxed;
use groeilijn_engine::sealing::RowSealer;
use jiff::Timestamp;

use crate::children::reach::groups_given_to;
use crate::children::schema::{groups, placement, registration, user_group};
use crate::convert::{micros, timestamp, uuid};
use crate::handles::tenant::{TenantReader, TenantWriter};

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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = groups)]
struct GroupRow {
    id: Vec<u8>,
    name: Vec<u8>,
    location: Vec<u8>,
    school_key: Vec<u8>,
    school_year: String,
    revision: i32,
    created_at: i64,
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
    /// one school year, if it is given.
    pub fn groups(
        &mut self,
        school_year: Option<SchoolYear>,
        after: Option<GroupId>,
        limit: i64,
    ) -> Result<Vec<StoredGroup>> {
        let institution = self.institution();
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let limited_to = self.limited_to();
        let rows: Vec<GroupRow> = load_boxed!(&mut *self.connection, {
            let mut query = groups::table
                .filter(groups::institution_id.eq(institution.as_bytes().as_slice()))
                .filter(groups::id.gt(after))
                .order(groups::id)
                .limit(limit)
                .select(columns::<GroupRow>())
                .into_boxed();
            if let Some(school_year) = school_year {
                query = query.filter(groups::school_year.eq(school_year.to_string()));
            }
            if let Some(user) = limited_to {
                let own = groups_given_to!(institution.as_bytes().to_vec(), user.as_bytes().to_vec());
                query = query.filter(groups::id.eq_any(own));
            }
            query
        })?;
        rows.iter().map(|row| self.open_group(row)).collect()
    }

    /// Every group of the institution, for holding a school file against.
    pub fn all_groups(&mut self) -> Result<Vec<StoredGroup>> {
        let institution = self.institution();
        let rows: Vec<GroupRow> = groups::table
            .filter(groups::institution_id.eq(institution.as_bytes().as_slice()))
            .order(groups::id)
            .select(columns::<GroupRow>())
            .load(self.connection)?;
        rows.iter().map(|row| self.open_group(row)).collect()
    }

    /// Which groups there are and at which revision: enough to see that nothing about them changed.
    pub(crate) fn group_revisions(&mut self) -> Result<Vec<(Vec<u8>, i32)>> {
        let institution = self.institution();
        Ok(groups::table
            .filter(groups::institution_id.eq(institution.as_bytes().as_slice()))
            .order(groups::id)
            .select((groups::id, groups::revision))
            .load(self.connection)?)
    }

    /// One group within the caller's reach.
    pub fn group(&mut self, id: GroupId) -> Result<StoredGroup> {
        self.require_group(id)?;
        let institution = self.institution();
        let row = groups::table
            .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
            .select(columns::<GroupRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_group(&row)
    }

    /// That a group exists and is within the caller's reach.
    ///
    /// # Errors
    /// [`Error::NotFound`], whichever of the two is not so.
    pub(crate) fn require_group(&mut self, id: GroupId) -> Result<()> {
        let institution = self.institution();
        let found: bool = match self.limited_to() {
            None => diesel::select(diesel::dsl::exists(
                groups::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())),
            ))
            .get_result(self.connection)?,
            Some(user) => diesel::select(diesel::dsl::exists(user_group::table.find((
                institution.as_bytes().as_slice(),
                user.as_bytes().as_slice(),
                id.as_bytes().as_slice(),
            ))))
            .get_result(self.connection)?,
        };
        if found { Ok(()) } else { Err(Error::NotFound) }
    }

    fn open_group(&mut self, row: &GroupRow) -> Result<StoredGroup> {
        let id = uuid(&row.id, TABLE)?;
        let mut opener = self.opener(TABLE, id, None);
        Ok(StoredGroup {
            id: GroupId::from_uuid(id),
            fields: NewGroup {
                name: opener.required_kept("name", &row.name, Label::kept)?,
                location: opener.kept("location", &row.location, Label::kept)?,
                school_year: SchoolYear::parse(&row.school_year).map_err(|_| Error::Unreadable(TABLE))?,
            },
            school_key: opener.text("school_key", &row.school_key)?,
            revision: row.revision,
            created_at: timestamp(row.created_at, TABLE)?,
        })
    }
}

impl TenantWriter<'_> {
    /// Enters a group.
    pub fn create_group(
        &mut self,
        id: GroupId,
        fields: &NewGroup,
        school_key: Option<&str>,
    ) -> Result<StoredGroup> {
        let institution = self.institution();
        let created_at = micros(self.now());
        let mut row = self.sealer(TABLE, id.as_uuid(), None)?;
        let sealed = SealedGroup::seal(&mut row, fields);
        let school_key = row.text("school_key", school_key);
        self.sealed(row);
        diesel::insert_into(groups::table)
            .values((
                groups::institution_id.eq(institution.as_bytes().as_slice()),
                groups::id.eq(id.as_bytes().as_slice()),
                groups::name.eq(sealed.name),
                groups::location.eq(sealed.location),
                groups::school_key.eq(school_key),
                groups::school_year.eq(fields.school_year.to_string()),
                groups::revision.eq(1),
                groups::created_at.eq(created_at),
            ))
            .execute(self.connection)?;
        self.touch(ObjectKind::Group, id.as_uuid());
        self.group(id)
    }

    /// Replaces what is known of a group, if it still stands at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was changed in the meantime.
    pub fn change_group(&mut self, id: GroupId, revision: i32, fields: &NewGroup) -> Result<StoredGroup> {
        let institution = self.institution();
        let mut row = self.sealer(TABLE, id.as_uuid(), None)?;
        let sealed = SealedGroup::seal(&mut row, fields);
        self.sealed(row);
        let updated = diesel::update(
            groups::table
                .find((institution.as_bytes().as_slice(), id.as_bytes().as_slice()))
                .filter(groups::revision.eq(revision)),
        )
        .set((
            groups::name.eq(sealed.name),
            groups::location.eq(sealed.location),
            groups::school_year.eq(fields.school_year.to_string()),
            groups::revision.eq(revision + 1),
        ))
        .execute(self.connection)?;
        if updated == 0 {
            return Err(Error::Stale);
        }
        self.touch(ObjectKind::Group, id.as_uuid());
        self.group(id)
    }

    /// Notes the key that the school's own administration gives a group.
    pub(crate) fn set_group_key(&mut self, id: GroupId, school_key: Option<&str>) -> Result<()> {
        let institution = self.institution();
        let mut row = self.sealer(TABLE, id.as_uuid(), None)?;
        let school_key = row.text("school_key", school_key);
        self.sealed(row);
        diesel::update(groups::table.find((institution.as_bytes().as_slice(), id.as_bytes().as_slice())))
            .set(groups::school_key.eq(school_key))
            .execute(self.connection)?;
        Ok(())
    }

    /// Takes away a group that never held a child.
    ///
    /// # Errors
    /// [`Error::Conflict`] `group-in-use` when it did; [`Error::Stale`] when it was changed in the meantime.
    pub fn delete_group(&mut self, id: GroupId, revision: i32) -> Result<()> {
        let institution = self.institution();
        let institution = institution.as_bytes().as_slice();
        let group = id.as_bytes().as_slice();
        let placed = placement::table
            .filter(placement::institution_id.eq(institution))
            .filter(placement::group_id.eq(group));
        let registered = registration::table
            .filter(registration::institution_id.eq(institution))
            .filter(registration::group_id.eq(group));
        let in_use: bool = diesel::select(diesel::dsl::exists(placed)).get_result(self.connection)?;
        let in_use = in_use || diesel::select(diesel::dsl::exists(registered)).get_result(self.connection)?;
        if in_use {
            return Err(Error::conflict("group-in-use", "children are or were in this group"));
        }
        diesel::delete(
            user_group::table
                .filter(user_group::institution_id.eq(institution))
                .filter(user_group::group_id.eq(group)),
        )
        .execute(self.connection)?;
        let deleted =
            diesel::delete(groups::table.find((institution, group)).filter(groups::revision.eq(revision)))
                .execute(self.connection)?;
        if deleted == 0 {
            return Err(Error::Stale);
        }
        self.touch(ObjectKind::Group, id.as_uuid());
        Ok(())
    }
}

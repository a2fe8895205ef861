//! Colleagues: as whom the users of an institution are known to each other.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::membership::is_over;
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::{NameQuery, PersonName};
use groeilijn_domain::values::text::Label;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;

use crate::access::schema::users;
use crate::access::{key_owner, membership};
use crate::children::schema::{groups, user_group};
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

const TABLE: &str = "users";

/// A user as her colleagues know her.
#[derive(Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Her id at the institution.
    pub id: UserId,
    /// Her name.
    pub name: PersonName,
    /// What she does at the institution.
    pub function: Function,
    /// The groups that are given to her today, with their names; none of one who left.
    pub groups: Vec<(GroupId, Label)>,
    /// Whether she is let in no more, for whatever reason.
    pub has_left: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct NameRow {
    id: UserId,
    name: Vec<u8>,
}

impl TenantReader<'_> {
    /// The colleagues who did not leave, in the order of their ids, after the one with id `after`.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read; so for the others.
    pub fn colleagues(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<Colleague>> {
        let rows = |reader: &mut Self, after: &UserId, limit| reader.name_rows(*after, limit);
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row| row.id,
            |reader, row| {
                let opened = reader.open_name_row(&row);
                let Some(name) = reader.readable(row.id, opened)? else { return Ok(None) };
                reader.present_colleague(row.id, name)
            },
        )
    }

    /// The colleagues who did not leave and whose names answer `query`, the best answers first, at most `limit`. Names are
    /// not indexed: all are opened, and only those that are returned count as read.
    ///
    /// # Errors
    /// As [`Self::colleagues`].
    pub fn colleagues_by_name(&mut self, query: &NameQuery, limit: usize) -> Result<Vec<Colleague>> {
        let mut answers = Vec::new();
        for row in self.name_rows(page_start(None), i64::MAX)? {
            let opened = self.open_name_row(&row);
            let Some(name) = self.readable(row.id, opened)? else { continue };
            if let Some(score) = query.score(&name.display()) {
                answers.push((score, name, row.id));
            }
        }
        answers.sort_by(|one, other| {
            (one.0, &one.1.last, &one.1.first, one.2).cmp(&(other.0, &other.1.last, &other.1.first, other.2))
        });
        let mut found = Vec::new();
        for (_, name, id) in answers {
            if found.len() == limit {
                break;
            }
            found.extend(self.present_colleague(id, name)?);
        }
        Ok(found)
    }

    /// One colleague, also one who left, as long as her name is kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id, or her name is removed.
    pub fn colleague(&mut self, id: UserId) -> Result<Colleague> {
        let row: NameRow = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::id.is(id))
            .filter(users::ended_at.is_null())
            .select(columns::<NameRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let name = self.open_name_row(&row)?;
        self.known_colleague(id, name)
    }

    fn name_rows(&mut self, after: UserId, limit: i64) -> Result<Vec<NameRow>> {
        let rows: Vec<NameRow> = users::table
            .filter(users::institution_id.is(self.institution()))
            .filter(users::id.after(after))
            .filter(users::ended_at.is_null())
            .order(users::id)
            .limit(limit)
            .select(columns::<NameRow>())
            .load(self.connection)?;
        self.open_keys(rows.iter().map(|row| key_owner::user(row.id)))?;
        Ok(rows)
    }

    fn open_name_row(&self, row: &NameRow) -> Result<PersonName> {
        open_name(&mut self.opener(TABLE, row.id.as_uuid(), key_owner::user(row.id)), &row.name)
    }

    /// A line of a list: nothing for one who left, nor for one whose membership somebody else wrote.
    fn present_colleague(&mut self, id: UserId, name: PersonName) -> Result<Option<Colleague>> {
        match membership::load(self.connection, self.store(), self.institution(), id) {
            Err(Error::Forged(_)) => Ok(None),
            Err(error) => Err(error),
            Ok(row) if is_over(row.state, row.last_day, amsterdam_date(self.now())) => Ok(None),
            Ok(_) => self.known_colleague(id, name).map(Some),
        }
    }

    fn known_colleague(&mut self, id: UserId, name: PersonName) -> Result<Colleague> {
        let row = membership::load(self.connection, self.store(), self.institution(), id)?;
        let has_left = is_over(row.state, row.last_day, amsterdam_date(self.now()));
        let groups = if has_left { Vec::new() } else { self.groups_given_today(id)? };
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(Colleague { id, name, function: row.function, groups, has_left })
    }

    /// The groups that are given to a user today and are not in the archive, with their names.
    fn groups_given_today(&mut self, id: UserId) -> Result<Vec<(GroupId, Label)>> {
        let today = amsterdam_date(self.now());
        let rows: Vec<(GroupId, Vec<u8>)> = user_group::table
            .inner_join(
                groups::table.on(groups::institution_id
                    .eq(user_group::institution_id)
                    .and(groups::id.eq(user_group::group_id))),
            )
            .filter(user_group::institution_id.is(self.institution()))
            .filter(user_group::user_id.is(id))
            .filter(user_group::first_day.is_null().or(user_group::first_day.until(Some(today))))
            .filter(user_group::last_day.is_null().or(user_group::last_day.from(Some(today))))
            .filter(groups::archived_at.is_null())
            .order(groups::id)
            .select((groups::id, groups::name))
            .load(self.connection)?;
        self.open_rows(
            &rows,
            |(group, _)| group.as_uuid(),
            |reader, (group, name)| {
                let mut opener = reader.opener("groups", group.as_uuid(), reader.shared_owner());
                Ok((*group, opener.required_kept("name", name, Label::kept)?))
            },
        )
    }
}

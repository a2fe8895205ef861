//! Users as they are kept.

use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{Role, UserRights};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{GroupId, UserId};
use groeilijn_domain::values::person::Gender;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::key_owner;
use crate::access::schema::{account, users};
use crate::children::schema::user_group;
use crate::handles::tenant::TenantReader;
use crate::person_name::open_name;

pub(super) const TABLE: &str = "users";

/// A user as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// Her id, which is also her account's.
    pub id: UserId,
    /// What is known of her.
    pub fields: UserFields,
    /// How her account stands.
    pub state: AccountState,
    /// How often she was changed.
    pub revision: i32,
    /// When she was entered, in UTC.
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct EntitlementRow {
    role: Role,
    state: AccountState,
    rights: Option<UserRights>,
    last_day: Option<Date>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: UserId,
    name: Vec<u8>,
    gender: Vec<u8>,
    email: Vec<u8>,
    revision: i32,
    created_at: Timestamp,
}

impl TenantReader<'_> {
    /// Users in the order of their ids, after the one with id `after`.
    pub fn users(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredUser>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &UserId, limit| {
            let rows: Vec<UserRow> = users::table
                .filter(users::institution_id.is(institution))
                .filter(users::id.after(*after))
                .order(users::id)
                .limit(limit)
                .select(columns::<UserRow>())
                .load(reader.connection)?;
            reader.open_keys(rows.iter().map(|row| key_owner::user(row.id)))?;
            Ok(rows)
        };
        fill_page(
            self,
            page_start(after),
            limit,
            rows,
            |row| row.id,
            |reader, row| {
                let opened = reader.open_user(&row);
                reader.readable(row.id, opened)
            },
        )
    }

    /// One user.
    pub fn user(&mut self, id: UserId) -> Result<StoredUser> {
        let institution = self.institution();
        let row = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::id.is(id))
            .select(columns::<UserRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        self.open_user(&row)
    }

    fn open_user(&mut self, row: &UserRow) -> Result<StoredUser> {
        let id = row.id;
        let account: EntitlementRow = account::table
            .filter(account::id.is(id))
            .select(columns::<EntitlementRow>())
            .first(self.connection)?;
        let Role::Institution(function) = account.role else { return Err(Error::Unreadable(TABLE)) };
        let groups = self.groups_of_user(id)?;
        let mut opener = self.opener(TABLE, id.as_uuid(), key_owner::user(id));
        let user = StoredUser {
            id,
            fields: UserFields {
                name: open_name(&mut opener, &row.name)?,
                gender: opener.required("gender", &row.gender, |text| Gender::from_code(text).ok_or(()))?,
                email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
                function,
                groups,
                rights: account.rights.unwrap_or_default(),
                last_day: account.last_day,
            },
            state: account.state,
            revision: row.revision,
            created_at: row.created_at,
        };
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(user)
    }

    /// The groups that a user is given.
    pub fn groups_of_user(&mut self, id: UserId) -> Result<Vec<GroupId>> {
        Ok(user_group::table
            .filter(user_group::institution_id.is(self.institution()))
            .filter(user_group::user_id.is(id))
            .order(user_group::group_id)
            .select(user_group::group_id)
            .load(self.connection)?)
    }
}

//! Users as they are kept.

use groeilijn_domain::access::email_address::{AddressDue, AddressException};
use groeilijn_domain::access::membership::is_over;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::user::UserFields;
use groeilijn_domain::access::{
    Entitlement, Function, GivenGroup, GivenGroups, GivenLocation, GivenLocations,
};
use groeilijn_domain::audit::entry::ObjectKind;
use groeilijn_domain::values::calendar::amsterdam_date;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_domain::values::ids::{AccountId, GroupId, LocationId, UserId};
use groeilijn_domain::values::person::{Gender, PersonName};
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};
use groeilijn_engine::readable::fill_page;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::schema::users;
use crate::access::{account, key_owner, membership};
use crate::children::schema::{user_group, user_location};
use crate::handles::tenant::TenantReader;
use crate::institutions::location::StoredLocation;
use crate::person_name::open_name;

pub(crate) const TABLE: &str = "users";

/// A user as she is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// Her id at the institution.
    pub id: UserId,
    /// What she logs in with.
    pub account: AccountId,
    /// What is known of her.
    pub fields: UserFields,
    /// How she stands, as her institution sees it.
    pub state: AccountState,
    /// How the institution itself has her: wrong passwords may shut out whom it lets in.
    pub(super) own_state: AccountState,
    /// How often she was changed.
    pub revision: i32,
    /// When she was entered, in UTC.
    pub created_at: Timestamp,
    /// Why she has to log in with another address before she does anything else.
    pub address_due: Option<AddressDue>,
    /// The leave that she has to log in with an address of another organisation, and its last day in Amsterdam.
    pub address_exception: Option<(AddressException, Date)>,
}

impl StoredUser {
    /// What she was entitled to before she is set to this state, if she is set to any. Whom wrong passwords shut out is let
    /// in by her institution all the same, until it blocks her itself.
    pub fn entitlement_before(&self, set_to: Option<AccountState>) -> Entitlement {
        let is_blocked = set_to == Some(AccountState::Blocked);
        self.fields.entitlement(if is_blocked { self.own_state } else { self.state })
    }
}

/// As whom a user is known to colleagues.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownUser {
    /// Her name.
    pub name: PersonName,
    /// What she does at the institution.
    pub function: Function,
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
    address_exception: Option<Vec<u8>>,
    address_exception_until: Option<Date>,
}

impl TenantReader<'_> {
    /// Users in the order of their ids, after the one with id `after`.
    pub fn users(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredUser>> {
        self.users_of_whom(|_| true, after, limit)
    }

    /// Those of them who have to log in with another address.
    pub fn users_with_address_due(&mut self, after: Option<UserId>, limit: i64) -> Result<Vec<StoredUser>> {
        self.users_of_whom(|due| due.is_some(), after, limit)
    }

    fn users_of_whom(
        &mut self,
        wanted: impl Fn(Option<AddressDue>) -> bool,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<StoredUser>> {
        let institution = self.institution();
        let rows = |reader: &mut Self, after: &UserId, limit| {
            let rows: Vec<UserRow> = users::table
                .filter(users::institution_id.is(institution))
                .filter(users::id.after(*after))
                .filter(users::ended_at.is_null())
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
                let (store, institution) = (reader.store(), reader.institution());
                let opened = match membership::load(reader.connection, store, institution, row.id) {
                    Ok(found) if !wanted(found.address_due) => return Ok(None),
                    found => found.and_then(|membership| reader.open_user(&row, &membership)),
                };
                reader.readable(row.id, opened)
            },
        )
    }

    /// One user, until she is a stub: then nothing is known of her any more.
    pub fn user(&mut self, id: UserId) -> Result<StoredUser> {
        let institution = self.institution();
        let row = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::id.is(id))
            .filter(users::ended_at.is_null())
            .select(columns::<UserRow>())
            .first(self.connection)
            .optional()?
            .ok_or(Error::NotFound)?;
        let membership = membership::load(self.connection, self.store(), institution, id)?;
        self.open_user(&row, &membership)
    }

    /// As whom a user is known, as long as she is; nothing of who never was a user of the institution.
    ///
    /// # Errors
    /// When the database or the key store is busy or cannot be read.
    pub(crate) fn known_user(&mut self, id: UserId) -> Result<Option<KnownUser>> {
        let institution = self.institution();
        let stored: Option<Vec<u8>> = users::table
            .filter(users::institution_id.is(institution))
            .filter(users::id.is(id))
            .filter(users::ended_at.is_null())
            .select(users::name)
            .first(self.connection)
            .optional()?;
        let Some(stored) = stored else { return Ok(None) };
        let function = membership::load(self.connection, self.store(), institution, id)?.function;
        let mut opener = self.opener(TABLE, id.as_uuid(), key_owner::user(id));
        let opened = open_name(&mut opener, &stored);
        let known = self.readable(id, opened)?.map(|name| KnownUser { name, function });
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(known)
    }

    /// Whether somebody who was a user of the institution is let in no more: she was blocked or forgotten, or her last day is
    /// over.
    pub(crate) fn has_left(&mut self, id: UserId) -> Result<bool> {
        let today = amsterdam_date(self.now());
        match membership::load(self.connection, self.store(), self.institution(), id) {
            Err(Error::NotFound) => Ok(true),
            found => {
                let found = found?;
                Ok(is_over(found.state, found.last_day, today))
            }
        }
    }

    fn open_user(&mut self, row: &UserRow, membership: &membership::MembershipRow) -> Result<StoredUser> {
        let id = row.id;
        let login = account::load(self.connection, self.store(), membership.account_id)?;
        let groups = self.groups_of_user(id)?;
        let locations = membership.is_limited_to_locations().then(|| self.given_locations(id)).transpose()?;
        let exception = self.open_exception(id, row.address_exception.as_deref())?;
        let mut opener = self.opener(TABLE, id.as_uuid(), key_owner::user(id));
        let user = StoredUser {
            id,
            fields: UserFields {
                name: open_name(&mut opener, &row.name)?,
                gender: opener.required("gender", &row.gender, |text| Gender::from_code(text).ok_or(()))?,
                email: opener.required_kept("email", &row.email, EmailAddress::kept)?,
                function: membership.function,
                groups,
                locations,
                rights: membership.rights.clone().unwrap_or_default(),
                last_day: membership.last_day,
            },
            account: membership.account_id,
            state: membership.standing().as_seen(login.state),
            own_state: membership.state,
            revision: row.revision,
            created_at: row.created_at,
            address_due: membership.address_due,
            address_exception: exception.zip(row.address_exception_until),
        };
        self.touch(ObjectKind::User, id.as_uuid());
        Ok(user)
    }

    /// The groups that a user is given, on whichever days.
    pub fn groups_of_user(&mut self, id: UserId) -> Result<GivenGroups> {
        let rows: Vec<(GroupId, Option<Date>, Option<Date>)> = user_group::table
            .filter(user_group::institution_id.is(self.institution()))
            .filter(user_group::user_id.is(id))
            .order(user_group::group_id)
            .select((user_group::group_id, user_group::first_day, user_group::last_day))
            .load(self.connection)?;
        let given = rows.into_iter();
        Ok(given.map(|(group, first_day, last_day)| GivenGroup { group, first_day, last_day }).collect())
    }

    /// The locations that a user is limited to, on whichever days; `None` for one who is not limited.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn locations_of_user(&mut self, id: UserId) -> Result<Option<GivenLocations>> {
        let membership = membership::load(self.connection, self.store(), self.institution(), id)?;
        membership.is_limited_to_locations().then(|| self.given_locations(id)).transpose()
    }

    /// The locations that a user is limited to today; `None` for one who is not limited.
    ///
    /// # Errors
    /// As [`Self::locations_of_user`].
    pub fn own_locations(&mut self, id: UserId) -> Result<Option<Vec<StoredLocation>>> {
        let Some(given) = self.locations_of_user(id)? else { return Ok(None) };
        let today = self.today();
        let today: Vec<_> = given.iter().filter(|given| given.holds_on(today)).collect();
        let mut locations = Vec::with_capacity(today.len());
        for given in today {
            let opened = self.location(given.location);
            locations.extend(self.readable(given.location, opened)?);
        }
        Ok(Some(locations))
    }

    fn given_locations(&mut self, id: UserId) -> Result<GivenLocations> {
        let rows: Vec<(LocationId, Option<Date>, Option<Date>)> = user_location::table
            .filter(user_location::institution_id.is(self.institution()))
            .filter(user_location::user_id.is(id))
            .order(user_location::location_id)
            .select((user_location::location_id, user_location::first_day, user_location::last_day))
            .load(self.connection)?;
        let given = |(location, first_day, last_day)| GivenLocation { location, first_day, last_day };
        Ok(rows.into_iter().map(given).collect())
    }
}
